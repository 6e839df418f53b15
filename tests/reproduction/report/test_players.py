from pathlib import Path

from reproduction.report import players
from reproduction.report.players import SoundIds
from tests.reproduction.report.papers import SECONDS


def test_players_have_sounds_numbers_and_positions(repository: Path) -> None:
    """The original of a clip with several explanations is in the page once."""
    ids = SoundIds()
    by_clip = players.read("tones", repository / "results/demo/tones/audio", ids)
    first, second = by_clip["clip"]
    assert first.id == "listen-tones-clip_one"
    assert [choice.label for choice in first.choices] == ["Original", "Explanation", "Complement"]
    assert [choice.number for choice in first.choices] == [0.75, 0.9, 0.1235]
    assert first.choices[0].sound == second.choices[0].sound
    assert first.choices[1].sound != second.choices[1].sound
    assert len(ids) == 2 * (1 + 2 + 2)
    assert (first.left, first.width, first.is_coarse) == (0, 100, True)
    assert first.entry["seconds"] == SECONDS


def test_a_paper_without_sounds_has_no_players(tmp_path: Path) -> None:
    assert players.read("tones", tmp_path, SoundIds()) == {}
