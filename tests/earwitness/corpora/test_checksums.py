import subprocess
from pathlib import Path

import pytest

from earwitness.corpora.checksums import holding, published_sums, verify
from earwitness.errors import InputError


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two files; one in a folder that has a list of its own."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a b.txt").write_text("first")
    (tmp_path / "inner" / "c.txt").write_text("second")
    write_list(tmp_path, "SHA256SUMS.txt", "a b.txt")
    write_list(tmp_path / "inner", "SHA256SUMS", "./c.txt", "--binary")
    return tmp_path


def write_list(folder: Path, name: str, *arguments: str) -> None:
    """As coreutils write it."""
    command = ["sha256sum", *arguments]
    listed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    (folder / name).write_text(listed.stdout + "\n")


def test_lists_of_coreutils_are_read(release: Path) -> None:
    """Every list counts, relative to its folder, whether text or binary."""
    files = [release / "a b.txt", release / "inner" / "c.txt"]
    sums = published_sums(release)
    assert sorted(sums) == sorted(files)
    verify(files, sums)


def test_a_changed_file_is_named(release: Path) -> None:
    """One letter is enough."""
    (release / "inner" / "c.txt").write_text("secone")
    with pytest.raises(InputError, match=r"inner/c\.txt: its checksum is not the published one"):
        verify(published_sums(release), published_sums(release))


def test_a_file_that_is_not_listed_is_named(release: Path) -> None:
    """It may be anything."""
    (release / "d.txt").write_text("third")
    with pytest.raises(InputError, match=r"d\.txt: not in the release's SHA256SUMS"):
        verify([release / "d.txt"], published_sums(release))


def test_a_missing_file_is_named(release: Path) -> None:
    """Before anything is converted."""
    (release / "a b.txt").unlink()
    with pytest.raises(InputError, match=r"a b\.txt: not there; fetch this file again"):
        verify([release / "a b.txt"], published_sums(release))


def test_a_release_without_a_list_is_refused(tmp_path: Path) -> None:
    """Nothing in it could be checked."""
    with pytest.raises(InputError, match="holds no SHA256SUMS"):
        published_sums(tmp_path)


@pytest.mark.parametrize("below", [".", "top", "top/training"])
def test_a_file_is_found_however_deep(tmp_path: Path, below: str) -> None:
    """Archives have folders of their own."""
    folder = tmp_path / below
    (folder / "training-a").mkdir(parents=True)
    (folder / "training-a" / "REFERENCE.csv").touch()
    assert holding(tmp_path, "training-a/REFERENCE.csv") == folder
    assert holding(folder, "training-a/REFERENCE.csv") == folder


def test_what_is_nowhere_is_told(tmp_path: Path) -> None:
    """With the remedy."""
    with pytest.raises(InputError, match=r"training_data\.csv: not there; give the folder of"):
        holding(tmp_path, "training_data.csv")
