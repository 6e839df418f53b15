"""Sounds of the shown clips: all there, both parts make the clip, and no recording of others."""

from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from omegaconf import DictConfig

from earwitness.sound import audio
from experiments.audiomnist.checks.fidelity import RENDERINGS
from experiments.audiomnist.explain import NETWORKS, TASKS, store
from experiments.audiomnist.figures import sounds
from reproduction import config
from reproduction.results import audio_index
from reproduction.store import ExplainedClip
from reproduction.training.trained import audio_model


@pytest.fixture
def folder(run: DictConfig) -> Path:
    return config.paper_folder(run, "results") / "audio"


@pytest.fixture
def listed(folder: Path) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in audio_index.read(folder)}


def test_every_explanation_is_listed_with_its_sounds(
    folder: Path, listed: dict[str, dict[str, Any]]
) -> None:
    """Of each clip, two tasks, three networks, two renderings; no sound that is not listed."""
    clips = {entry["clip"] for entry in listed.values()}
    wanted = product(clips, TASKS, NETWORKS, RENDERINGS)
    assert set(listed) == {"_".join(names) for names in wanted}
    named = {part["sound"] for entry in listed.values() for part in entry["parts"].values()}
    assert named == {path.name for path in folder.glob("*.wav")}
    assert len(named) == len(clips) + 2 * len(listed)


def test_heard_and_rest_make_the_clip(folder: Path, listed: dict[str, dict[str, Any]]) -> None:
    """But for the steps of 16 bits, and where a part was turned down for its peak."""
    for entry in listed.values():
        original, heard, rest = (
            audio.read(folder / part["sound"]) for part in entry["parts"].values()
        )
        if entry["name"].endswith("_signal"):
            torch.testing.assert_close(heard + rest, original, rtol=0, atol=1e-4)
            assert 0 < heard.square().sum() < original.square().sum()


def test_maps_are_over_time_or_over_time_and_frequency(listed: dict[str, dict[str, Any]]) -> None:
    """As the sounds follow them."""
    for entry in listed.values():
        rows = entry["map"]["rows"]
        assert rows is None if "times signal" in entry["method"] else rows["name"] == "frequency"


def test_a_reader_is_told_who_says_what(run: DictConfig, listed: dict[str, dict[str, Any]]) -> None:
    """As the corpus has it, also where a network answers otherwise."""
    records = config.build(run.studies.synthetic_digit.corpus).records
    for entry in listed.values():
        (row,) = records[records.file.str.contains(f"/{entry['clip']}.")].itertuples()
        assert entry["truth"] == f"a synthesised {row.sex} voice says {row.digit}"


def test_probabilities_are_of_the_sounds_as_written(
    run: DictConfig, folder: Path, listed: dict[str, dict[str, Any]]
) -> None:
    clip = next(
        clip for clip in store(run).read() if f"{clip.row.clip}_sex_alexnet_signal" in listed
    )
    entry = listed[f"{clip.row.clip}_digit_audionet_spectrogram"]
    fold = clip.row.digit_fold
    for name in NETWORKS:
        model = audio_model(run, f"synthetic_digit/{name}/{fold}")
        for part in entry["parts"].values():
            given = {entry["model"]: part["number"], **part["others"]}
            found = model.probability(audio.read(folder / part["sound"]), entry["target"])
            assert given[NETWORKS[name]] == pytest.approx(found, abs=1e-2)


def test_recordings_of_others_are_not_written(run: DictConfig, tmp_path: Path) -> None:
    """Nor are those left that an earlier version had written."""
    (tmp_path / "clip").mkdir()
    old = tmp_path / "audio" / "clip_original.wav"
    audio.write(old, torch.rand(80))
    sounds.write(run, [ExplainedClip(tmp_path / "clip", SimpleNamespace())], tmp_path / "audio")
    assert not old.exists()
    assert not list(tmp_path.rglob("*.wav"))
