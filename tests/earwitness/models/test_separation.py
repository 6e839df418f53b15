import builtins
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import openunmix.model
import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.models import separation
from earwitness.models.separation import (
    PUBLISHED,
    HarmonicPercussive,
    OpenUnmix,
    published,
    separated,
)

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


def test_keys_are_those_of_weights_and_settings() -> None:
    """Equal separators have equal keys; other weights, names or margins have others."""
    changed = two_bands()
    next(changed.model.target_models["low"].buffers())[0] = False
    keys = [two_bands().key, changed.key, two_bands(("low", "high")).key]
    keys += [HarmonicPercussive().key, HarmonicPercussive(margin=3.0).key]
    assert two_bands().key == keys[0]
    assert len(set(keys)) == len(keys)


def test_harmonic_and_percussive_are_librosas() -> None:
    """What sounds and what strikes; the residual is the rest."""
    clicks = torch.zeros(RATE)
    clicks[::4000] = 0.9
    wave = tones()[0] + clicks
    harmonic, percussive, residual = HarmonicPercussive(margin=2.0)(wave, RATE)
    torch.testing.assert_close(harmonic + percussive + residual, wave)
    expected = librosa.effects.hpss(wave.numpy(), margin=2.0)
    np.testing.assert_allclose(harmonic, expected[0], atol=1e-5)
    np.testing.assert_allclose(percussive, expected[1], atol=1e-5)
    assert float(harmonic @ tones()[0]) > 0.9 * float(tones()[0] @ tones()[0])


def test_the_model_is_left_as_found() -> None:
    """In training mode if it was, with no gradients."""
    separator = two_bands()
    separator.model.train()
    assert not separator(drawn(4000), RATE).requires_grad
    assert separator.model.training


def test_missing_weights_are_named_with_where_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; nobody is asked, nothing is fetched."""
    monkeypatch.setattr(builtins, "input", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_, **__: pytest.fail("net"))
    with pytest.raises(InputError, match=r"put vocals-b62c91ce.pth, drums") as told:
        published(tmp_path)
    assert separation.ADDRESS in str(told.value)


def test_published_weights_are_read_and_damaged_ones_named(tmp_path: Path) -> None:
    """Networks of the published size, each from its file."""
    bins, cut = 2049, 1487
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for file in PUBLISHED.values():
            network = openunmix.model.OpenUnmix(bins, 2, 512, max_bin=cut)
            torch.save(network.state_dict(), tmp_path / file)
    found = published(tmp_path)
    assert found.names == ("vocals", "drums", "bass", "other")
    wave = 0.1 * drawn(RATE // 2)
    torch.testing.assert_close(found(wave, RATE).sum(0), wave, atol=1e-5, rtol=0)
    (tmp_path / PUBLISHED["drums"]).write_bytes(b"cut off")
    with pytest.raises(InputError, match=r"drums-9619578f.pth: damaged or of another"):
        published(tmp_path)


def test_a_failed_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the address and the folder."""

    def fetch(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    with pytest.raises(InputError, match=r"vocals-b62c91ce.pth: not fetched \(no route to host\)"):
        separation.download(tmp_path)


def test_download_fetches_every_file_and_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checksum is in the name, as torch.hub has it."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def fetch(url: str, folder: str, *_: Any, **settings: Any) -> None:
        asked.append((f"{folder} {url}", settings))

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    separation.download(tmp_path)
    expected = [f"{tmp_path} {separation.ADDRESS}/{file}" for file in PUBLISHED.values()]
    assert [place for place, _ in asked] == expected
    assert all(settings["check_hash"] and settings["weights_only"] for _, settings in asked)


class Counting(HarmonicPercussive):
    """Counts how often it has to work."""

    calls = 0

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        type(self).calls += 1
        return super().__call__(wave, rate)


def test_sources_are_kept_by_content(tmp_path: Path) -> None:
    """The same music is separated once, other music anew; a damaged file is made again."""
    wave, before = drawn(8000), Counting.calls
    first = separated(Counting(), wave, RATE, tmp_path)
    assert torch.equal(separated(Counting(), wave.clone(), RATE, tmp_path), first)
    assert Counting.calls == before + 1
    separated(Counting(), 0.5 * wave, RATE, tmp_path)
    separated(Counting(margin=3.0), wave, RATE, tmp_path)
    assert Counting.calls == before + 3
    (kept,) = (path for path in tmp_path.iterdir() if torch.equal(torch.load(path), first))
    kept.write_bytes(b"")
    assert torch.equal(separated(Counting(), wave, RATE, tmp_path), first)
    assert len(list(tmp_path.iterdir())) == 3
    for content in ({"a": first}, 0.9 * first, first[:, :-1]):
        torch.save(content, kept)
        assert torch.equal(separated(Counting(), wave, RATE, tmp_path), first)
