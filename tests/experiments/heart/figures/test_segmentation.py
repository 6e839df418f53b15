"""How well states are found, and the recordings in which they are not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from omegaconf import DictConfig

from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import RATE
from experiments.heart.figures import names
from experiments.heart.figures import segmentation as figure
from experiments.heart.segmented import predicted_states
from reproduction import config


def rows() -> pd.DataFrame:
    """Two folds and both together, raw; each measure a little above the one before it."""
    found = []
    for fold, shift in (("0", -0.1), ("1", 0.1), ("all", 0.0)):
        row: dict[str, object] = {"fold": fold, "decoded": False}
        for index, name in enumerate(figure.MEASURES):
            value = 0.5 + index / 50 + shift
            row |= {name: value, f"{name}_low": value - 0.03, f"{name}_high": value + 0.02}
        found.append(row)
    return pd.DataFrame(found)


def test_measures_stand_at_their_values_and_folds_beside_them() -> None:
    """The interval is that of all folds."""
    panel = Figure().subplots()
    figure.draw_measures(panel, rows(), decoded=False)
    whole = 0.5 + np.arange(len(figure.MEASURES)) / 50
    dots, _, (bars,) = panel.containers[0].lines
    assert dots.get_xdata() == pytest.approx(whole)
    ends = np.array([segment[:, 0] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends, np.stack([whole - 0.03, whole + 0.02], axis=1))
    folds = [line for line in panel.lines if line.get_marker() == "."]
    np.testing.assert_allclose([line.get_xdata() for line in folds], [whole - 0.1, whole + 0.1])
    assert {line.get_color() for line in folds} == {dots.get_color()}


def test_decoded_and_raw_do_not_cover_each_other() -> None:
    """They stand about the same tick."""
    panel = Figure().subplots()
    for decoded in (False, True):
        figure.draw_measures(panel, rows(), decoded)
    raw, decoded = (own.lines[0].get_ydata() for own in panel.containers)
    assert (decoded - raw) == pytest.approx(0.3)
    assert (decoded + raw) / 2 == pytest.approx(np.arange(len(figure.MEASURES)))


def test_both_panels_say_how_many_recordings_they_tell_of(
    run: DictConfig, tmp_path: Path, drawings: list[Figure]
) -> None:
    """Those with annotated states, and those that are classified."""
    table = config.paper_folder(run, "results") / "tables/segmentation.csv"
    figure.segmentation(run, table, tmp_path / "segmentation.png")
    measured, sure = drawings[0].axes
    whole = pd.read_csv(table).query("fold == 'all'").iloc[0]
    counts = f"{whole.recordings} recordings, {whole.subjects} subjects"
    assert measured.get_title() == f"annotated states: {counts}"
    assert (
        sure.get_title() == f"predicted states: {predicted_states(run).file.nunique()} recordings"
    )
    databases = [label.get_text() for label in sure.get_xticklabels()]
    assert databases == sorted(set(figure.recordings(run).database))


def test_failures_are_the_least_sure_recordings(
    run: DictConfig, tmp_path: Path, drawings: list[Figure]
) -> None:
    """The least sure first, each with its truth."""
    figure.failures(run, tmp_path / "failures.png")
    states = predicted_states(run)
    lasting = states.end_s - states.start_s
    sums = (states.confidence * lasting).groupby(states.file).sum()
    mean = (sums / lasting.groupby(states.file).sum()).sort_values()
    titles = [panel.get_title() for panel in drawings[0].axes]
    assert len(titles) == figure.FAILURES
    truth = figure.recordings(run).set_index("file").diagnosis
    for title, (file, confidence) in zip(titles, mean.items(), strict=False):
        assert title == f"{file}, {truth[file]}, mean confidence {confidence:.2f}"


def test_failures_are_drawn_as_they_sound(
    run: DictConfig, tmp_path: Path, drawings: list[Figure]
) -> None:
    """Their own first seconds, in seconds."""
    figure.failures(run, tmp_path / "failures.png")
    corpus = config.build(run.studies[run.states.study].corpus)
    least = figure.recordings(run).nsmallest(figure.FAILURES, "confidence")
    for panel, wave in zip(drawings[0].axes, corpus.waves(least.index), strict=True):
        time, drawn = panel.lines[0].get_data()
        shown = wave[: round(figure.SHOWN_S * RATE)].numpy()
        np.testing.assert_array_equal(drawn, shown)
        assert time[-1] == pytest.approx((len(shown) - 1) / RATE)


def test_the_strip_has_the_colour_of_each_state_where_it_is() -> None:
    """What is unknown stays white, and what comes later is not drawn."""
    segments = pd.DataFrame(
        [(0.0, 0.5, 0), (0.5, 0.6, 1), (0.6, 0.9, 2), (9.0, 9.5, 3)],
        columns=["start_s", "end_s", "state"],
    )
    panel = Figure().subplots()
    figure.strip(panel, segments)
    drawn = [(it.get_x(), it.get_width(), it.get_facecolor()[:3]) for it in panel.patches]
    expected = [(0.5, 0.1, STATES[0]), (0.6, 0.3, STATES[1])]
    assert len(drawn) == len(expected)
    for (start, width, colour), (at, lasting, state) in zip(drawn, expected, strict=True):
        assert (start, width) == pytest.approx((at, lasting))
        assert colour == pytest.approx(to_rgb(names.COLOURS[state]))
