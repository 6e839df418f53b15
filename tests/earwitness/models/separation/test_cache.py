from pathlib import Path

import torch
from torch import Tensor

from earwitness.models.separation.cache import separated
from earwitness.models.separation.harmonic_percussive import HarmonicPercussive

RATE = 16000


class Counting(HarmonicPercussive):
    """Counts how often it has to work."""

    calls = 0

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        type(self).calls += 1
        return super().__call__(wave, rate)


def test_sources_are_kept_by_content(tmp_path: Path) -> None:
    """The same music is separated once, other music anew; a damaged file is made again."""
    wave, before = torch.randn(8000, generator=torch.Generator().manual_seed(0)), Counting.calls
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
