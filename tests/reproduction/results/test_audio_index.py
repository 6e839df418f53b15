from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.results import audio_index, listening
from tests.reproduction.report.papers import RATE, beep


def test_without_index_there_are_no_entries(tmp_path: Path) -> None:
    """Recordings of others may not be published, so there is no folder at all."""
    assert audio_index.read(tmp_path / "audio") == []


@pytest.mark.parametrize("content", ["", "[1]", "{}x", '[{"parts": {}}]', '[{"name": "a"}]'])
def test_a_damaged_index_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(InputError, match=r"index\.json: not an index of explanations"):
        audio_index.read(tmp_path)


def test_a_missing_sound_is_named(tmp_path: Path) -> None:
    listening.write(tmp_path, [beep("one")], RATE)
    assert len(audio_index.read(tmp_path)) == 1
    (tmp_path / "clip_one_rest.wav").unlink()
    with pytest.raises(InputError, match=r"clip_one_rest\.wav is missing"):
        audio_index.read(tmp_path)
