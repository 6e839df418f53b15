"""CirCor's annotations, one file a recording: from when to when the heart is in which state."""

from pathlib import Path

import pandas as pd

COLUMNS = ["start_s", "end_s", "state"]
LONGEST_S = 30.0
"""How much of a recording is kept, in s."""


def annotated(track: Path) -> float:
    """How long the states in a file are told, in s; to a microsecond, so that ties are equal."""
    known = _known(track)
    return round(float((known.end_s - known.start_s).sum()), 6)


def kept(track: Path) -> tuple[float, float]:
    """From the first to the last state that is told, at most `LONGEST_S`: start and end in s."""
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
    """The states that are told; 0 stands for one that is not."""
    states = _states(track)
    return states[states.state > 0]


def _states(track: Path) -> pd.DataFrame:
    return pd.read_csv(track, sep="\t", names=COLUMNS)
