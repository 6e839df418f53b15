from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from omegaconf import DictConfig

from experiments.baselines import figures, measure
from experiments.baselines.measures import MEASURES
from reproduction import config


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Figures as they are saved."""
    kept: list[Figure] = []
    monkeypatch.setattr(
        Figure, "savefig", lambda self, path, **_: (kept.append(self), path.touch())
    )
    return kept


def tables(run: DictConfig) -> Path:
    return config.paper_folder(run, "results") / "tables"


def test_every_figure_is_drawn(run: DictConfig) -> None:
    figures.main(run)
    folder = config.paper_folder(run, "results") / "figures"
    assert {path.name for path in folder.iterdir()} == {
        "methods.png",
        "ranks.png",
        "classifiers.png",
    }


def test_rows_are_methods_and_then_controls(
    run: DictConfig, drawn: list[Figure], tmp_path: Path
) -> None:
    """By their rank; those left out of some networks say of how many they are."""
    names = figures.method_labels(run)
    figures.methods(tables(run), names, tmp_path / "methods.png")
    (figure,) = drawn
    assert len(figure.axes) == len(MEASURES)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(labels) == len(run.explainers) + len(run.controls)
    controls = {names[name] for name in run.controls}
    assert set(labels[-len(controls) :]) == controls
    networks = sum(len(of) for of in measure.compared_networks(run).values())
    assert f"LRP EpsilonPlus (3 of {networks})" in labels
    assert "gradient" in labels


def test_order_is_that_of_ranks(run: DictConfig) -> None:
    told = pd.read_csv(tables(run) / "ranks.csv")
    overall = told[told.measure == "overall"].set_index("method")
    names = figures.in_order(told)
    methods = names[: len(run.explainers)]
    assert overall["rank"][methods].is_monotonic_increasing
    assert set(names[len(methods) :]) == set(run.controls)


def test_everything_has_a_name(run: DictConfig) -> None:
    """Methods, controls, measures and classifiers."""
    assert {*run.explainers, *run.controls} == figures.method_labels(run).keys()
    assert figures.MEASURE_LABELS.keys() == MEASURES.keys()
    told = pd.read_csv(tables(run) / "classifiers.csv")
    assert set(told.classifier) <= figures.classifier_names(measure.compared_networks(run)).keys()
    assert set(told.kind) <= figures.MARKS.keys()
    assert set(told.measure) <= figures.LOWEST.keys()
