import math
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from experiments.audiolime.checks import localisation
from reproduction.results import checks


def test_values_that_point_to_the_cause_score_one() -> None:
    """The opposite scores nothing, and equal values chance."""
    passage = torch.tensor([False, True, True, False, False])
    cause = torch.zeros(3, 5, dtype=torch.bool)
    cause[1, 1:3] = True
    right = localisation.localisation_scores(cause.double(), passage, cause)
    wrong = localisation.localisation_scores(-cause.double(), passage, cause)
    level = localisation.localisation_scores(torch.ones(3, 5), passage, cause)
    assert (right["auc_time"], right["auc"], right["hit"]) == (1, 1, 1)
    assert (wrong["auc_time"], wrong["auc"], wrong["hit"]) == (0, 0, 0)
    assert (level["auc_time"], level["auc"]) == (0.5, 0.5)
    assert right["chance"] == pytest.approx(2 / 15)


def test_without_the_source_among_the_components_time_alone_is_judged() -> None:
    """Bands of frequency have no source; the best may be any of them."""
    passage = torch.tensor([False, True])
    nothing = torch.zeros(3, 2, dtype=torch.bool)
    values = torch.tensor([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    found = localisation.localisation_scores(values, passage, nothing)
    assert math.isnan(found["auc"])
    assert (found["auc_time"], found["hit"], found["chance"]) == (1, 1, 0.5)


def test_clips_with_their_tag_are_judged(run: DictConfig) -> None:
    """By every explanation of the same answers, fidelity being that of surrogates."""
    rows = checks.read(run, localisation.CHECK)
    if rows.empty:
        pytest.skip("two steps of training gave no clip a tag that it has")
    assert set(rows.explanation) >= {"LIME", "LIME forest", "loudness", "random"}
    assert rows[rows.explanation == "loudness"].r2.isna().all()
    assert rows[rows.explanation == "LIME"].r2.notna().all()
    assert rows[["auc_time", "hit"]].stack().between(0, 1).all()
    assert set(rows.draws[rows.explanation == "LIME"]) == {16, 64}


def test_music_of_which_nothing_is_known_leaves_an_empty_table(
    run: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its columns."""
    written: list[pd.DataFrame] = []
    monkeypatch.setattr(localisation, "synthetic_tags", SimpleNamespace(NAME="something else"))
    monkeypatch.setattr(checks, "write", lambda _, __, rows: written.append(rows))
    localisation.main(run)
    assert written[0].empty
    assert list(written[0]) == localisation.COLUMNS
