import pandas as pd
from omegaconf import DictConfig

from experiments.audiolime import claims
from experiments.audiolime.tables.same_tag import AUDIOLIME, POSITIVE, SLIME, published
from reproduction import config


def test_published_points_are_those_of_the_figure() -> None:
    """Two taggers, three curves, five k; one point hides under the legend."""
    points = list(published())
    assert len(points) == 30
    assert len({point["id"] for point in points}) == 30
    hidden = [point for point in points if point["spread"] > 0.003]
    assert [(p["tagger"], p["explanation"], p["k"]) for p in hidden] == [
        ("samplecnn", AUDIOLIME, 9)
    ]
    found = {(p["tagger"], p["explanation"], p["k"]): p["value"] for p in points}
    assert found["fcn", SLIME, 3] == 0.368
    assert found["samplecnn", POSITIVE, 11] == 0.095


def test_every_claim_has_an_interval_or_none(run: DictConfig) -> None:
    """Ids are their own; of other music than the paper's nothing can be reproduced."""
    claims.main(run)
    folder = config.paper_folder(run, "results")
    verdicts, said = (pd.read_csv(folder / f"{name}.csv") for name in ("verdicts", "claims"))
    assert said.id.is_unique
    assert (verdicts.verdict == "not comparable").all()
    known = said.dropna(subset=["ci_low", "ci_high"])
    assert len(known) > 5
    assert (known.ci_low <= known.statistic + 1e-9).all()
    assert (known.statistic <= known.ci_high + 1e-9).all()


def test_the_papers_order_is_claimed_at_every_k(run: DictConfig) -> None:
    """A tagger that keeps its tag with audioLIME's components alone gives a difference of one."""
    rows = [
        {"tagger": "fcn", "k": k, "clip": clip, "speaker": clip, "explanation": name, "same": same}
        for k in (1, 3)
        for clip in "abc"
        for name, same in ((AUDIOLIME, 1.0), (SLIME, 0.5), (POSITIVE, 0.25))
    ]
    statistics = claims.order(run.top.k, run.seed, pd.DataFrame(rows))
    said = {name: found.value for name, _, found in statistics}
    assert said == {
        **{f"audiolime_above_slime_fcn_{k}": 0.5 for k in (1, 3)},
        **{f"slime_above_random_fcn_{k}": 0.25 for k in (1, 3)},
        **{f"audiolime_above_random_fcn_{k}": 0.75 for k in (1, 3)},
    }
