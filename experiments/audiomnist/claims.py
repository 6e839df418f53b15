"""Verdicts on published numbers and claims as statistics: `verdicts.csv`, `claims.csv`."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness.judge.bootstrap import Interval, mean_interval
from experiments.audiomnist.checks import fidelity, frequency_manipulation, sample_manipulation
from experiments.audiomnist.explain import NETWORKS, store
from experiments.audiomnist.tables import checked, difference, predictions
from reproduction import sweep
from reproduction.results import checks
from reproduction.results import outputs as results
from reproduction.results.claims import Claim, claim
from reproduction.results.means import mean_by_speaker
from reproduction.results.verdicts import Verdict, verdict
from reproduction.store import ExplainedClip

PUBLISHED = Path(__file__).with_name("published.yaml")


def main(cfg: DictConfig) -> None:
    """Write the verdicts and the claims."""
    sweep.require_finished(cfg)
    predicted = predictions(cfg)
    results.write_judgements(cfg, verdicts(cfg, predicted), claims(cfg, predicted))


def verdicts(cfg: DictConfig, predicted: pd.DataFrame) -> Iterator[Verdict]:
    """Each published accuracy beside ours on every corpus with its task."""
    names = sweep.corpus_names(cfg)
    for published in yaml.safe_load(PUBLISHED.read_text())["accuracies"]:
        same = (predicted.task == published["label"]) & (predicted.model == published["model"])
        for study, rows in predicted[same].groupby("study", sort=False):
            ours = mean_interval(rows.correct, rows.speaker, seed=cfg.seed)
            yield verdict(published, ours, names[study])


def claims(cfg: DictConfig, predicted: pd.DataFrame) -> Iterator[Claim]:
    """What the paper's accuracies say, and what this project adds, on every corpus."""
    names = sweep.corpus_names(cfg)
    for study, settings in cfg.studies.items():
        for identity, text, better, worse in comparisons(settings.label):
            interval = difference(predicted, study, better, worse, cfg.seed)
            yield claim(f"{identity}_{study}", text, interval, names[study])
    explained = store(cfg).read()
    for pair, studies in cfg.explain.pairs.items():
        clips = [clip for clip in explained if clip.row.pair == pair]
        for name, text, statistic in RELEVANCE_CLAIMS:
            interval = over_clips(statistic, clips, cfg.seed)
            yield claim(f"{name}_{pair}", text, interval, names[studies.digit])
    yield from evidence_claims(cfg, checked(cfg))
    yield from sample_claims(cfg, sample_manipulation.accuracy(cfg))
    yield from pitch_claims(cfg, checks.read(cfg, frequency_manipulation.CHECK))
    yield from audible_claims(cfg, checks.read(cfg, fidelity.CHECK))


def evidence_claims(cfg: DictConfig, judged: pd.DataFrame) -> Iterator[Claim]:
    """Whether relevance points to planted evidence, where there is any."""
    names = sweep.corpus_names(cfg)
    located = judged[(judged.check == "evidence") & (judged.over == "time-frequency")]
    for (pair, task, network), group in located.groupby(["pair", "task", "network"], sort=False):
        shares = group.pivot(
            index=["speaker", "clip"], columns=["method", "weights"], values="value"
        )
        trained = shares["lrp", "trained"]
        against = {
            "energy": ("the sound's energy has there", shares["energy", "trained"]),
            "randomised": ("after the network has been randomised", shares["lrp", "randomised"]),
        }
        for name, (text, other) in against.items():
            yield claim(
                f"evidence_above_{name}_{pair}_{task}_{network}",
                f"ours: {NETWORKS[network]}'s relevance for the {task} lies in the planted "
                f"evidence, more than {text} (difference of shares)",
                mean_by_speaker((trained - other).dropna(), cfg.seed),
                names[cfg.explain.pairs[pair].digit],
            )


def pitch_claims(cfg: DictConfig, answers: pd.DataFrame) -> Iterator[Claim]:
    """Whether voices pass for the other sex once moved there, and not by being moved as such."""
    names = sweep.corpus_names(cfg)
    for (study, network), group in answers.groupby(["study", "network"], sort=False):
        by_clip = group.pivot(index=["speaker", "file"], columns="condition", values="correct")
        crossed = f"{NETWORKS[network]}'s accuracy for the sex, frequencies of men moved up and "
        crossed += "of women down, is"
        against = {
            "chance": ("below chance (0.5 minus accuracy)", 0.5),
            "there_and_back": ("below that of moving them and back", by_clip.there_and_back),
            "apart": ("below that of moving them the other way round", by_clip.apart),
        }
        for name, (text, other) in against.items():
            whose = "" if name == "chance" and network == "alexnet" else "ours: "
            yield claim(
                f"moved_across_below_{name}_{study}_{network}",
                f"{whose}{crossed} {text}",
                mean_by_speaker(other - by_clip.crossed, cfg.seed),
                names[study],
            )


def sample_claims(cfg: DictConfig, answered: pd.DataFrame) -> Iterator[Claim]:
    """Whose choice of samples to set to zero costs more accuracy, on the same clips."""
    names = sweep.corpus_names(cfg)
    labels = sample_manipulation.method_labels(cfg)
    others = [name for name in cfg.sample_manipulation.explainers if name != "lrp"]
    compared = [("amplitude", "lrp", ""), ("random", "amplitude", "")]
    compared += [("amplitude", name, "ours: ") for name in others]
    for study, (weaker, stronger, whose) in product(cfg.studies, compared):
        areas = answered.loc[study].iloc[:, -1].unstack("method")
        first, second = labels[stronger], labels[weaker]
        text = (
            f"{whose}{NETWORKS[cfg.sample_manipulation.network]}'s accuracy "
            f"({cfg.studies[study].label}) falls faster where {first} chooses the samples set to "
            f"zero than where {second} does (difference of mean accuracy)"
        )
        cost = mean_by_speaker(areas[weaker] - areas[stronger], cfg.seed)
        yield claim(f"{stronger}_chooses_before_{weaker}_{study}", text, cost, names[study])


def audible_claims(cfg: DictConfig, audible: pd.DataFrame) -> Iterator[Claim]:
    """Whether independent networks recognise an answer in its audible explanation."""
    names = sweep.corpus_names(cfg)
    chosen = audible[~audible.itself & (audible.rendering == "spectrogram")]
    for (study, network), group in chosen.groupby(["study", "network"], sort=False):
        gains = (group.heard - group.rest).groupby([group.speaker, group.file, group.method])
        by_clip = gains.mean().unstack("method")
        against = {
            "rest": ("", 0.0),
            "moved": (", by more than with the mask moved elsewhere", by_clip.moved),
            "energy": (", by more than where the loudest is made audible", by_clip.energy),
        }
        for name, (text, other) in against.items():
            yield claim(
                f"heard_above_{name}_{study}_{network}",
                f"ours: independently trained networks recognise {NETWORKS[network]}'s answer "
                f"({cfg.studies[study].label}) better in its audible explanation than in the rest"
                f"{text} (difference of probabilities)",
                mean_by_speaker(by_clip.lrp - other, cfg.seed),
                names[study],
            )


def comparisons(label: str) -> Iterator[tuple[str, str, str, str]]:
    """Claims about accuracies: id, text, the better and the worse model."""
    if label == "digit":
        text = "the spectrogram network is more accurate than the waveform network (digit)"
        yield "spectrogram_beats_waveform", text, "alexnet", "audionet"
    for model, name in NETWORKS.items():
        text = f"ours: {name} is more accurate than MFCC statistics with a linear model ({label})"
        yield f"{model}_beats_simple_peer", text, model, "mfcc_logistic"
    for model in ("audionet", "alexnet"):
        text = f"ours: GammatoneNet is more accurate than {NETWORKS[model]} ({label})"
        yield f"gammatonenet_beats_{model}", text, "gammatonenet", model


def over_clips(
    statistic: Callable[[ExplainedClip], float], clips: list[ExplainedClip], seed: int
) -> Interval:
    """Mean of a statistic of each clip, resampling speakers."""
    speakers = pd.Series([clip.row.speaker for clip in clips])
    return mean_interval(pd.Series([statistic(clip) for clip in clips]), speakers, seed=seed)


def frequency_difference(clip: ExplainedClip) -> float:
    """Mean frequency of positive digit relevance minus that of sex relevance, in Hz."""
    return mean_frequency(clip, "digit") - mean_frequency(clip, "sex")


def mean_frequency(clip: ExplainedClip, task: str) -> float:
    """Mean frequency in Hz of what speaks for AlexNet's answer, weighted by relevance."""
    relevance = clip.explanation(task, "alexnet", "lrp").positive().over_frequency()
    frequencies = relevance.axis("frequency").values
    return float((relevance.values * frequencies).sum() / relevance.values.sum().clamp(min=1e-12))


def amplitude_difference(clip: ExplainedClip) -> float:
    """Mean amplitude of samples relevant for the sex minus that for the digit, of the peak."""
    return mean_amplitude(clip, "sex") - mean_amplitude(clip, "digit")


def mean_amplitude(clip: ExplainedClip, task: str) -> float:
    """Mean magnitude of the samples that speak for AudioNet's answer, weighted by relevance."""
    relevance = clip.explanation(task, "audionet", "lrp").positive().values
    magnitude = clip.wave().abs()
    share = relevance / relevance.sum().clamp(min=1e-12)
    return float((share * magnitude).sum() / magnitude.max())


RELEVANCE_CLAIMS = (
    (
        "sex_relevance_lies_lower",
        "AlexNet's relevance for the sex lies lower in frequency than for the digit "
        "(difference of mean frequencies in Hz, same clips)",
        frequency_difference,
    ),
    (
        "sex_relevance_lies_at_peaks",
        "AudioNet's relevance for the sex lies nearer to the extremes of the waveform than for the "
        "digit (difference of mean magnitudes, of the peak, same clips)",
        amplitude_difference,
    ),
)
"""Id, what the paper's heat maps show, and the statistic of a clip that should be above zero."""
