import pandas as pd
from omegaconf import DictConfig

from experiments.midlevel.checks import faithfulness
from reproduction.results import checks


def test_every_song_network_and_ranking_has_a_row(run: DictConfig) -> None:
    """For every emotion and way to divide."""
    rows = checks.read(run, faithfulness.CHECK)
    kinds = ["song", "by", "model", "emotion", "ranking"]
    assert not rows.duplicated(kinds).any()
    assert len(rows) == 3 * len(run.explain.by) * 2 * 8 * 4
    assert rows[["drop", "rise"]].notna().all(axis=None)


def test_the_own_ranking_is_followed_more_than_a_random_one(run: DictConfig) -> None:
    """On average, even of networks that learnt nothing."""
    rows = checks.read(run, faithfulness.CHECK)
    own = rows[rows.ranking == rows.model]
    drawn = rows[rows.ranking == faithfulness.RANDOM]
    kinds = ["by", "model"]
    gained: pd.Series = own.groupby(kinds)["drop"].mean() - drawn.groupby(kinds)["drop"].mean()
    assert (gained > 0).all()
