from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.results import audio_index, listening
from tests.reproduction.report.papers import RATE, beep


def test_no_index_is_nothing_to_listen_to(tmp_path: Path) -> None:
    """Of recordings of others there is no folder at all."""
    assert audio_index.read(tmp_path / "audio") == []


@pytest.mark.parametrize("content", ["", "[1]", "{}x", '[{"parts": {}}]', '[{"name": "a"}]'])
def test_a_damaged_index_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(InputError, match=r"index\.json: lists no explanations"):
        audio_index.read(tmp_path)


def test_a_sound_that_is_gone_is_named(tmp_path: Path) -> None:
    listening.write(tmp_path, [beep("one")], RATE)
    assert len(audio_index.read(tmp_path)) == 1
    (tmp_path / "clip_one_rest.wav").unlink()
    with pytest.raises(InputError, match=r"clip_one_rest\.wav is not there"):
        audio_index.read(tmp_path)
