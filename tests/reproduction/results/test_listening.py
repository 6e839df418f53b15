"""Audible explanations, written and read again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.sound import audio
from reproduction.results import audio_index, listening
from reproduction.results.listening import Listenable
from tests.reproduction.report.papers import RATE, SECONDS, beep

TIME = Axis("time", "s", torch.arange(6) * 0.1 + 0.05)
FREQUENCY = Axis("frequency", "Hz", torch.tensor([100.0, 400.0, 1600.0]))
SOURCE = Axis.of_names("source", ["drums", "bass"])
ONE = Axis("time", "s", torch.tensor([0.3]))


def explained(*axes: Axis) -> Explanation:
    shape = [len(axis.values) for axis in axes]
    values = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return Explanation(values, axes, "cat", 0.5, "any", {}, None)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    listening.write(tmp_path / "audio", [beep("one"), beep("two")], RATE)
    first, second = audio_index.read(tmp_path / "audio")
    assert (first["name"], first["clip"], first["target"]) == ("clip_one", "clip", "beep")
    assert (first["measure"], first["seconds"], first["octaves"]) == ("probability", SECONDS, 0)
    assert first["parts"]["rest"] == {
        "sound": "clip_one_rest.wav", "number": 0.1235, "others": {"Nose": 0.5}
    }  # fmt: skip
    assert first["parts"]["original"] == second["parts"]["original"]
    relevant = audio.read(tmp_path / "audio" / first["parts"]["heard"]["sound"])
    torch.testing.assert_close(relevant, beep("one").parts["heard"].sound, rtol=0, atol=1e-4)
    heatmap = first["map"]
    assert (heatmap["from_s"], heatmap["to_s"], heatmap["shape"]) == (0, SECONDS, [2, 2])
    assert heatmap["rows"] == {"name": "source", "ticks": [[0.25, "hum"], [0.75, "beep"]]}


def test_the_folder_holds_what_the_index_names_and_nothing_else(tmp_path: Path) -> None:
    """Files of an earlier run are gone."""
    (tmp_path / "old.wav").touch()
    listening.write(tmp_path, [beep("one")], RATE, octaves=1)
    (entry,) = audio_index.read(tmp_path)
    sounds = [part[kind] for part in entry["parts"].values() for kind in ("sound", "raised")]
    named = {*sounds, entry["map"]["picture"], "index.json"}
    assert {path.name for path in tmp_path.iterdir()} == named
    raised = soundfile.info(tmp_path / entry["parts"]["heard"]["raised"])
    assert (raised.samplerate, raised.duration) == (audio.RATE, SECONDS)


def test_a_failure_leaves_the_sounds_of_the_last_run(tmp_path: Path) -> None:
    """All of them, and nothing beside them."""
    folder = tmp_path / "audio"
    listening.write(folder, [beep("one")], RATE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def failing() -> Iterator[Listenable]:
        yield beep("two")
        raise InputError("no sound")

    with pytest.raises(InputError, match="no sound"):
        listening.write(folder, failing(), RATE)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]


def test_without_explanations_there_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    listening.write(tmp_path / "audio", [], RATE)
    assert not (tmp_path / "audio").exists()


def test_the_picture_is_orange_above_zero_and_purple_below(tmp_path: Path) -> None:
    """The first row is the lowest."""
    listening.write(tmp_path, [beep("one")], RATE)
    pixels = np.asarray(Image.open(tmp_path / "clip_one.png").convert("RGB")).astype(int)
    (red, _, blue), below = pixels[0, 1], pixels[1, 1]
    assert red > blue
    assert below[0] < below[2]
    assert pixels[:, 0].min() > 240


@pytest.mark.parametrize(
    ("axes", "row", "time", "shape"),
    [
        ((TIME,), None, TIME, (1, 6)),
        ((FREQUENCY,), FREQUENCY, None, (3, 1)),
        ((FREQUENCY, TIME), FREQUENCY, TIME, (3, 6)),
        ((TIME, FREQUENCY), FREQUENCY, TIME, (3, 6)),
        ((SOURCE, FREQUENCY, TIME), FREQUENCY, TIME, (3, 6)),
        ((SOURCE, TIME), SOURCE, TIME, (2, 6)),
        ((SOURCE, ONE), SOURCE, None, (2, 1)),
        ((ONE,), None, None, (1, 1)),
    ],
)
def test_any_explanation_has_a_heatmap(
    axes: tuple[Axis, ...], row: Axis | None, time: Axis | None, shape: tuple[int, int]
) -> None:
    """Its sums over an axis are those of the explanation."""
    explanation = explained(*axes)
    cells, row_axis, time_axis = listening.heatmap(explanation)
    assert (row_axis, time_axis, cells.shape) == (row, time, shape)
    if time is not None:
        np.testing.assert_allclose(cells.sum(0), explanation.over_time().values, atol=1e-5)
    if row is not None:
        np.testing.assert_allclose(cells.sum(1), explanation.over(row.name).values, atol=1e-5)


def test_neighbouring_cells_of_a_long_map_are_summed() -> None:
    """No relevance is lost."""
    samples = Axis("time", "s", torch.arange(8001) / 8000)
    explanation = explained(samples)
    cells, _, _ = listening.heatmap(explanation)
    assert cells.shape == (1, listening.MAX_COLUMNS)
    assert cells.sum() == pytest.approx(float(explanation.values.double().sum()))
    assert cells[0, 0] == pytest.approx(float(explanation.values[:15].double().sum()))


def test_rows_are_labelled_with_their_frequencies(tmp_path: Path) -> None:
    entry = replace(beep("one"), explanation=explained(FREQUENCY, TIME))
    listening.write(tmp_path, [entry], RATE)
    ticks = audio_index.read(tmp_path)[0]["map"]["rows"]["ticks"]
    assert ticks == [[0.1667, "0.1 kHz"], [0.5, "0.4 kHz"], [0.8333, "1.6 kHz"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"measure": "loudness"}, "probability or rating"), ({"parts": {}}, "original, heard, rest")],
)
def test_other_parts_and_measures_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(beep("one"), **change)
