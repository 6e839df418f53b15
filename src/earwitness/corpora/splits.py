"""Folds whose speakers never meet: groups of speakers, rotated through train, validate and test."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from earwitness.errors import InputError

NOTHING = pd.Index([], dtype="int64")
"""No rows."""

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Fold:
    """Rows of a corpus's records, by what they are used for; no speaker is in two parts."""

    train: pd.Index
    validate: pd.Index
    test: pd.Index


def rotate(records: pd.DataFrame, groups: Groups, validate: int = 1) -> list[Fold]:
    """Rotate groups of speakers as Becker et al. do: fold k starts with group k and tests the last.

    Of n groups A B C D E and `validate=1`, fold 0 trains on A B C, validates on D and tests E;
    fold 1 trains on B C D, validates on E and tests A. With `validate=0` all groups but the
    tested one are for training. Recordings of speakers in no group are left out.

    Args:
        records: one row a recording, with its `speaker`.
        groups: name of a group to its speakers, in the order of rotation.
        validate: how many groups each fold validates on.

    Returns:
        One fold a group.

    Raises:
        InputError: too few groups, a speaker listed twice or unknown to the records, or a
            group of nobody.
    """
    _check_groups(records, groups, validate)
    rows = [records.index[records.speaker.isin(list(group))] for group in groups.values()]
    return [_fold(rows[k:] + rows[:k], validate) for k in range(len(rows))]


def by_speaker(
    records: pd.DataFrame, folds: int, seed: int, alike: Sequence[str] = ()
) -> list[Fold]:
    """Folds of whole speakers, drawn at random; each tests about as many recordings.

    Args:
        records: one row a recording, with its `speaker`.
        folds: how many; each tests one part and trains on all the others.
        seed: of the draw.
        alike: columns whose combinations of values are as frequent in each part as can be.

    Returns:
        The folds; nothing to validate on.

    Raises:
        InputError: fewer speakers than folds, or a column of `alike` is missing.
    """
    speakers = records.speaker.nunique()
    if not 2 <= folds <= speakers:
        raise InputError(f"by_speaker: {folds} folds of {speakers} speakers; give 2 to {speakers}")
    if missing := set(alike) - set(records):
        raise InputError(f"by_speaker: alike: the records have no column {min(missing)}")
    strata = records.groupby(list(alike)).ngroup() if alike else np.zeros(len(records))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return [
        Fold(records.index[train], NOTHING, records.index[test])
        for train, test in splitter.split(records, strata, records.speaker)
    ]


def holdout(records: pd.DataFrame, validate: float, test: float, seed: int) -> list[Fold]:
    """One split into three parts of whole speakers, drawn at random.

    Args:
        records: one row a recording, with its `speaker`.
        validate: share of the speakers that are validated on.
        test: share of the speakers that are tested.
        seed: of the draw.

    Returns:
        A single fold.

    Raises:
        InputError: a part would have nobody.
    """
    speakers = sorted(records.speaker.unique())
    order = np.random.default_rng(seed).permutation(speakers)
    tested, validated = (round(share * len(order)) for share in (test, validate))
    if min(tested, validated, len(order) - tested - validated) < 1:
        raise InputError(
            f"holdout: {len(order)} speakers, {validate} to validate, {test} to test; "
            "choose shares that leave somebody in each part"
        )
    groups = np.split(order, [tested, tested + validated])
    test_rows, validation, train = (records.index[records.speaker.isin(part)] for part in groups)
    return [Fold(train, validation, test_rows)]


def parts(records: pd.DataFrame, count: int) -> list[Fold]:
    """Parts of a corpus that can be worked on apart: part k tests every `count`-th row from k on.

    Nothing is trained on. The parts take about as long as each other, because neighbours in the
    records resemble each other.
    """
    return [Fold(NOTHING, NOTHING, records.index[first::count]) for first in range(count)]


def leave_out(records: pd.DataFrame, column: str) -> list[Fold]:
    """Leave one value of a column (a database) out at a time: each fold tests one of them.

    Returns:
        One fold a value, in the order of the values; nothing to validate on.

    Raises:
        InputError: the records lack the column, or it has a single value.
    """
    values = sorted(records[column].unique()) if column in records else []
    if len(values) < 2:
        raise InputError(f"leave_out: column {column} has {len(values)} values; choose another")
    parts = [records.index[records[column] == value] for value in values]
    return [Fold(records.index.difference(part), NOTHING, part) for part in parts]


def _fold(rows: list[pd.Index], validate: int) -> Fold:
    """One fold of groups of rows: those to train on, those to validate on, and the tested one."""
    *rest, test = rows
    trained = len(rest) - validate
    return Fold(_union(rest[:trained]), _union(rest[trained:]), test)


def _union(rows: list[pd.Index]) -> pd.Index:
    """All rows of several groups; none of no group."""
    return rows[0].append(rows[1:]) if rows else pd.Index([], dtype="int64")


def _check_groups(records: pd.DataFrame, groups: Groups, validate: int) -> None:
    """Raise InputError unless groups can be rotated and hold speakers of the records, each once."""
    if validate < 0 or len(groups) < validate + 2:
        raise InputError(
            f"{len(groups)} groups cannot be split into train, {validate} to validate and one to "
            f"test; give at least {max(validate, 0) + 2} groups and `validate` of 0 or more"
        )
    for name, speakers in groups.items():
        if not speakers:
            raise InputError(f"group {name} has no recordings: give it speakers or remove it")
    listed = Counter(speaker for speakers in groups.values() for speaker in speakers)
    for speaker, times in listed.items():
        if times > 1:
            raise InputError(f"speaker {speaker} is listed {times} times; keep one of them")
    if unknown := sorted(set(listed) - set(records.speaker)):
        raise InputError(
            f"the records have no speaker {', '.join(map(str, unknown))}; choose among "
            f"{', '.join(sorted(records.speaker.unique()))}"
        )
