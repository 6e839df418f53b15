"""The synthetic corpus on disc: its layout, and that it is either complete or unfinished."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from torch import Tensor

from earwitness.corpora import synthetic_digits
from earwitness.corpora.synthetic_digits import evidence, generate
from earwitness.errors import InputError
from earwitness.sound import audio

SPEAKERS = ("07", "12")
COUNT = 2 * 10 * 2


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus; no test changes it."""
    folder = tmp_path_factory.mktemp("synthetic_digits")
    generate(folder, 2, 0, SPEAKERS)
    return folder


def sounds(folder: Path) -> dict[str, np.ndarray]:
    """Decoded samples of every recording, by name."""
    files = sorted(folder.rglob("*.flac"))
    return {str(file.relative_to(folder)): soundfile.read(file, dtype="int16")[0] for file in files}


def written_at(folder: Path) -> dict[str, int]:
    """When every file and folder was last written, in ns, by name."""
    return {str(path): path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


def test_records_describe_the_recordings(root: Path) -> None:
    records = pd.read_csv(root / "records.csv", dtype={"speaker": str})
    assert list(records) == ["file", "digit", "speaker", "sex", "repetition", "frames"]
    assert len(records) == COUNT
    for row in records.itertuples():
        assert row.file == f"{row.speaker}/{row.digit}_{row.speaker}_{row.repetition}.flac"
        info = soundfile.info(root / row.file)
        assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16")
        assert info.frames == row.frames
    assert dict(zip(records.speaker, records.sex, strict=True)) == {"07": "male", "12": "female"}


def test_folder_holds_what_the_readme_lists_and_nothing_else(root: Path) -> None:
    names = {path.name for path in root.iterdir()}
    described = {"README.txt", "records.csv", "evidence.csv", "generator.json"}
    assert names == {*SPEAKERS, *described}
    readme = (root / "README.txt").read_text()
    assert all(name in readme for name in described - {"README.txt"})
    assert "CC0 1.0" in readme


def test_every_recording_has_evidence_for_both_labels(root: Path) -> None:
    regions = evidence(root)
    assert list(regions) == ["file", "label", "onset_s", "offset_s", "low_hz", "high_hz"]
    assert set(regions.file) == set(pd.read_csv(root / "records.csv").file)
    assert (regions.groupby("file").label.nunique() == 2).all()
    assert regions.notna().all(axis=None)


def test_same_arguments_same_files(root: Path, tmp_path: Path) -> None:
    generate(tmp_path, 2, 0, SPEAKERS)
    for name in ("records.csv", "evidence.csv", "generator.json"):
        assert (tmp_path / name).read_bytes() == (root / name).read_bytes()
    first, again = sounds(root), sounds(tmp_path)
    assert first.keys() == again.keys()
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_a_complete_corpus_is_left_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written, not even the same again."""
    monkeypatch.setattr(audio, "write", _fails_after(0))
    before = written_at(root)
    generate(root, 2, 0, SPEAKERS)
    assert written_at(root) == before


@pytest.mark.parametrize("change", [{"repetitions": 1}, {"seed": 1}, {"speakers": ("07",)}])
def test_other_arguments_make_it_again(tmp_path: Path, change: dict[str, object]) -> None:
    arguments = {"repetitions": 2, "seed": 0, "speakers": SPEAKERS[:1]}
    generate(tmp_path, 2, 0, ("01",))
    before = (tmp_path / "evidence.csv").read_bytes()
    generate(tmp_path, **(arguments | change))  # type: ignore[arg-type]
    assert (tmp_path / "evidence.csv").read_bytes() != before


def test_a_changed_synthesiser_makes_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path, 1, 0, ("07",))
    monkeypatch.setattr(synthetic_digits, "code_hash", lambda module: "of another version")
    monkeypatch.setattr(audio, "write", _fails_after(0))
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, 1, 0, ("07",))
    assert not (tmp_path / "records.csv").exists()


def test_an_interrupted_corpus_is_unfinished_and_the_next_run_finishes_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(audio, "write", _fails_after(5))
        with pytest.raises(KeyboardInterrupt):
            generate(tmp_path, 2, 0, SPEAKERS)
    assert not (tmp_path / "records.csv").exists()
    with pytest.raises(InputError, match="no complete"):
        evidence(tmp_path)
    generate(tmp_path, 2, 0, SPEAKERS)
    assert (tmp_path / "records.csv").read_bytes() == (root / "records.csv").read_bytes()
    assert sounds(tmp_path).keys() == sounds(root).keys()


def _fails_after(count: int) -> Callable[[Path, Tensor], None]:
    """`audio.write` that is interrupted after so many recordings."""
    write, remaining = audio.write, iter(range(count))

    def interrupted(path: Path, wave: Tensor) -> None:
        if next(remaining, None) is None:
            raise KeyboardInterrupt
        write(path, wave)

    return interrupted


@pytest.mark.parametrize("change", [{"repetitions": 0}, {"speakers": ()}, {"speakers": ("61",)}])
def test_bad_arguments_are_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, object]
) -> None:
    arguments: dict[str, object] = {"repetitions": 1, "seed": 0, "speakers": ("01",)}
    with pytest.raises(InputError):
        generate(tmp_path, **(arguments | change))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
