"""What the results are: each function one table under `tables/`."""

from itertools import product

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from torch import nn

from earwitness.corpora.audiomnist import CLASSES
from earwitness.corpora.labels import SEXES
from earwitness.judge import fidelity as lmac
from earwitness.judge.bootstrap import Interval, mean_interval
from earwitness.judge.cost import Cost, cost
from earwitness.judge.randomisation import ORIGINAL
from earwitness.sound.audio import RATE
from experiments.audiomnist.checks import sample_manipulation as sample_check
from experiments.audiomnist.explain import NETWORKS
from reproduction import config, sweep
from reproduction.results import checks
from reproduction.results import outputs as results
from reproduction.results.means import AS_MEAN, mean_by_speaker, means
from reproduction.training.trained import audio_model

COUNTED = {"clips": "file", "speakers": "speaker"}
"""What tables count of each kind of rows."""


def main(cfg: DictConfig) -> None:
    """Write the tables of the paper.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.require_finished(cfg)
    predicted, judged = predictions(cfg), checked(cfg)
    tables = {
        "accuracy": accuracy(cfg, predicted),
        "sanity": sanity(cfg, judged),
        "sample_manipulation": sample_manipulation(cfg),
        "frequency_manipulation": frequency_manipulation(cfg),
        "fidelity": fidelity(cfg),
        "networks": networks(cfg, predicted, judged),
    }
    results.write(cfg, tables, "tables")


def predictions(cfg: DictConfig) -> pd.DataFrame:
    """Every test prediction with its task and whether it is correct (0 or 1)."""
    table = sweep.predictions(cfg)
    tasks = table.study.map({study: settings.label for study, settings in cfg.studies.items()})
    return table.assign(task=tasks, correct=(table.label == table.predicted).astype(int))


def accuracy(cfg: DictConfig, predicted: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over folds, and a 95 % interval over speakers."""
    names = sweep.corpus_names(cfg)
    rows = []
    for (study, task, model), group in predicted.groupby(["study", "task", "model"], sort=False):
        folds = group.groupby("fold").correct.mean()
        interval = mean_interval(group.correct, group.speaker, seed=cfg.seed)
        rows.append(
            {
                "corpus": names[study],
                "task": task,
                "network": model,
                "folds": len(folds),
                "mean": folds.mean(),
                "sd": folds.std(ddof=1),
                "ci_low": interval.low,
                "ci_high": interval.high,
            }
        )
    return pd.DataFrame(rows)


def checked(cfg: DictConfig) -> pd.DataFrame:
    """Every check of the trained networks and of those that have forgotten everything.

    `weights` are `trained` or `randomised`; the steps between are left out.
    """
    table = checks.read(cfg, "sanity")
    table["over"] = table.over.fillna("")
    last = table.groupby(["pair", "task", "network", "method"]).layer.transform("last")
    table["weights"] = table.layer.map({ORIGINAL: "trained"}).fillna("randomised")
    return table[table.layer.isin([ORIGINAL]) | (table.layer == last)]


def sanity(cfg: DictConfig, judged: pd.DataFrame) -> pd.DataFrame:
    """Mean of each check with a 95 % interval over speakers."""
    names = sweep.corpus_names(cfg)
    kinds = ["pair", "task", "network", "method", "check", "over", "weights"]
    known = judged.dropna(subset="value").sort_values(kinds[:4], kind="stable")
    table = means(known, kinds, ["value"], cfg.seed, {"clips": "clip"}).rename(columns=AS_MEAN)
    table.insert(0, "corpus", [names[cfg.explain.pairs[pair].digit] for pair in table.pair])
    return table.drop(columns="pair")


def frequency_manipulation(cfg: DictConfig) -> pd.DataFrame:
    """Accuracy under each condition with its interval, and on the clips of either sex alone."""
    rows = checks.read(cfg, "frequency_manipulation")
    of_sexes = {sex: rows.correct.where(rows.sex == sex) for sex in SEXES}
    rows = rows.assign(value=rows.correct, **of_sexes)
    kinds = ["study", "network", "condition"]
    table = means(rows, kinds, ["value"], cfg.seed, COUNTED, SEXES).rename(columns=AS_MEAN)
    return with_corpus(cfg, table)


def with_corpus(cfg: DictConfig, table: pd.DataFrame) -> pd.DataFrame:
    """The table with corpus and task in the place of the study, its first column."""
    tasks = {study: settings.label for study, settings in cfg.studies.items()}
    table.insert(0, "corpus", table.study.map(sweep.corpus_names(cfg)))
    table.insert(1, "task", table.study.map(tasks))
    return table.drop(columns="study")


def networks(cfg: DictConfig, predicted: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of each model beside what it costs and how its relevance fares in the checks.

    The checks are of the clips that were explained, which may be of another corpus.
    """
    scores = accuracy(cfg, predicted).drop(columns=["folds", "sd"])
    kinds = predicted[["study", "model"]].drop_duplicates(ignore_index=True)  # the same order
    costs = pd.DataFrame([spent(cfg, kind.study, kind.model) for kind in kinds.itertuples()])
    trusted = kinds.join(explanation_quality(cfg, judged), on=["study", "model"])
    return pd.concat([scores, costs, trusted.drop(columns=kinds.columns)], axis=1)


def spent(cfg: DictConfig, study: str, model: str) -> dict[str, float]:
    """Parameters, multiply-accumulates of one answer (10^6) and of training on a fold (10^9).

    The linear model is not trained by passing clips through it a number of times.
    """
    settings = cfg.studies[study]
    if model in NETWORKS:
        trained = audio_model(cfg, f"{study}/{model}/{settings.folds[0]}")
        counts = cost(trained.frontend, trained.network, RATE)
        examples = settings.steps[model] * cfg.models[model].schedule.batch_size
    else:
        counts, examples = cost_of_peer(cfg, settings.label, model), np.nan
    return {
        "parameters": counts.parameters,
        "answer_mmac": counts.forward / 1e6,
        "training_gmac": counts.training_step * examples / 1e9,
    }


def cost_of_peer(cfg: DictConfig, label: str, model: str) -> Cost:
    """What the MFCC statistics and the linear model cost; it has one output for two classes."""
    peer = config.build(cfg.models[model])
    count = len(CLASSES[label])
    outputs = count if count > 2 else 1
    linear = nn.utils.skip_init(nn.Linear, 4 * peer.coefficients, outputs)
    return cost(peer.features, linear, RATE)


def explanation_quality(cfg: DictConfig, judged: pd.DataFrame) -> pd.DataFrame:
    """Of LRP, by study and network.

    Share in the evidence, likeness once all is randomised, and by how much the probability of the
    answer is higher for the audible part than for the rest, by the other networks.
    """
    of_lrp = judged[judged.method == "lrp"]
    kinds = zip(of_lrp.pair, of_lrp.task, strict=True)
    of_lrp = of_lrp.assign(study=[cfg.explain.pairs[pair][task] for pair, task in kinds])
    located = (of_lrp.check == "evidence") & (of_lrp.over == "time-frequency")
    alike = (of_lrp.check == "likeness") & (of_lrp.weights == "randomised")
    parts = {
        "evidence_lrp": of_lrp[located & (of_lrp.weights == "trained")],
        "likeness_lrp": of_lrp[alike],
    }
    fidelities = checks.read(cfg, "fidelity")
    masked = fidelities[
        (fidelities.method == "lrp") & (fidelities.rendering == "spectrogram") & ~fidelities.itself
    ]
    parts["heard_above_rest_lrp"] = masked.assign(value=masked.heard - masked.rest)
    return pd.DataFrame(
        {name: part.groupby(["study", "network"]).value.mean() for name, part in parts.items()}
    )


def sample_manipulation(cfg: DictConfig) -> pd.DataFrame:
    """Accuracy by method and percentage, and how far it is below the random choice's.

    Both are of the same clips, with intervals over speakers. The last percentage of a method is
    a range, and its accuracy the mean over it: the area below the curve.
    """
    names = sweep.corpus_names(cfg)
    accuracies = sample_check.accuracy(cfg)
    rows = []
    for study, method in product(cfg.studies, sample_check.method_labels(cfg)):
        answered, random = accuracies.loc[study, method], accuracies.loc[study, "random"]
        for percent in accuracies:
            mean = mean_by_speaker(answered[percent], cfg.seed)
            below = mean_by_speaker(random[percent] - answered[percent], cfg.seed)
            named = names[study], cfg.studies[study].label, cfg.sample_manipulation.network
            rows.append((*named, method, percent, len(answered), mean.n, *mean[:3], *below[:3]))
    columns = ["corpus", "task", "network", "method", "percent", "clips", "speakers"]
    columns += ["mean", "ci_low", "ci_high", "below_random", "below_ci_low", "below_ci_high"]
    return pd.DataFrame(rows, columns=columns)


def fidelity(cfg: DictConfig) -> pd.DataFrame:
    """What is recognised of each network's explanations, by itself and by the others together.

    Probabilities of the explained answer (p, heard, rest), the measures of L-MAC, all as
    fractions, the share that is answered as explained, and sparseness and complexity (in nats).
    """
    rows = checks.read(cfg, "fidelity")
    measured = pd.concat([rows, lmac.fidelity(rows)], axis=1)
    measured = measured.rename(
        columns={"same_class": "recognised", "sparseness": "SPS", "complexity": "COMP"}
    )
    measured["listener"] = measured.itself.map({True: "itself", False: "others"})
    kinds = ["study", "network", "listener", "method", "rendering"]
    measured = measured.sort_values(kinds[:3], kind="stable")
    values = ["p", "heard", "rest", "AI", "FF", "Fid-In"]
    plain = ["AD", "AG", "recognised", "SPS", "COMP"]
    return with_corpus(cfg, means(measured, kinds, values, cfg.seed, COUNTED, plain))


def difference(predicted: pd.DataFrame, study: str, better: str, worse: str, seed: int) -> Interval:
    """Accuracy of one model minus another's on the same clips, resampling speakers."""
    chosen = predicted[predicted.study == study]
    wide = chosen.pivot(index=["speaker", "file"], columns="model", values="correct")
    return mean_by_speaker(wide[better] - wide[worse], seed)
