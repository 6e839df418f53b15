from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig
from scipy.stats import pearsonr, spearmanr

from earwitness.corpora.synthetic_music import PLANTED, PRINTED
from experiments.midlevel.answers import effects as effects_of
from experiments.midlevel.answers import of_test_songs
from experiments.midlevel.explain import STUDY, corpus_of, store
from experiments.midlevel.tables import effects
from experiments.midlevel.tables.judged import agreement_rows
from reproduction import config, sweep


def table(run: DictConfig, name: str) -> pd.DataFrame:
    return pd.read_csv(config.paper_folder(run, "results") / f"tables/{name}.csv")


def test_correlations_are_those_of_predictions(run: DictConfig) -> None:
    """Pearson's r of every run, averaged; scipy's."""
    rows, answers = table(run, "correlations"), sweep.predictions(run)
    names = {"A2E": "a2e", "A2Mid2E": "a2mid2e", "A2Mid2E-Joint": "joint"}
    for row in rows[rows.emotion != "mean"].itertuples():
        own = answers[(answers.model == names[row.scheme]) & (answers.rating == row.emotion)]
        own = own[own.part == "test"]
        expected = [pearsonr(g.rated, g.predicted).statistic for _, g in own.groupby("fold")]
        assert row.mean == pytest.approx(np.mean(expected), abs=1e-4)
        assert row.runs == len(expected) == 2
        assert row.sd_runs == pytest.approx(np.std(expected, ddof=1), abs=1e-4)


def test_cost_is_what_is_lost_against_the_black_box(run: DictConfig) -> None:
    """None for the black box itself; the published numbers stand beside."""
    rows = table(run, "correlations").set_index(["scheme", "emotion"])
    for scheme in ("A2Mid2E", "A2Mid2E-Joint"):
        lost = rows.loc["A2E"]["mean"] - rows.loc[scheme]["mean"]
        np.testing.assert_allclose(rows.loc[scheme].cost, lost, atol=2e-4)
    assert rows.loc["A2E"].cost.isna().all()
    assert rows.loc["A2E", "mean"].published == 0.76
    assert rows.loc["A2E", "mean"].later_run == 0.73


def test_annotation_correlations_are_those_of_ratings(run: DictConfig) -> None:
    """numpy's, over all songs, because all have both."""
    rows, records = table(run, "annotation_correlations"), corpus_of(run).records
    for row in rows.itertuples():
        expected = np.corrcoef(records[row.midlevel], records[row.emotion])[0, 1]
        assert row.r == pytest.approx(expected, abs=1e-4)
    assert (rows.midlevel_by == "labels").all()
    assert rows.published.notna().all()


def test_weights_stand_beside_what_was_planted_and_printed(run: DictConfig) -> None:
    """A row for each scheme, feature and emotion."""
    rows = table(run, "weights")
    assert len(rows) == 2 * PLANTED.size
    for row in rows.itertuples():
        assert row.planted == pytest.approx(PLANTED.loc[row.midlevel, row.emotion], abs=1e-4)
        assert row.published == pytest.approx(PRINTED.loc[row.midlevel, row.emotion], abs=1e-4)


def test_effects_and_bias_make_the_prediction(run: DictConfig) -> None:
    """Summed over features they differ from the predicted emotion by one number a run."""
    answers = of_test_songs(run)
    found = effects_of(run, answers, "joint")
    sums = found.groupby(["emotion", "run", "song"]).effect.sum()
    own = answers[(answers.model == "joint") & (answers.kind == "emotions")]
    predicted = own.set_index(["rating", "run", "song"]).predicted.rename_axis(sums.index.names)
    biases = (predicted - sums).groupby(["emotion", "run"])
    assert len(sums) == len(predicted) > 0
    assert float((biases.max() - biases.min()).max()) < 2e-5


def test_effects_are_summarised_over_songs_and_runs(run: DictConfig) -> None:
    """Quartiles of the mean over runs, and the spread over runs."""
    rows = table(run, "effects").set_index(["emotion", "midlevel"])
    found = effects_of(run, of_test_songs(run), "joint")
    for kind, group in found.groupby(["emotion", "midlevel"]):
        by_song = group.groupby("song").effect
        assert rows.loc[kind, "median"] == pytest.approx(by_song.mean().median(), abs=1e-4)
        assert rows.loc[kind, "sd_runs"] == pytest.approx(by_song.std().mean(), abs=1e-4)


def test_pairs_are_like_in_emotions_and_unlike_in_features() -> None:
    """By brute force over all pairs, and no song twice."""
    random = np.random.default_rng(0)
    songs = [f"song {number}" for number in range(20)]
    tables = [pd.DataFrame(random.normal(size=(20, 3)), index=songs) for _ in range(2)]
    chosen = effects.choose(*tables, 2)
    scaled = [(each - each.mean()) / each.std() for each in tables]
    apart = {
        pair: [float(np.sqrt(((t.loc[pair[0]] - t.loc[pair[1]]) ** 2).mean())) for t in scaled]
        for pair in combinations(songs, 2)
    }
    near = sorted(apart, key=lambda pair: apart[pair][0])[: round(0.05 * len(apart))]
    first = max(near, key=lambda pair: apart[pair][1])
    assert chosen[0][0] == first
    assert chosen[0][1]["midlevel_apart"] == pytest.approx(apart[first][1])
    assert len({song for pair, _ in chosen for song in pair}) == 4


def test_agreement_is_a_rank_correlation_of_the_same_parts(run: DictConfig) -> None:
    """Scipy's."""
    songs = store(run).read()
    rows = agreement_rows(run, songs).set_index(["song", "by", "emotion"]).value
    by, emotion = run.explain.by[0], run.studies[STUDY].emotions[0]
    for song in songs:
        values = [song.explanation(m, by, emotion).values.flatten() for m in run.explain.models]
        expected = spearmanr(*values).statistic
        assert rows[song.row.song, by, emotion] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_every_table_names_its_corpus(run: DictConfig) -> None:
    """So that none can be taken for another's."""
    for name in ("correlations", "midlevel", "weights", "effects", "agreement", "faithfulness"):
        assert (table(run, name).corpus == "Synthetic songs").all()
