import pandas as pd
import pytest
from omegaconf import DictConfig
from scipy.stats import spearmanr

from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import FEWER, TOP
from experiments.audiolime.tables import judged, same_tag
from reproduction import config

NAMES = ("topk", "topk_by_draws", "listening", "convergence", "agreement", "localisation",
         "fidelity_vs_truth", "separation", "taggers")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_there(run: DictConfig, name: str) -> None:
    """With its columns, even where there is nothing to say."""
    table = pd.read_csv(config.paper_folder(run, "results") / f"tables/{name}.csv")
    assert len(table.columns) > 3


def test_shares_are_means_over_clips(run: DictConfig) -> None:
    """Random ones are of audioLIME's components alone."""
    table = same_tag.topk(run).set_index(["tagger", "k", "explanation"])
    rows = answers.tables(run, TOP)
    for (tagger, k, arm), group in rows[rows.method == "audiolime"].groupby(["tagger", "k", "arm"]):
        name = same_tag.ARMS.get(arm, same_tag.AUDIOLIME)
        assert table.loc[(tagger, k, name), "same"] == pytest.approx(group.same.mean())
        assert table.loc[(tagger, k, name), "same_n"] == len(group)


def test_fewer_draws_are_compared_with_all_on_the_same_clips(run: DictConfig) -> None:
    """By hand, for one tagger, method and k; all draws agree with themselves."""
    table = same_tag.topk_by_draws(run).set_index(["tagger", "method", "k", "draws"]).sort_index()
    assert (table.xs(run.draws.full, level="draws").as_full == 1).all()
    rows = answers.tables(run, FEWER)
    own = rows[(rows.tagger == "musicnn") & (rows.method == "slime") & (rows.k == 3)]
    wide = own.pivot(index="clip", columns="draws", values="same")
    assert list(wide.columns) == [64, 128, 256]
    found = table.loc[("musicnn", same_tag.SLIME, 3, 64)]
    assert found.as_full == pytest.approx((wide[64] == wide[256]).mean())
    assert (found.same, found.same_n) == (pytest.approx(wide[64].mean()), run.studies.music.full)


def test_two_explanations_are_compared_on_the_same_clips() -> None:
    """A clip of which one says nothing is left out."""
    rows = pd.DataFrame({
        "tagger": "t", "k": 3, "clip": ["a", "a", "b"], "speaker": "s",
        "explanation": ["audioLIME", "SLIME", "SLIME"], "same": [1.0, 0.0, 1.0],
    })  # fmt: skip
    found = same_tag.on_the_same_clips(rows, "audioLIME", "SLIME")
    assert found[["clip", "audioLIME", "SLIME"]].to_numpy().tolist() == [["a", 1, 0]]


def test_fidelity_and_truth_are_related_as_scipy_has_it(run: DictConfig) -> None:
    """Spearman's, and means on either side of the median."""
    rows = pd.DataFrame({"r2": [0.1, 0.5, 0.9, 0.3], "auc": [0.2, 0.6, 0.7, 0.9]})
    found = judged.related(run.seed, rows.assign(speaker=list("abcd")), "auc")
    assert found["correlation"] == pytest.approx(spearmanr(rows.r2, rows.auc).statistic)
    assert found["low_fidelity"] == pytest.approx(0.55)
    assert found["high_fidelity"] == pytest.approx(0.65)
