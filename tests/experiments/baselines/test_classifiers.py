from pathlib import Path

import pandas as pd
import pytest
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score

from experiments.baselines.classifiers import table
from experiments.baselines.measure import paper_config
from reproduction import sweep


@pytest.fixture(scope="module")
def found(run: DictConfig) -> pd.DataFrame:
    return table(run)


def value(found: pd.DataFrame, paper: str, task: str, classifier: str) -> float:
    own = found[(found.paper == paper) & (found.task == task) & (found.classifier == classifier)]
    (row,) = own.value
    return float(row)


def test_simple_peers_and_constants_stand_beside_networks(found: pd.DataFrame) -> None:
    """Where the papers have any."""
    kinds = found.groupby(["paper", "task"]).kind.agg(set).to_dict()
    assert kinds["audiomnist", "digit"] == {"paper", "simple peer", "control"}
    assert kinds["heart", "diagnosis"] == {"paper", "simple peer", "control"}
    assert kinds["audiolime", "tags"] == {"paper", "control"}
    assert kinds["midlevel", "emotions"] == {"paper"}


def test_numbers_are_those_of_the_papers_tables(run: DictConfig, found: pd.DataFrame) -> None:
    """Of digits, hearts, songs and tags; the papers' own code has made them."""
    folder = Path(run.runs_dir).parent / "results/tiny"
    accuracy, hearts, songs, tags = (
        pd.read_csv(folder / name)
        for name in (
            "audiomnist/tables/accuracy.csv",
            "heart/tables/classification.csv",
            "midlevel/tables/correlations.csv",
            "audiolime/tables/taggers.csv",
        )
    )
    forest = hearts[(hearts.split == "by record") & (hearts.network == "random forest")]
    box = songs[(songs.scheme == "A2E") & (songs.emotion == "mean")]
    expected = {
        ("audiomnist", row["task"], row["network"]): row["mean"] for _, row in accuracy.iterrows()
    }
    expected["heart", "diagnosis", "forest"] = forest.MAcc.item()
    expected["midlevel", "emotions", "a2e"] = box["mean"].item()
    for tagger, area in tags.groupby("tagger").auc.mean().items():
        expected["audiolime", "tags", str(tagger)] = area
    for row, number in expected.items():
        assert value(found, *row) == pytest.approx(number, abs=1e-3)


def test_a_constant_knows_nothing(run: DictConfig, found: pd.DataFrame) -> None:
    """The commonest label, one of two classes, and half of the area."""
    predicted = sweep.predictions(paper_config(run, "audiomnist"), "synthetic_digit")
    labels = predicted.drop_duplicates("file").label
    expected = labels.value_counts(normalize=True).max()
    assert value(found, "audiomnist", "digit", "constant") == pytest.approx(expected)
    assert value(found, "heart", "diagnosis", "constant") == 0.5
    assert value(found, "audiolime", "tags", "constant") == 0.5
    assert roc_auc_score([0, 1], [0.5, 0.5]) == 0.5
