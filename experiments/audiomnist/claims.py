"""Verdicts on published numbers and claims as statistics: `verdicts.csv`, `claims.csv`."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.judge.bootstrap import Interval, mean_interval
from earwitness.report.claims import Claim, claim
from earwitness.report.verdicts import Verdict, table, verdict
from experiments.audiomnist.explain import NETWORKS, Explained, read_explained
from experiments.audiomnist.tables import checks, difference, predictions, write

PUBLISHED = Path(__file__).with_name("published.yaml")


def main(cfg: DictConfig) -> None:
    """Write the verdicts and the claims."""
    sweep.finish(cfg)
    predicted = predictions(cfg)
    write(table(verdicts(cfg, predicted), Verdict), cfg, "verdicts.csv")
    write(table(claims(cfg, predicted), Claim), cfg, "claims.csv")


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
            found = difference(predicted, study, better, worse, cfg.seed)
            yield claim(f"{identity}_{study}", text, found, names[study])
    explained = read_explained(cfg)
    for pair, studies in cfg.explain.pairs.items():
        yield claim(
            f"sex_relevance_lies_lower_{pair}",
            "ours: AlexNet's relevance for the sex lies lower in frequency than for the digit "
            "(difference of mean frequencies in Hz, same clips)",
            frequency_difference([clip for clip in explained if clip.row.pair == pair], cfg.seed),
            names[studies.digit],
        )
    yield from evidence_claims(cfg, checks(cfg))


def evidence_claims(cfg: DictConfig, judged: pd.DataFrame) -> Iterator[Claim]:
    """Whether relevance points to planted evidence, where there is any."""
    names = sweep.corpus_names(cfg)
    evidence = judged.check.str.startswith("evidence") & (judged.over == "time-frequency")
    located = judged[evidence & (judged.method == "lrp")]
    for (pair, task, network), group in located.groupby(["pair", "task", "network"], sort=False):
        shares = group.pivot(
            index=["speaker", "clip"], columns=["check", "weights"], values="value"
        )
        trained = shares["evidence", "trained"]
        against = {
            "energy": ("the sound's energy has there", shares["evidence_by_energy", "trained"]),
            "randomised": (
                "after the network has been randomised",
                shares["evidence", "randomised"],
            ),
        }
        for name, (text, other) in against.items():
            apart = (trained - other).dropna()
            speakers = apart.index.get_level_values("speaker").to_series(index=apart.index)
            yield claim(
                f"evidence_above_{name}_{pair}_{task}_{network}",
                f"ours: {NETWORKS[network]}'s relevance for the {task} lies in the planted "
                f"evidence, more than {text} (difference of shares)",
                mean_interval(apart, speakers, seed=cfg.seed),
                names[cfg.explain.pairs[pair].digit],
            )


def comparisons(label: str) -> Iterator[tuple[str, str, str, str]]:
    """Claims about accuracies: id, text, the better and the worse model."""
    if label == "digit":
        text = "the spectrogram network is more accurate than the waveform network (digit)"
        yield "spectrogram_beats_waveform", text, "alexnet", "audionet"
    for model, name in NETWORKS.items():
        text = f"ours: {name} is more accurate than MFCC statistics with a linear model ({label})"
        yield f"{model}_beats_simple_peer", text, model, "mfcc_logistic"


def frequency_difference(explained: list[Explained], seed: int) -> Interval:
    """Mean frequency of positive digit relevance minus that of sex relevance, in Hz."""
    differences = [
        mean_frequency(clip, "digit") - mean_frequency(clip, "sex") for clip in explained
    ]
    speakers = pd.Series([clip.row.speaker for clip in explained])
    return mean_interval(pd.Series(differences), speakers, seed=seed)


def mean_frequency(clip: Explained, task: str) -> float:
    """Mean frequency in Hz of what speaks for AlexNet's answer, weighted by relevance."""
    relevance = clip.explanation(task, "alexnet").positive().over_frequency()
    frequencies = relevance.axis("frequency").values
    return float((relevance.values * frequencies).sum() / relevance.values.sum().clamp(min=1e-12))


if __name__ == "__main__":
    config.run_stage(main)
