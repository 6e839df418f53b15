"""Sounds of the shown clips: all there, both parts make the clip, and no recording of others."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness import audio, config
from experiments.audiomnist.explain import NETWORKS, Explained, audio_model, read_explained
from experiments.audiomnist.figures import sounds


@pytest.fixture
def folder(run: DictConfig) -> Path:
    return config.paper_folder(run, "results") / "audio"


def test_the_index_names_every_sound(folder: Path) -> None:
    index = pd.read_csv(folder / "index.csv")
    assert set(index.sound) == {path.name for path in folder.glob("*.wav")}
    parts = index[~index.sound.str.contains("original")]
    assert len(parts) == parts.sound.nunique() == folder_size(index)
    assert list(index.columns) == ["sound", "class", *(f"p_{name}" for name in NETWORKS)]


def folder_size(index: pd.DataFrame) -> int:
    """Two tasks, three networks, two renderings and two parts of each clip."""
    originals = index[index.sound.str.contains("original")]
    return originals.sound.nunique() * 2 * 3 * 2 * 2


def test_heard_and_rest_make_the_clip(folder: Path) -> None:
    """But for the steps of 16 bits, and where a part was turned down for its peak."""
    for path in folder.glob("*_signal_heard.wav"):
        original = audio.read(folder / f"{'_'.join(path.name.split('_')[:3])}_original.wav")
        heard = audio.read(path)
        rest = audio.read(path.with_name(path.name.replace("heard", "rest")))
        torch.testing.assert_close(heard + rest, original, rtol=0, atol=1e-4)
        assert 0 < heard.square().sum() < original.square().sum()


def test_probabilities_are_of_the_sounds_as_written(run: DictConfig, folder: Path) -> None:
    index = pd.read_csv(folder / "index.csv").set_index("sound")
    clip = next(clip for clip in read_explained(run) if clip.row.clip in index.index[0])
    model = audio_model(run, f"synthetic_digit/gammatonenet/{clip.row.digit_fold}")
    for part in ("heard", "rest"):
        name = f"{clip.row.clip}_digit_audionet_spectrogram_{part}.wav"
        found = model.probability(audio.read(folder / name), index.loc[name, "class"])
        assert index.loc[name, "p_gammatonenet"] == pytest.approx(found, abs=1e-2)


def test_recordings_of_others_are_not_written(run: DictConfig, tmp_path: Path) -> None:
    """Nor are those left that an earlier version had written."""
    (tmp_path / "clip").mkdir()
    old = tmp_path / "audio" / "clip_original.wav"
    audio.write(old, torch.rand(80))
    sounds.write(run, [Explained(tmp_path / "clip", SimpleNamespace())], tmp_path / "audio")
    assert not old.exists()
    assert not list(tmp_path.rglob("*.wav"))
