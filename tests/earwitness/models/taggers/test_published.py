from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from earwitness.errors import InputError
from earwitness.models.taggers.published import ARCHITECTURES, RATE, tagger
from earwitness.sound import audio
from tests.earwitness.corpora.conftest import DATA_DIR

TAGGERS = DATA_DIR / "music_taggers"
TAGS = {"mtat": "split/mtat/tags.txt", "msd": "split/msd/50tagList.txt"}
PUBLISHED = [
    ("mtat", "fcn"),
    ("mtat", "musicnn"),
    ("mtat", "crnn"),
    ("msd", "fcn"),
    ("msd", "crnn"),
]


def saved(folder: Path, architecture: str, tags: int = 3) -> tuple[Path, Path]:
    """Weights of a fresh network as they are published, and its tags."""
    network = ARCHITECTURES[architecture].network(tags)
    published = {"spec.mel_scale.fb": torch.zeros(257, 96)} | network.state_dict()
    torch.save(published, folder / "best_model.pth")
    (folder / "tags.txt").write_text("".join(f"tag {number}\n" for number in range(tags)))
    return folder / "best_model.pth", folder / "tags.txt"


@pytest.mark.parametrize(("dataset", "architecture"), PUBLISHED)
def test_published_weights_answer_as_the_original(dataset: str, architecture: str) -> None:
    """To 1e-4, on three clips."""
    if not TAGGERS.is_dir():
        pytest.skip(f"{TAGGERS} is not there: set DATA_DIR to test the published weights")
    golden = pd.read_csv(TAGGERS / "golden/outputs.csv")
    own = golden[(golden.dataset == dataset) & (golden.architecture == architecture)]
    assert own["clip"].nunique() == 3
    weights = TAGGERS / f"models/{dataset}/{architecture}/best_model.pth"
    model = tagger(architecture, weights, TAGGERS / TAGS[dataset])
    for (clip, samples), rows in own.groupby(["clip", "first_samples"]):
        wave = audio.read(TAGGERS / f"golden/{clip}.flac", RATE)[:samples]
        assert model.samples == samples
        with torch.inference_mode():
            found = model.probabilities(model(wave[None]))[0]
        expected = rows.sort_values("output_index").probability
        np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_loads_and_answers(architecture: str, tmp_path: Path) -> None:
    """One probability a tag for a wave of the right length."""
    model = tagger(architecture, *saved(tmp_path, architecture))
    assert model.classes == ("tag 0", "tag 1", "tag 2")
    with torch.inference_mode():
        found = model.probabilities(model(torch.randn(2, model.samples or 0)))
    assert found.shape == (2, 3)
    assert ((found > 0) & (found < 1)).all()


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    weights, tags = saved(tmp_path, "fcn")
    with pytest.raises(InputError, match=r"best_model\.pth: not the weights of crnn with 3 tags"):
        tagger("crnn", weights, tags)


def test_missing_files_are_named(tmp_path: Path) -> None:
    weights, tags = saved(tmp_path, "fcn")
    for one, other in product((weights, tmp_path / "none"), (tags, tmp_path / "none")):
        if (one, other) != (weights, tags):
            with pytest.raises(InputError, match=r"none: not there"):
                tagger("fcn", one, other)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    weights, tags = saved(tmp_path, "fcn")
    weights.write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"best_model\.pth: damaged"):
        tagger("fcn", weights, tags)


def test_an_unknown_architecture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="architecture vgg: choose among fcn"):
        tagger("vgg", *saved(tmp_path, "fcn"))
