import pytest
import torch
from torch import Tensor, nn

from earwitness.models.separation.open_unmix import OpenUnmix

RATE = 16000


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class Passes(nn.Module):
    """A network that lets a band of bins through."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.register_buffer("bins", torch.arange(513).ge(low) & torch.arange(513).lt(high))

    def forward(self, spectrum: Tensor) -> Tensor:
        """`(batch, channels, bins, frames)` -> the same."""
        return spectrum * self.bins[:, None]


def two_bands(names: tuple[str, str] = ("low", "other")) -> OpenUnmix:
    """Below and above 2 kHz, at 16 kHz."""
    networks = dict(zip(names, (Passes(0, 128), Passes(128, 513)), strict=True))
    return OpenUnmix(networks, RATE, 1024, 256)


def tones(rate: int = RATE) -> Tensor:
    """440 Hz and 5 kHz, `(2, samples)`."""
    time = torch.arange(rate) / rate
    return 0.3 * torch.stack([torch.sin(2 * torch.pi * hz * time) for hz in (440, 5000)])


def test_masks_take_apart_what_they_are_made_for() -> None:
    """Two tones in two bands come out as they went in."""
    low, high = two_bands()(tones().sum(0), RATE)
    for found, expected in zip((low, high), tones(), strict=True):
        middle = slice(2000, -2000)
        assert float((found - expected)[middle].abs().max()) < 0.01


@pytest.mark.parametrize("rate", [16000, 22050, 8000])
@pytest.mark.parametrize("names", [("low", "other"), ("low", "high")])
def test_sources_add_up_to_the_music(rate: int, names: tuple[str, str]) -> None:
    """At any rate, whoever gets what is left over."""
    wave = 0.1 * drawn(rate)
    found = two_bands(names)(wave, rate)
    assert found.shape == (2, rate)
    torch.testing.assert_close(found.sum(0), wave, atol=1e-5, rtol=0)


def test_what_is_left_over_is_other() -> None:
    """What lies above the networks' band; shared out where no source is called other."""
    wave = tones(44100)[1] + tones(44100)[0]
    time = torch.arange(44100) / 44100
    beyond = 0.3 * torch.sin(2 * torch.pi * 12000 * time)
    low, other = two_bands()(wave + beyond, 44100)
    assert float((other - two_bands()(wave, 44100)[1] - beyond)[4000:-4000].abs().max()) < 0.01
    assert float((low - two_bands()(wave, 44100)[0])[4000:-4000].abs().max()) < 0.01


def test_keys_are_those_of_weights_and_names() -> None:
    """Equal separators have equal keys; other weights or names have others."""
    changed = two_bands()
    next(changed.model.target_models["low"].buffers())[0] = False
    keys = [two_bands().key, changed.key, two_bands(("low", "high")).key]
    assert two_bands().key == keys[0]
    assert len(set(keys)) == len(keys)


def test_the_model_is_left_as_found() -> None:
    """In training mode if it was, with no gradients."""
    separator = two_bands()
    separator.model.train()
    assert not separator(drawn(4000), RATE).requires_grad
    assert separator.model.training
