"""What the results are: each function one table under `tables/`."""

import pandas as pd
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.files import atomic
from earwitness.judge.bootstrap import Interval, mean_interval
from earwitness.judge.randomisation import ORIGINAL
from experiments.audiomnist.checks import sanity as sanity_check


def main(cfg: DictConfig) -> None:
    """Write the tables of the paper.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.finish(cfg)
    found = {
        "accuracy": accuracy(cfg, predictions(cfg)),
        "sanity": sanity(cfg, checks(cfg)),
    }
    for name, table in found.items():
        write(table, cfg, f"tables/{name}.csv")


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


def checks(cfg: DictConfig) -> pd.DataFrame:
    """Every check of the trained networks and of those that have forgotten everything.

    `weights` are `trained` or `randomised`; the steps between are left out.
    """
    table = pd.read_csv(sanity_check.path(cfg), dtype={"speaker": str, "clip": str})
    table["over"] = table.over.fillna("")
    last = table.groupby(["pair", "task", "network", "method"]).layer.transform("last")
    table["weights"] = table.layer.map({ORIGINAL: "trained"}).fillna("randomised")
    return table[table.layer.isin([ORIGINAL]) | (table.layer == last)]


def sanity(cfg: DictConfig, judged: pd.DataFrame) -> pd.DataFrame:
    """Mean of each check with a 95 % interval over speakers."""
    names = sweep.corpus_names(cfg)
    rows = []
    kinds = ["pair", "task", "network", "method", "check", "over", "weights"]
    told = judged.dropna(subset="value").sort_values(kinds[:4], kind="stable")
    for kind, group in told.groupby(kinds, sort=False):
        interval = mean_interval(group.value, group.speaker, seed=cfg.seed)
        corpus = names[cfg.explain.pairs[kind[0]].digit]
        rows.append(
            {"corpus": corpus}
            | dict(zip(kinds[1:], kind[1:], strict=True))
            | {
                "clips": len(group),
                "mean": interval.value,
                "ci_low": interval.low,
                "ci_high": interval.high,
            }
        )
    return pd.DataFrame(rows)


def difference(predicted: pd.DataFrame, study: str, better: str, worse: str, seed: int) -> Interval:
    """Accuracy of one model minus another's on the same clips, resampling speakers."""
    chosen = predicted[predicted.study == study]
    wide = chosen.pivot(index=["speaker", "file"], columns="model", values="correct")
    speakers = wide.index.get_level_values("speaker").to_series(index=wide.index)
    return mean_interval(wide[better] - wide[worse], speakers, seed=seed)


def write(table: pd.DataFrame, cfg: DictConfig, name: str) -> None:
    """Write a table under the paper's results, fractions with four decimals."""
    with atomic(config.paper_folder(cfg, "results") / name) as temporary:
        table.to_csv(temporary, index=False, float_format="%.4f")


if __name__ == "__main__":
    config.run_stage(main)
