"""CirCor's annotations, one file a recording: from when to when the heart is in which state."""

from pathlib import Path

import pandas as pd

COLUMNS = ["start_s", "end_s", "state"]
LONGEST_S = 30.0
"""Longest part of a recording that is kept, in s."""


def annotated(track: Path) -> float:
    """Return the total length of a file's known states, in s; to 1 us, so that ties are equal."""
    known = _known(track)
    return round(float((known.end_s - known.start_s).sum()), 6)


def kept(track: Path) -> tuple[float, float]:
    """Return where the kept part begins and ends, in s: known states, at most `LONGEST_S`."""
    known = _known(track)
    start = float(known.start_s.iloc[0])
    return start, min(float(known.end_s.iloc[-1]), start + LONGEST_S)


def cropped(track: Path) -> pd.DataFrame:
    """The states in the part that is kept, in s from its start, to 0.1 ms: `COLUMNS`."""
    start, end = kept(track)
    states = _states(track)
    inside = states[(states.end_s > start) & (states.start_s < end)]
    times = inside[["start_s", "end_s"]].clip(start, end) - start
    return times.round(4).assign(state=inside.state)


def _known(track: Path) -> pd.DataFrame:
    """Return the known states; 0 stands for an unknown one."""
    states = _states(track)
    return states[states.state > 0]


def _states(track: Path) -> pd.DataFrame:
    return pd.read_csv(track, sep="\t", names=COLUMNS)
