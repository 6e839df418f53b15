"""Every model by record and on what was left out, with published levels where they belong."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.heart.figures.__main__ import PUBLISHED
from experiments.heart.figures.classification import classification, levels
from experiments.heart.tables.classification import MODELS, SPLITS

CORPUS = "PhysioNet 2016"
PANELS = [SPLITS["record"], SPLITS["database"], "database a left out", "database b left out"]


def table(folder: Path, corpus: str = CORPUS) -> Path:
    """Two models, the other first in every other split; scores grow; clips of the leak are last."""
    kinds = ["features", "segmentation", "network"]
    rows = [
        {"split": split, "unit": unit, "n": 10 * (index + 1), "MAcc": 0.5 + index / 10 + more}
        | dict(zip(kinds, MODELS[model], strict=True))
        for index, (split, unit) in enumerate(
            [(SPLITS["segment"], "segment"), *((split, "recording") for split in PANELS)]
        )
        for model, more in list({"rubin": 0.0, "mfcc": 0.05}.items())[:: (-1) ** index]
    ]
    told = pd.DataFrame(rows).assign(corpus=corpus)
    told = told.assign(MAcc_low=told.MAcc - 0.05, MAcc_high=told.MAcc + 0.02)
    told.iloc[::-1].to_csv(folder / "classification.csv", index=False)
    return folder / "classification.csv"


def published_lines(figure: Figure) -> dict[str, float]:
    """The named lines of the first panel and where they stand."""
    lines = {line.get_label(): line.get_xdata()[0] for line in figure.axes[0].lines}
    return {name: place for name, place in lines.items() if not name.startswith("_")}


def test_splits_stand_in_their_order(tmp_path: Path, drawings: list[Figure]) -> None:
    """Whatever the order of the table; clips that leak are not recordings."""
    classification(table(tmp_path), PUBLISHED, tmp_path / "classification.png")
    titles = [panel.get_title() for panel in drawings[0].axes]
    assert titles == [
        f"{split}\n{10 * index} recordings" for index, split in enumerate(PANELS, start=2)
    ]


def test_each_model_stands_at_its_score(tmp_path: Path, drawings: list[Figure]) -> None:
    """In every panel in the same order, with its interval."""
    classification(table(tmp_path), PUBLISHED, tmp_path / "classification.png")
    panels = drawings[0].axes
    assert [label.get_text() for label in panels[0].get_yticklabels()] == [
        "MFCC alone",
        "Rubin et al.",
    ]
    for index, panel in enumerate(panels, start=1):
        dots, _, (bars,) = panel.containers[0].lines
        macc = 0.5 + index / 10
        assert dots.get_xdata() == pytest.approx([macc + 0.05, macc])
        low, high = bars.get_segments()[1][:, 0]
        assert (low, high) == pytest.approx((macc - 0.05, macc + 0.02))


def test_published_levels_stand_in_the_first_panel(tmp_path: Path, drawings: list[Figure]) -> None:
    """Those in cross-validation and on the hidden test, and say which is which."""
    classification(table(tmp_path), PUBLISHED, tmp_path / "classification.png")
    assert published_lines(drawings[0]) == {
        "Zabihi, CV: 0.915": 0.915,
        "Potes, hidden test: 0.860": 0.8602,
    }
    (legend,) = drawings[0].legends
    assert [text.get_text() for text in legend.texts] == list(published_lines(drawings[0]))


def test_published_levels_are_not_those_of_synthetic_hearts(
    tmp_path: Path, drawings: list[Figure]
) -> None:
    """Nor of any other corpus."""
    path = table(tmp_path, "Synthetic hearts")
    classification(path, PUBLISHED, tmp_path / "classification.png")
    assert not published_lines(drawings[0])
    assert not drawings[0].legends
    assert levels(PUBLISHED, "CirCor") == []
