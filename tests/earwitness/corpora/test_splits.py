from functools import partial

import numpy as np
import pandas as pd
import pytest
from hydra.utils import instantiate
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from earwitness.corpora.splits import Fold, by_speaker, holdout, leave_out, parts, rotate
from earwitness.errors import InputError
from tests.checkout import ROOT

CONF = ROOT / "conf" / "split"

# Becker et al., released split: speakers of each group, and the groups of each fold.
DIGIT_GROUPS = {
    "A": "28 56 7 19 35 1 6 16 23 34 46 53",
    "B": "36 57 9 24 37 2 8 17 29 39 48 54",
    "C": "43 58 14 25 38 3 10 20 30 40 49 55",
    "D": "12 47 59 15 27 41 4 11 21 31 44 50",
    "E": "26 52 60 18 32 42 5 13 22 33 45 51",
}
DIGIT_FOLDS = [("ABC", "D", "E"), ("BCD", "E", "A"), ("CDE", "A", "B"), ("DEA", "B", "C")]
DIGIT_FOLDS += [("EAB", "C", "D")]
SEX_GROUPS = {
    "1": "36 47 56 2 44 50",
    "2": "26 12 57 25 37 45",
    "3": "43 28 52 48 53 41",
    "4": "58 59 60 7 23 38",
}
SEX_FOLDS = [("12", "3", "4"), ("23", "4", "1"), ("34", "1", "2"), ("41", "2", "3")]
WOMEN = {"12", "26", "28", "36", "43", "47", "52", "56", "57", "58", "59", "60"}


def two_each(speakers: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"speaker": sorted(speakers * 2)})


AUDIOMNIST = two_each([f"{number:02d}" for number in range(1, 61)])
RECORDS = {
    "audiomnist_digit": AUDIOMNIST,
    "audiomnist_sex": AUDIOMNIST,
    "fsdd": two_each(["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]),
    "arabic_digits": two_each([f"{number:02d}" for number in range(1, 31)]),
    "ravdess": two_each([f"Actor_{number:02d}" for number in range(1, 25)]),
}


def configured(name: str) -> partial[list[Fold]]:
    return instantiate(OmegaConf.load(CONF / f"{name}.yaml"))


def folds_of(name: str) -> list[tuple[set[str], ...]]:
    """Speakers of the parts of each fold that a config gives."""
    records = RECORDS[name]
    return [
        tuple(set(records.speaker[rows]) for rows in (fold.train, fold.validate, fold.test))
        for fold in configured(name)(records)
    ]


def published(
    groups: dict[str, str], folds: list[tuple[str, str, str]]
) -> list[tuple[set[str], ...]]:
    return [
        tuple({f"{int(id):02d}" for g in part for id in groups[g].split()} for part in fold)
        for fold in folds
    ]


def test_digit_folds_are_the_published_ones() -> None:
    assert folds_of("audiomnist_digit") == published(DIGIT_GROUPS, DIGIT_FOLDS)


def test_sex_folds_are_the_published_ones() -> None:
    assert folds_of("audiomnist_sex") == published(SEX_GROUPS, SEX_FOLDS)


def test_sex_groups_are_balanced() -> None:
    for _, _, test in folds_of("audiomnist_sex"):
        assert len(test & WOMEN) == len(test - WOMEN) == 3


@pytest.mark.parametrize("name", RECORDS)
def test_no_speaker_is_in_two_parts(name: str) -> None:
    for train, validate, test in folds_of(name):
        assert train
        assert not train & validate
        assert not train & test
        assert not validate & test


@pytest.mark.parametrize("name", [name for name in RECORDS if name != "audiomnist_sex"])
def test_every_speaker_is_tested_once(name: str) -> None:
    tested = [speaker for _, _, test in folds_of(name) for speaker in test]
    assert sorted(tested) == sorted(RECORDS[name].speaker.unique())


@pytest.mark.parametrize("name", ["fsdd", "arabic_digits", "ravdess"])
def test_without_validation_all_others_train(name: str) -> None:
    for train, validate, test in folds_of(name):
        assert not validate
        assert train | test == set(RECORDS[name].speaker)


def test_every_config_is_tested() -> None:
    shipped = {path.stem for path in CONF.glob("*.yaml")}
    assert set(RECORDS) <= shipped


@pytest.mark.parametrize("name", ["fsdd", "arabic_digits", "ravdess"])
def test_first_fold_tests_the_last_group(name: str) -> None:
    groups = OmegaConf.load(CONF / f"{name}.yaml").groups
    *_, last = groups.values()
    assert folds_of(name)[0][2] == set(last)


@given(groups=st.integers(2, 7), validate=st.integers(0, 5))
def test_every_row_is_in_exactly_one_part(groups: int, validate: int) -> None:
    validate = min(validate, groups - 2)
    records = two_each([str(k) for k in range(groups)]).sample(frac=1, random_state=groups)
    for fold in rotate(records, {str(k): [str(k)] for k in range(groups)}, validate):
        rows = [*fold.train, *fold.validate, *fold.test]
        assert sorted(rows) == sorted(records.index)
        assert len(fold.validate) == 2 * validate


def test_speakers_in_no_group_are_left_out() -> None:
    folds = rotate(two_each(["a", "b", "c"]), {"A": ["a"], "B": ["b"]}, validate=0)
    assert [list(fold.train) + list(fold.test) for fold in folds] == [[0, 1, 2, 3], [2, 3, 0, 1]]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"A": ["a"], "B": ["b", "a"]}, "speaker a is listed 2 times"),
        ({"A": ["a"], "B": ["z"]}, "the records have no speaker z; choose among a, b"),
        ({"A": ["a"], "B": []}, "group B has no recordings"),
        ({"A": ["a"]}, "give at least 2 groups"),
    ],
)
def test_wrong_groups_are_named(groups: dict[str, list[str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rotate(two_each(["a", "b"]), groups, validate=0)


@pytest.mark.parametrize("validate", [-1, 1])
def test_too_few_groups_are_refused(validate: int) -> None:
    with pytest.raises(InputError, match="2 groups cannot be split"):
        rotate(two_each(["a", "b"]), {"A": ["a"], "B": ["b"]}, validate)


def clinic(seed: int, subjects: int) -> pd.DataFrame:
    """Subjects with one to three recordings each and one diagnosis, in an index of odd numbers."""
    random = np.random.default_rng(seed)
    speakers = np.repeat([f"s{n}" for n in range(subjects)], random.integers(1, 4, subjects))
    sick = dict(zip(np.unique(speakers), random.random(subjects) < 0.3))
    diagnosis = ["abnormal" if sick[speaker] else "normal" for speaker in speakers]
    index = range(1, 2 * len(speakers), 2)
    return pd.DataFrame({"speaker": speakers, "diagnosis": diagnosis}, index=index)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(5, 40), st.integers(2, 5))
def test_every_recording_is_tested_once_and_no_speaker_is_on_both_sides(
    seed: int, subjects: int, folds: int
) -> None:
    """Folds of whole speakers, whatever their number of recordings."""
    records = clinic(seed, subjects)
    found = by_speaker(records, folds, seed)
    assert len(found) == folds
    assert sorted(row for fold in found for row in fold.test) == list(records.index)
    for fold in found:
        assert set(fold.train) | set(fold.test) == set(records.index)
        assert not set(records.speaker[fold.train]) & set(records.speaker[fold.test])
        assert not len(fold.validate)


def test_folds_are_alike_in_what_is_named() -> None:
    """The share of abnormal recordings is that of the corpus in every part."""
    records = clinic(0, 400)
    share = (records.diagnosis == "abnormal").mean()
    for fold in by_speaker(records, 5, seed=1, alike=["diagnosis"]):
        part = (records.diagnosis[fold.test] == "abnormal").mean()
        assert part == pytest.approx(share, abs=0.02)


def test_speakers_are_drawn_by_the_seed() -> None:
    """One seed, one draw; another seed, another."""
    records = clinic(0, 40)
    drawn = [by_speaker(records, 4, seed)[0].test.tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_too_few_speakers_and_unknown_columns_are_refused() -> None:
    """One line that names the number or the column."""
    records = clinic(0, 4)
    with pytest.raises(InputError, match=r"^by_speaker: 5 folds of 4 speakers; give 2 to 4$"):
        by_speaker(records, 5, seed=0)
    with pytest.raises(InputError, match="no column sex"):
        by_speaker(records, 2, seed=0, alike=["sex"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(10, 60), st.floats(0.1, 0.4), st.floats(0.1, 0.4))
def test_a_holdout_has_the_shares_of_speakers_that_were_asked_for(
    seed: int, subjects: int, validate: float, test: float
) -> None:
    """Every recording is in one part, every speaker too, whatever their number of recordings."""
    records = clinic(seed, subjects).sample(frac=1, random_state=seed)
    (fold,) = holdout(records, validate, test, seed)
    assert sorted([*fold.train, *fold.validate, *fold.test]) == sorted(records.index)
    speakers = [set(records.speaker[rows]) for rows in (fold.train, fold.validate, fold.test)]
    assert sum(map(len, speakers)) == subjects == len(set.union(*speakers))
    assert abs(len(speakers[1]) - validate * subjects) <= 0.5
    assert abs(len(speakers[2]) - test * subjects) <= 0.5


def test_a_holdout_is_the_seeds_and_not_the_order_of_the_records() -> None:
    """One seed, one draw, however the records are sorted; another seed, another."""
    records = clinic(0, 40)
    turned = records.iloc[::-1]
    drawn = [
        set(holdout(table, 0.2, 0.2, seed)[0].test)
        for table, seed in ((records, 0), (turned, 0), (records, 1))
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_shipped_holdout_is_tenths() -> None:
    """As the paper's config has them: of 60 speakers 6 to validate on and 6 to test."""
    (fold,) = configured("holdout")(AUDIOMNIST)
    assert [len(rows) for rows in (fold.train, fold.validate, fold.test)] == [96, 12, 12]


@pytest.mark.parametrize(("validate", "test"), [(0.5, 0.5), (0.05, 0.5), (0.5, 0.05), (0.7, 0.7)])
def test_a_holdout_with_an_empty_part_is_refused(validate: float, test: float) -> None:
    """One line that names the shares, whichever part would have nobody."""
    message = rf"^holdout: 4 speakers, {validate} to validate, {test} to test; choose shares"
    with pytest.raises(InputError, match=message):
        holdout(clinic(0, 4), validate, test, seed=0)


def test_parts_are_every_so_many_rows() -> None:
    """Together the parts are the corpus; they train on nothing."""
    records = clinic(0, 10)
    found = parts(records, 3)
    assert found[1].test.tolist() == list(records.index[1::3])
    assert sorted(row for part in found for row in part.test) == list(records.index)
    assert not any(len(part.train) + len(part.validate) for part in found)


def test_each_database_is_left_out_once() -> None:
    """And the others are all trained on."""
    records = pd.DataFrame({"database": list("abacba"), "speaker": list("uvwxyz")})
    folds = leave_out(records, "database")
    assert [sorted(fold.test) for fold in folds] == [[0, 2, 5], [1, 4], [3]]
    assert all(sorted(fold.train.append(fold.test)) == list(range(6)) for fold in folds)
    assert all(not len(fold.validate) for fold in folds)


@pytest.mark.parametrize("column", ["database", "gone"])
def test_one_database_cannot_be_left_out(column: str) -> None:
    """Nothing would be left to train on."""
    records = pd.DataFrame({"database": ["a", "a"], "speaker": ["u", "v"]})
    with pytest.raises(InputError, match=f"column {column} has"):
        leave_out(records, column)
