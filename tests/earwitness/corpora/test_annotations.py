from pathlib import Path

import pytest

from earwitness.corpora.annotations import annotated, cropped, kept

STATES = [(0.0, 0.5, 0), (0.5, 1.0, 1), (1.0, 20.0, 0), (20.0, 29.0, 2), (29.0, 40.0, 3)]


@pytest.fixture
def track(tmp_path: Path) -> Path:
    """States with nothing told at the start and in the middle, longer than is kept."""
    path = tmp_path / "1_AV.tsv"
    path.write_text("".join(f"{start}\t{end}\t{state}\n" for start, end, state in STATES))
    return path


def test_only_what_is_told_counts(track: Path) -> None:
    """The state 0 is no annotation."""
    assert annotated(track) == 0.5 + 9 + 11


def test_thirty_seconds_are_kept(track: Path) -> None:
    """From the first state that is told."""
    assert kept(track) == (0.5, 30.5)


def test_states_are_cut_where_the_sound_is(track: Path) -> None:
    """The last one ends with the crop; the gap stays."""
    assert cropped(track).to_numpy().tolist() == [
        [0.0, 0.5, 1.0],
        [0.5, 19.5, 0.0],
        [19.5, 28.5, 2.0],
        [28.5, 30.0, 3.0],
    ]
