from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from matplotlib.image import imread
from omegaconf import DictConfig

from earwitness.errors import InputError
from earwitness.models.taggers.published import RATE
from earwitness.sound import audio
from experiments.audiolime.figures import __main__ as figures
from experiments.audiolime.figures import examples, sounds
from experiments.audiolime.figures.examples import Example
from reproduction import config
from reproduction.results import audio_index
from reproduction.store import ExplainedClip

NAMES = ("topk", "convergence", "agreement", "localisation", "fidelity_vs_truth", "separation",
         "examples")  # fmt: skip


def test_every_figure_is_drawn_and_sounds_are_listed(run: DictConfig) -> None:
    """Each has something on it; each sound has its probability."""
    figures.main(run)
    results = config.paper_folder(run, "results")
    for name in NAMES:
        assert imread(results / f"figures/{name}.png").std() > 0.01
    listed = audio_index.read(results / "audio")
    sounds_of = {part["sound"] for entry in listed for part in entry["parts"].values()}
    assert sounds_of == {path.name for path in (results / "audio").glob("*.wav")}
    audible = [one for one in examples.choose(run) if sounds.sounds_of(one, "audiolime")]
    assert len(listed) == len(audible) > 0
    assert all(entry["map"]["rows"]["name"] == "source" for entry in listed)
    for entry in listed:
        assert all(0 <= part["number"] <= 1 for part in entry["parts"].values())


def test_silent_parts_are_not_listened_to_and_missing_ones_are_named(tmp_path: Path) -> None:
    """A clip in which the best components are rests has nothing to compare."""
    example = Example(ExplainedClip(tmp_path, rate=RATE), {})
    for part in sounds.PARTS:
        audio.write(tmp_path / f"slime_{part}.wav", torch.full((80,), 0.1).cumsum(0) / 10)
    assert set(sounds.sounds_of(example, "slime")) == set(sounds.PARTS)
    audio.write(tmp_path / "slime_heard.wav", torch.zeros(80))
    assert sounds.sounds_of(example, "slime") == {}
    (tmp_path / "slime_heard.wav").unlink()
    with pytest.raises(InputError, match=r"slime_heard\.wav: no such recording"):
        sounds.sounds_of(example, "slime")


def test_examples_are_what_taggers_are_surest_of(run: DictConfig) -> None:
    """Clips in full, each tagger's most probable tags first, each tag once."""
    shown = examples.choose(run)
    assert {one.clip.row.tagger for one in shown} == {"musicnn", "samplecnn"}
    for tagger in ("musicnn", "samplecnn"):
        own = [one.clip.row for one in shown if one.clip.row.tagger == tagger]
        assert len(own) <= run.listen.shown
        assert len({row.tag for row in own}) == len(own)
        assert all(row.full for row in own)
    assert all(set(one.answers_of) == set(examples.SHOWN) for one in shown)


def test_recordings_of_others_are_not_copied(
    run: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what lies there kept."""
    folder = config.paper_folder(run, "results") / "others"
    (folder / "audio").mkdir(parents=True)
    (folder / "audio" / "old.wav").touch()
    monkeypatch.setattr(sounds, "synthetic_tags", SimpleNamespace(NAME="something else"))
    sounds.write(run, examples.choose(run), folder / "audio")
    assert not (folder / "audio").exists()
