"""Claims and verdicts on hearts: statistics of what the tables say."""

import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig, OmegaConf

from experiments.heart import claims
from reproduction import config

CFG = OmegaConf.create({"seed": 0})


def answers(sure: float, seed: int) -> pd.DataFrame:
    """Two hundred recordings, of which a share `sure` is answered right."""
    random = np.random.default_rng(seed)
    labels = np.arange(200) % 4 == 0
    wrong = random.random(200) > sure
    names = [f"r{number}" for number in range(200)]
    return pd.DataFrame(
        {
            "file": names,
            "speaker": names,
            "label": labels.astype(int),
            "p_1": (labels ^ wrong).astype(float),
        }
    )


def test_a_model_is_no_better_than_itself() -> None:
    """The same recordings are drawn for both: not even by chance."""
    same = answers(0.8, 1)
    assert claims.paired(CFG.seed, same, same)[:3] == (0, 0, 0)


def test_a_difference_is_that_of_mean_recalls() -> None:
    """With an interval about it that leaves out zero where it is large."""
    good, bad = answers(0.95, 1), answers(0.6, 2)
    found = claims.paired(CFG.seed, good, bad)
    by_class = [
        claims.right(rows).groupby(rows.label).mean().mean() for rows in (good, bad)
    ]  # fmt: skip
    assert found.value == pytest.approx(by_class[0] - by_class[1])
    assert 0 < found.low < found.value < found.high
    assert claims.paired(CFG.seed, bad, good).value == pytest.approx(-found.value)


def test_murmurs_are_found_more_often_than_by_chance_and_often_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only those that the network answered right count."""
    rows = pd.DataFrame(
        {"method": "lrp", "hit": [1.0, 1.0, 1.0, 0.0], "chance": 0.25, "right": [1, 1, 1, 0]}
    ).assign(speaker=list("abcd"))
    monkeypatch.setattr(claims.checks, "read", lambda *_: rows)
    above, often = claims.murmur_claims(CFG)
    assert above[2][:3] == pytest.approx((0.75, 0.75, 0.75))
    assert often[2][:3] == pytest.approx((0.05, 0.05, 0.05))


def test_every_published_score_has_a_verdict_and_every_claim_an_interval(run: DictConfig) -> None:
    """On synthesised hearts nothing is comparable."""
    claims.main(run)
    folder = config.paper_folder(run, "results")
    verdicts, said = (pd.read_csv(folder / f"{name}.csv") for name in ("verdicts", "claims"))
    assert set(verdicts.verdict) == {"not comparable"}
    assert len(verdicts) == 5
    assert said.id.is_unique
    assert said.id.str.startswith("forgets").sum() == len(run.randomisation.methods)
    assert said.claim.str.match("ours|the paper").all()
