"""Explanations: sums over axes, refusal of what does not fit, and files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation

TIME = Axis("time", "s", torch.tensor([0.0, 0.5]))
FREQUENCY = Axis("frequency", "Hz", torch.tensor([0.0, 100.0, 200.0]))
SOURCE = Axis("source", "", torch.tensor([0.0, 1.0]))


def explanation(**changes: Any) -> Explanation:
    """Twelve values over source, frequency and time."""
    content = {
        "values": torch.arange(12.0).reshape(2, 3, 2),
        "axes": (SOURCE, FREQUENCY, TIME),
        "target": "seven",
        "probability": 0.75,
        "method": "occlusion",
        "settings": {"segments": 2, "fill": [0.0, None], "nested": {"exact": True}},
        "gap": -0.5,
    }
    return Explanation(**(content | changes))


def test_over_time_and_frequency() -> None:
    """Each sums over all other axes and keeps what is explained."""
    time, frequency = explanation().over_time(), explanation().over_frequency()
    assert time.values.tolist() == [30, 36]
    assert frequency.values.tolist() == [14, 22, 30]
    assert time.axes == (TIME,)
    assert frequency.axes == (FREQUENCY,)
    assert (time.target, time.probability, time.gap) == ("seven", 0.75, -0.5)


def test_sum_is_the_same_over_each_axis() -> None:
    """Nothing is lost or counted twice."""
    values = torch.randn(2, 3, 2, dtype=torch.float64)
    given = explanation(values=values)
    for name in ("time", "frequency", "source"):
        torch.testing.assert_close(given.over(name).values.sum(), values.sum())


def test_missing_axis_is_named() -> None:
    """The error says which axis is missing and which there are."""
    wave = explanation(values=torch.zeros(2), axes=(TIME,))
    with pytest.raises(ValueError, match="no frequency axis, only time"):
        wave.over_frequency()
    assert wave.axis("time") is TIME


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": torch.zeros(2, 2, 3)}, r"values are \(2, 2, 3\), axes source x frequency x"),
        ({"values": torch.zeros(2, 3)}, r"\(2, 3\)"),
        ({"probability": 1.5}, "probability 1.5 of seven"),
        ({"probability": float("nan")}, "probability nan"),
        ({"settings": {"epsilon": np.float64(1)}}, "plain data"),
        ({"settings": {"composite": object()}}, "plain data"),
        ({"settings": {1: "one"}}, "plain data"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    """One line says what is wrong."""
    with pytest.raises(InputError, match=message) as caught:
        explanation(**changes)
    assert "\n" not in str(caught.value)


def test_axis_positions_are_a_list() -> None:
    """A table of positions is refused."""
    with pytest.raises(InputError, match="axis time: values must be 1-d, not 2-d"):
        Axis("time", "s", torch.zeros(2, 2))


def test_file_is_plain_data_and_reads_back(tmp_path: Path) -> None:
    """A probability may be a numpy number; a tuple of settings may come back as it was."""
    path = tmp_path / "folder" / "one.pt"
    given = explanation(probability=np.float64(0.75))
    given.save(path)
    assert isinstance(torch.load(path, weights_only=True), dict)
    read = Explanation.load(path)
    assert read.values.equal(given.values)
    assert read.settings == given.settings
    assert (read.target, read.probability, read.method) == ("seven", 0.75, "occlusion")
    assert [(axis.name, axis.unit) for axis in read.axes] == [
        (axis.name, axis.unit) for axis in given.axes
    ]
    assert all(a.values.equal(b.values) for a, b in zip(read.axes, given.axes, strict=True))


def test_file_holds_one_item_not_its_batch(tmp_path: Path) -> None:
    """A slice of a large batch makes a small file."""
    batch = torch.zeros(1000, 2, 3, 2, requires_grad=True)
    explanation(values=batch[5]).save(tmp_path / "item.pt")
    assert (tmp_path / "item.pt").stat().st_size < 10_000


@pytest.mark.parametrize("content", [None, b"", b"no explanation", {"values": 1}, [1, 2]])
def test_other_files_are_refused(content: Any, tmp_path: Path) -> None:
    """Missing, empty, foreign: the error names the file."""
    path = tmp_path / "other.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(InputError, match=r"other\.pt: not a saved explanation"):
        Explanation.load(path)


def test_failed_save_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-written file never replaces a whole one."""
    path = tmp_path / "one.pt"
    explanation().save(path)
    earlier = path.read_bytes()

    def fail(content: object, file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        explanation(target="six").save(path)
    assert path.read_bytes() == earlier
    assert list(tmp_path.iterdir()) == [path]
