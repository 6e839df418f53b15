"""Accuracy of every model: `tables/accuracy.csv`."""

import pandas as pd
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.files import atomic
from earwitness.judge.bootstrap import Interval, mean_interval


def main(cfg: DictConfig) -> None:
    """Write the tables of the paper.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.finish(cfg)
    write(accuracy(cfg, predictions(cfg)), cfg, "tables/accuracy.csv")


def predictions(cfg: DictConfig) -> pd.DataFrame:
    """Every test prediction: study, task, model, fold, file, speaker, correct (0 or 1)."""
    parts = []
    for job in sweep.jobs(cfg):
        part = pd.read_csv(job.folder / "predictions.csv", dtype={"speaker": str})
        part["correct"] = (part.label == part.predicted).astype(int)
        part = part[["file", "speaker", "correct"]]
        parts.append(part.assign(study=job.study, model=job.model, fold=job.fold))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(task=table.study.map({k: s.label for k, s in cfg.studies.items()}))


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
