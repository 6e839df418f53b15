"""Patches and windows of a network's input, against loops that are slow and obvious."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.components import Divider, Patches, Windows
from earwitness.explain.model import AudioModel


def of_shape(*shape: int) -> tuple[AudioModel, Tensor]:
    """A model whose network is given inputs of `shape`, and a wave."""
    model = AudioModel(nn.Flatten(), ["one", "two"], rate=1000, frontend=nn.Unflatten(1, shape))
    samples = int(torch.tensor(shape).prod())
    return model, torch.randn(samples, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("channels", [1, 3])
def test_patches_are_switched(channels: int) -> None:
    """Rows by columns, all channels together; what is off is zero."""
    model, wave = of_shape(channels, 4, 6)
    mask = torch.tensor([[True, False, True], [False, True, True]])
    rendered = Patches(2, 3)(model, wave).render(mask.reshape(1, 6))
    expected = wave.reshape(channels, 4, 6) * mask.repeat_interleave(2, 0).repeat_interleave(2, 1)
    assert torch.equal(rendered, expected[None])


def test_patches_of_a_spectrogram(eye: AudioModel, wave: Tensor) -> None:
    """Their coordinates are the means of their steps, and "minimum" is silence."""
    components = Patches(2, 19, fill="minimum")(eye, wave)
    frequency, time = components.axes
    assert (frequency.name, frequency.unit, time.name, time.unit) == (
        "frequency",
        "Hz",
        "time",
        "s",
    )
    assert frequency.values.tolist() == [125, 400]
    torch.testing.assert_close(time.values, eye.axes((1, 11, 19), 200)[1].values.double())
    spectrogram = eye.frontend(wave[None])
    rendered = components.render(torch.zeros(1, 38, dtype=torch.bool))
    assert torch.equal(rendered, spectrogram.min().expand_as(spectrogram))


def test_patches_of_a_wave_are_stretches_of_time() -> None:
    """An input without frequency has one row."""
    model, wave = of_shape(1, 10)
    components = Patches(1, 2)(model, wave)
    assert [axis.name for axis in components.axes] == ["time"]
    rendered = components.render(torch.tensor([[False, True]]))
    assert torch.equal(rendered[0, 0], torch.cat([torch.zeros(5), wave[5:]]))


def starts(steps: int, size: int, stride: int) -> list[int]:
    """Where windows start: until one reaches the end."""
    found = [0]
    while found[-1] + size < steps:
        found.append(found[-1] + stride)
    return found


@settings(max_examples=40, deadline=None)
@given(data=st.data(), rows=st.integers(1, 9), columns=st.integers(1, 9))
def test_windows_are_switched_cell_by_cell(data: st.DataObject, rows: int, columns: int) -> None:
    """A cell is off if any window that covers it is; each value is the mean over its windows."""
    size = [data.draw(st.integers(1, steps)) for steps in (rows, columns)]
    stride = [data.draw(st.integers(1, steps)) for steps in size]
    model, wave = of_shape(1, rows, columns)
    corners = list(product(starts(rows, size[0], stride[0]), starts(columns, size[1], stride[1])))
    components = Windows([size], [stride])(model, wave)
    assert components.count == len(corners)
    mask, values = torch.rand(len(corners)) > 0.3, torch.randn(len(corners))
    expected, total, covering = wave.clone().reshape(rows, columns), *torch.zeros(2, rows, columns)
    for (row, column), on, value in zip(corners, mask, values, strict=True):
        window = slice(row, row + size[0]), slice(column, column + size[1])
        expected[window] *= on
        total[window] += value
        covering[window] += 1
    assert torch.equal(components.render(mask[None])[0, 0], expected)
    torch.testing.assert_close(components.on_axes(values), total / covering)


def test_windows_of_several_sizes_stay_apart() -> None:
    """All are components; their values have an axis of their own."""
    model, wave = of_shape(2, 20)
    small, large = Windows([4], [4])(model, wave), Windows([10], [5])(model, wave)
    both = Windows([4, 10], [4, 5])(model, wave)
    assert both.count == small.count + large.count == 8
    assert [axis.name for axis in both.axes] == ["window", "time"]
    assert both.axes[0].labels == ("4", "10")
    mask, values = torch.rand(8) > 0.3, torch.randn(8)
    rendered = [
        part.render(on[None]) for part, on in zip((small, large), mask.split([5, 3]), strict=True)
    ]
    assert torch.equal(both.render(mask[None]), torch.where(rendered[0] == 0, 0, rendered[1]))
    expected = torch.stack([small.on_axes(values[:5]), large.on_axes(values[5:])])
    assert torch.equal(both.on_axes(values), expected)


def test_a_window_is_labelled_by_its_size() -> None:
    """A single number counts along all axes."""
    model, wave = of_shape(1, 9, 9)
    kinds = Windows([3, (2, 5)], [3, 2])(model, wave).axes[0]
    assert kinds.labels == ("3", "2 x 5")


@pytest.mark.parametrize("divider", [Patches(2, 2, fill="noise"), Windows([3], [2], fill="noise")])
def test_noise_is_the_same_for_all_coalitions(divider: Divider) -> None:
    """Two coalitions differ by what is on and nothing else; so do two calls."""
    model, wave = of_shape(1, 6, 6)
    components = divider(model, wave)
    rendered = components.render(torch.zeros(2, components.count, dtype=torch.bool))
    assert torch.equal(rendered[0], rendered[1])
    again = divider(model, wave).render(torch.zeros(1, components.count, dtype=torch.bool))
    assert torch.equal(rendered[:1], again)
    assert not (rendered == wave.reshape(6, 6)).any()


@pytest.mark.parametrize(
    ("divider", "message"),
    [
        (Patches(7, 1), "7 patches along row: choose 1 to 6"),
        (Patches(1, 0), "0 patches along time: choose 1 to 8"),
        (Patches(1, 1, fill=torch.zeros(6, 8)), r"fill is \(6, 8\), what it replaces \(1, 6, 8\)"),
        (Windows([7], [1]), "a window of 7 on 6 steps: choose a size of 1 to 6"),
        (Windows([4], [5]), "a stride of 5 skips steps: choose 1 to 4"),
        (Windows([4], [0]), "a stride of 0"),
        (Windows([4], []), "1 window sizes, 0 strides"),
        (Windows([], []), "0 window sizes"),
        (Windows([(1, 2, 3)], [1]), r"size \(1, 2, 3\): give 1 number or 2"),
    ],
)
def test_what_does_not_fit_is_refused(divider: Divider, message: str) -> None:
    """One line names the setting and what fits."""
    with pytest.raises(InputError, match=message):
        divider(*of_shape(1, 6, 8))


def test_a_wave_has_no_rows() -> None:
    """Patches along frequency need a frequency axis."""
    with pytest.raises(InputError, match="rows=2: this input has no frequency axis"):
        Patches(2, 2)(*of_shape(1, 8))
