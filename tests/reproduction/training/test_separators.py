from functools import partial
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio as si_sdr

from earwitness.errors import InputError
from reproduction.training.separators import FAINT, LEVEL, Mixtures, SeparatorLearner, magnitudes

RATE = 8000
NAMES = ("low", "high")


def song(seed: int) -> Tensor:
    """A low and a high tone that come and go, `(2, 2 s)`."""
    random = torch.Generator().manual_seed(seed)
    time = torch.arange(2 * RATE) / RATE
    sounds = []
    for low, high in ((200, 400), (1500, 3000)):
        hz = low + (high - low) * float(torch.rand((), generator=random))
        loud = (torch.rand(8, generator=random) > 0.3).float().repeat_interleave(2 * RATE // 8)
        sounds.append(0.2 * loud * torch.sin(2 * torch.pi * hz * time))
    return torch.stack(sounds)


def learner(steps: int = 60) -> SeparatorLearner:
    trainer = partial(
        pl.Trainer, accelerator="cpu", enable_model_summary=False, log_every_n_steps=20
    )
    return SeparatorLearner(trainer, RATE, 512, 128, 16, steps, 4, 0.5, 1e-2)


def test_it_learns_to_separate(tmp_path: Path) -> None:
    """Tones of other songs are separated; the separator loaded from `folder` does the same."""
    trained = learner().fit([song(n) for n in range(8)], NAMES, 0, tmp_path)
    truth = song(100)
    estimates = trained(truth.sum(0), RATE)
    for estimate, source in zip(estimates, truth, strict=True):
        gain = si_sdr(estimate, source) - si_sdr(truth.sum(0), source)
        assert float(gain) > 3
    state = torch.random.get_rng_state()
    again = learner().load(NAMES, tmp_path)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert again.key == trained.key
    assert torch.equal(again(truth.sum(0), RATE), estimates)


def test_the_same_seed_learns_the_same(tmp_path: Path) -> None:
    """And the global randomness is left as it was."""
    state = torch.random.get_rng_state()
    keys = [
        learner(2).fit([song(0)], NAMES, seed, tmp_path / str(n)).key
        for n, seed in enumerate((0, 0, 1))
    ]
    assert keys[0] == keys[1] != keys[2]
    assert torch.equal(torch.random.get_rng_state(), state)


def test_mixtures_are_of_random_chunks_at_one_level() -> None:
    """Every source of every mixture is a chunk of some song, at a level between the gains."""
    stems = [song(n) for n in range(3)]
    batches = list(Mixtures(stems, 1000, 4, 5, 0))
    assert len(batches) == 5
    levels = torch.stack(batches).square().mean(-1).sqrt()
    loud = levels[levels > LEVEL * 0.2]
    assert float(loud.min()) >= 0.25 * LEVEL - 1e-6
    assert float(loud.max()) <= 1.25 * LEVEL + 1e-6
    again = list(Mixtures(stems, 1000, 4, 5, 0))
    assert all(torch.equal(*pair) for pair in zip(batches, again, strict=True))
    chunk = batches[0][0, 1]
    windows = torch.cat([stem[1].unfold(0, 1000, 1) for stem in stems])
    alike = windows @ chunk / (windows.norm(dim=1) * chunk.norm()).clamp(min=1e-6)
    assert float(alike.max()) == pytest.approx(1, abs=1e-4)


def test_silence_stays_silent() -> None:
    """A source that a song lacks is not raised to the level of the others."""
    silent = torch.stack([song(0)[0], torch.zeros(2 * RATE)])
    faint = torch.stack([song(0)[0], torch.full((2 * RATE,), FAINT / 100)])
    assert not any(batch[:, 1].any() for batch in Mixtures([silent], 1000, 2, 3, 0))
    loudest = max(float(batch[:, 1].max()) for batch in Mixtures([faint], 1000, 2, 3, 0))
    assert loudest < 0.02 * LEVEL


def test_magnitudes_are_torchs() -> None:
    """Of each sound by itself."""
    sounds = torch.randn(2, 3, 2000, generator=torch.Generator().manual_seed(0))
    ours = magnitudes(sounds, 512, 128)
    window = torch.hann_window(512)
    expected = torch.stft(sounds[1, 2], 512, 128, window=window, return_complex=True).abs()
    torch.testing.assert_close(ours[1, 2], expected)


def test_songs_that_are_too_short_and_other_weights_are_refused(tmp_path: Path) -> None:
    """In one line that gives the remedy."""
    with pytest.raises(InputError, match="stems of 1000 samples, chunks of 4000: give songs, or"):
        learner().fit([song(0)[:, :1000]], NAMES, 0, tmp_path)
    with pytest.raises(InputError, match=r"stems are \(2, 16000\): give one for each of low$"):
        learner().fit([song(0)], ("low",), 0, tmp_path)
    with pytest.raises(InputError, match="not there"):
        learner().load(NAMES, tmp_path)
    learner(2).fit([song(0)], NAMES, 0, tmp_path)
    with pytest.raises(InputError, match=r"weights.pt: weights of another network; delete it"):
        learner().load(("low", "middle"), tmp_path)
