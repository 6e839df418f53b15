"""The store of explained clips: everything reads back as written; missing files are named."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from reproduction.store import ExplainedClip, Store

EXPLANATION = Explanation(
    values=torch.tensor([0.5, -0.25]),
    axes=(Axis("time", "s", torch.tensor([0.0, 0.5])),),
    target="a class",
    probability=0.75,
    method="some method",
    settings={"draws": 3},
    gap=0.125,
)
LISTED = pd.DataFrame(
    {"pair": ["digits", "digits"], "clip": ["001", "002"], "speaker": ["07", "08"], "fold": [0, 1]}
)


def test_clips_are_listed_with_their_folders(tmp_path: Path) -> None:
    """Rows keep names as text; folders follow the columns that name them."""
    store = Store(tmp_path, ("pair", "fold", "clip"), rate=1000)
    store.write_list(LISTED)
    clips = store.read()
    assert [vars(clip.row) for clip in clips] == LISTED.to_dict("records")
    assert [clip.folder for clip in clips] == [
        tmp_path / "digits/0/001",
        tmp_path / "digits/1/002",
    ]
    assert {clip.rate for clip in clips} == {1000}


def test_explanations_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Each under its own key, as plain data."""
    clip = ExplainedClip(tmp_path / "clip")
    other = replace(EXPLANATION, target="another class")
    clip.write_explanation(EXPLANATION, "digit", "lrp")
    clip.write_explanation(other, "sex", "lrp")
    assert clip.explanation("digit", "lrp").as_lists() == EXPLANATION.as_lists()
    assert clip.explanation("sex", "lrp").target == "another class"
    assert clip.has_explanation("sex", "lrp")
    assert not clip.has_explanation("sex")
    torch.load(tmp_path / "clip/digit_lrp.pt", weights_only=True)


def test_answers_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Tensors, and what is not known, beside the explanation with the same key."""
    clip = ExplainedClip(tmp_path)
    clip.write_answers({"outcomes": torch.tensor([0.5, 0.25]), "shapley": None}, "lime")
    clip.write_explanation(EXPLANATION, "lime")
    answers = clip.answers("lime")
    assert answers["outcomes"] is not None
    assert answers["outcomes"].tolist() == [0.5, 0.25]
    assert answers["shapley"] is None


def test_sounds_and_evidence_are_read_as_they_were_written(tmp_path: Path) -> None:
    """A recording without planted evidence has no regions."""
    clip = ExplainedClip(tmp_path, rate=1000)
    wave = torch.linspace(-0.5, 0.5, 100)
    clip.write_wave(wave)
    torch.testing.assert_close(clip.wave(), wave, atol=1 / 2**15, rtol=0)
    assert clip.evidence().empty
    assert not clip.has_evidence
    regions = pd.DataFrame({"onset_s": [1 / 3], "offset_s": [0.5]})
    clip.write_evidence(regions)
    assert clip.has_evidence
    assert clip.evidence().equals(regions)


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    """The file, and what to do."""
    clip = ExplainedClip(tmp_path)
    with pytest.raises(InputError, match=r"lrp\.pt: .* again"):
        clip.explanation("lrp")
    with pytest.raises(InputError, match=r"lime_answers\.pt: missing or damaged; run .* again"):
        clip.answers("lime")
    for name in ("lrp.pt", "lime_answers.pt"):
        (tmp_path / name).write_bytes(b"half of a fi")
    with pytest.raises(InputError, match=r"lrp\.pt: .* again"):
        clip.explanation("lrp")
    with pytest.raises(InputError, match=r"lime_answers\.pt: missing or damaged"):
        clip.answers("lime")
    with pytest.raises(InputError, match=r"clips\.csv: missing; run"):
        Store(tmp_path).read()
