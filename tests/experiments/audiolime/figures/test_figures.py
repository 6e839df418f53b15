from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.image import imread
from omegaconf import DictConfig

from earwitness import config
from experiments.audiolime.figures import __main__ as figures
from experiments.audiolime.figures import examples, sounds

NAMES = ("topk", "convergence", "agreement", "localisation", "fidelity_vs_truth", "separation",
         "examples")  # fmt: skip


def test_every_figure_is_drawn_and_sounds_are_listed(run: DictConfig) -> None:
    """Each has something on it; each sound has its probability."""
    figures.main(run)
    results = config.paper_folder(run, "results")
    for name in NAMES:
        assert imread(results / f"figures/{name}.png").std() > 0.01
    listed = pd.read_csv(results / "audio/index.csv")
    assert set(listed.sound) == {path.name for path in (results / "audio").glob("*.wav")}
    assert len(listed) >= 6
    assert listed.probability.between(0, 1).all()


def test_examples_are_what_taggers_are_surest_of(run: DictConfig) -> None:
    """Clips in full, each tagger's most probable tags first, each tag once."""
    shown = examples.choose(run)
    assert {one.row.tagger for one in shown} == {"musicnn", "samplecnn"}
    for tagger in ("musicnn", "samplecnn"):
        own = [one.row for one in shown if one.row.tagger == tagger]
        assert len(own) <= run.listen.shown
        assert len({row.tag for row in own}) == len(own)
        assert all(row.full for row in own)
    assert all(set(one.found) == set(examples.SHOWN) for one in shown)


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
