"""The three splits side by side: each model where its score is."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.heart.figures.leakage import leakage
from experiments.heart.tables.classification import MODELS, SPLITS

MACC = {
    ("mfcc", "record"): 0.9,
    ("mfcc", "segment"): 0.95,
    ("mfcc", "database"): 0.25,
    ("states", "record"): 0.7,
    ("states", "segment"): 0.75,
    ("states", "database"): 0.5,
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two models under three splits, in the order in which tables have them."""
    kinds = ["features", "segmentation", "network"]
    rows = pd.DataFrame(
        {"split": SPLITS[study], "MAcc": macc} | dict(zip(kinds, MODELS[model], strict=True))
        for (model, study), macc in MACC.items()
    )
    rows = rows.assign(corpus="Hearts", MAcc_low=rows.MAcc - 0.05, MAcc_high=rows.MAcc + 0.02)
    rows.to_csv(tmp_path / "leakage.csv", index=False)
    return tmp_path / "leakage.csv"


def test_each_model_stands_at_its_score(table: Path, drawings: list[Figure]) -> None:
    """A line of dots a split, the leak first."""
    leakage(table, table.with_suffix(".png"))
    (panel,) = drawings[0].axes
    splits = {container.get_label(): container for container in panel.containers}
    assert list(splits) == [SPLITS[study] for study in ("segment", "record", "database")]
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == ["MFCC alone", "states alone"]
    for study, split in SPLITS.items():
        found = {names[round(y)]: x for x, y in splits[split].lines[0].get_xydata()}
        told = MACC["mfcc", study], MACC["states", study]
        assert found == pytest.approx(dict(zip(names, told, strict=True)))


def test_intervals_reach_from_end_to_end(table: Path, drawings: list[Figure]) -> None:
    """All of them inside the panel, however low."""
    leakage(table, table.with_suffix(".png"))
    (panel,) = drawings[0].axes
    _, _, (bars,) = panel.containers[-1].lines
    ends = [tuple(segment[:, 0]) for segment in bars.get_segments()]
    assert ends == [pytest.approx((0.2, 0.27)), pytest.approx((0.45, 0.52))]
    assert panel.get_xlim()[0] < 0.2


def test_chance_and_every_clip_right_are_marked(table: Path, drawings: list[Figure]) -> None:
    """So that "almost 100 %" has its place."""
    leakage(table, table.with_suffix(".png"))
    marks = {line.get_label(): set(line.get_xdata()) for line in drawings[0].axes[0].lines}
    assert marks["chance"] == {0.5}
    assert marks["every clip right"] == {1}
