"""Front ends of heart sounds, against librosa and scipy."""

import librosa
import numpy as np
import pytest
import torch
from scipy.fft import dct
from scipy.signal import freqz

from earwitness.sound.frontends.heart import (
    FLOOR,
    LogMel,
    PotesBands,
    RubinHeatMap,
    SegmentedCepstra,
)

RATE = 1000


def segmented(samples: int = 5000, clips: int = 2) -> torch.Tensor:
    """Noise that grows, with a state every 200 ms."""
    random = torch.Generator().manual_seed(0)
    sound = torch.randn(clips, samples, generator=random) * torch.linspace(0.1, 0.3, samples)
    track = (torch.arange(samples) // 200 % 5).float().expand(clips, -1)
    return torch.stack([sound, track], dim=1)


def test_levels_are_those_of_librosa() -> None:
    """Mel energies of librosa's filters (HTK scale, peaks of one), logarithm, minus the mean."""
    waves = segmented()
    ours = LogMel()(waves)[0].numpy()
    sound = waves[0, 0].numpy()
    energies = librosa.feature.melspectrogram(
        y=sound / sound.std(ddof=1),
        sr=RATE,
        n_fft=128,
        win_length=64,
        hop_length=20,
        n_mels=32,
        fmin=20,
        fmax=450,
        htk=True,
        norm=None,
        pad_mode="constant",
    )[:, :250]
    levels = np.log(energies + FLOOR)
    np.testing.assert_allclose(ours, levels - levels.mean(1, keepdims=True), atol=2e-3)


def test_cepstra_are_the_cosine_transform_of_levels() -> None:
    """Orthonormal, all divided by one number; zero is the clip's mean."""
    waves = segmented()
    rows = SegmentedCepstra(20)(waves)
    assert rows.shape == (2, 24, 250)
    theirs = dct(LogMel()(waves)[1].numpy(), axis=0, norm="ortho")[:20]
    np.testing.assert_allclose(rows[1, :20], theirs / theirs.std(ddof=1), atol=1e-4)
    assert rows[:, :20].mean(2).abs().max() < 1e-4


def test_states_are_told_frame_by_frame() -> None:
    """A row a state, none where it is unknown; 200 ms are ten frames."""
    rows = SegmentedCepstra(0)(segmented())
    expected = torch.zeros(4, 250)
    for frame in range(250):
        state = frame // 10 % 5
        if state:
            expected[state - 1, frame] = 1
    assert rows[0].equal(expected)


@pytest.mark.parametrize("frontend", [SegmentedCepstra(20), RubinHeatMap(), PotesBands()])
def test_level_does_not_matter_and_silence_is_finite(frontend: torch.nn.Module) -> None:
    """Recordings differ in gain; a lost contact is flat."""
    waves = segmented(3000)
    louder = waves * torch.tensor([7.0, 1.0])[:, None]
    torch.testing.assert_close(frontend(waves), frontend(louder), atol=1e-3, rtol=1e-3)
    assert frontend(torch.zeros(1, 2, 3000)).isfinite().all()


def test_frames_lie_where_they_say() -> None:
    """A click is loudest in the frame nearest to it."""
    waves = torch.zeros(1, 2, 5000)
    waves[0, 0, 2600] = 1.0
    frontend = LogMel()
    loudest = int(frontend(waves)[0].sum(0).argmax())
    assert frontend.times(250, RATE)[loudest] == pytest.approx(2.6, abs=0.011)


def test_the_heat_map_has_the_published_size() -> None:
    """Six coefficients of 300 frames for three seconds."""
    assert RubinHeatMap()(segmented(3000)).shape == (2, 1, 6, 300)


def test_bands_let_their_frequencies_through() -> None:
    """The middle of each passes, the other bands' middles do not."""
    filters = PotesBands().filters[:, 0].numpy()
    middles = [35, 62, 140, 300]
    gains = np.array(
        [[abs(freqz(taps, worN=[hz], fs=RATE)[1][0]) for hz in middles] for taps in filters]
    )
    assert (np.diag(gains) > 0.9).all()
    assert gains[3, 0] < 0.02
    assert gains[0, 3] < 0.02
