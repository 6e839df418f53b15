import json
import os
from pathlib import Path

import pytest

from earwitness import files


def test_atomic_renames_when_done(tmp_path: Path) -> None:
    with files.atomic(tmp_path / "new" / "a.wav") as temporary:
        assert temporary.suffix == ".wav"
        temporary.write_text("done")
        assert not (tmp_path / "new" / "a.wav").exists()
    assert (tmp_path / "new" / "a.wav").read_text() == "done"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.wav"]


def test_atomic_keeps_the_earlier_file_when_the_block_raises(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with files.atomic(tmp_path / "a") as temporary:
            temporary.write_text("half")
            raise KeyError

    (tmp_path / "a").write_text("earlier")
    with pytest.raises(KeyError):
        fail_halfway()
    assert (tmp_path / "a").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_atomic_makes_folders_too(tmp_path: Path) -> None:
    with files.atomic(tmp_path / "folder") as temporary:
        temporary.mkdir()
        (temporary / "a").write_text("a")
    assert (tmp_path / "folder" / "a").read_text() == "a"


def test_write_if_changed_leaves_equal_content_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert files.write_if_changed(path, "é")
    os.utime(path, ns=(1, 1))
    assert not files.write_if_changed(path, "é")
    assert path.stat().st_mtime_ns == 1
    assert files.write_if_changed(path, "e")
    assert path.stat().st_mtime_ns > 1


def test_json_is_read_back(tmp_path: Path) -> None:
    content = {"é": [1, 2.5, None]}
    files.write_json(tmp_path / "a.json", content)
    text = (tmp_path / "a.json").read_text("utf-8")
    assert json.loads(text) == content
    assert "é" in text


def test_text_hash_is_that_of_sha256() -> None:
    assert files.text_hash("abc") == "ba7816bf8f01cfea"


def test_files_hash_follows_names_and_bytes_not_order(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    b.write_text("2")
    first = files.files_hash([a, b], tmp_path)
    assert files.files_hash([b, a], tmp_path) == first
    b.write_text("3")
    assert files.files_hash([a, b], tmp_path) != first
    b.rename(tmp_path / "c")
    (tmp_path / "c").write_text("2")
    assert files.files_hash([a, tmp_path / "c"], tmp_path) != first
