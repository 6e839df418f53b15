import numpy as np
import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness.corpora.synthetic_music import PLANTED
from experiments.midlevel import claims
from reproduction import config


def long(matrix: pd.DataFrame) -> pd.DataFrame:
    """Weights of two trainings as `last_layers` has them."""
    named = matrix.rename_axis("midlevel").reset_index().melt("midlevel", None, "emotion", "weight")
    return pd.concat([named.assign(fold=fold, model="joint") for fold in (0, 1)])


def test_every_published_number_has_a_verdict_and_every_claim_an_interval(run: DictConfig) -> None:
    """Of other songs than the paper's nothing can be reproduced."""
    claims.main(run)
    folder = config.paper_folder(run, "results")
    verdicts, said = (pd.read_csv(folder / f"{name}.csv") for name in ("verdicts", "claims"))
    listed = yaml.safe_load(claims.PUBLISHED.read_text())["correlations"]
    assert list(verdicts.id) == [entry["id"] for entry in listed]
    assert (verdicts.verdict == "not comparable").all()
    assert said.id.is_unique
    assert (said.data == "Synthetic songs").all()
    known = said.dropna(subset=["ci_low", "ci_high"])
    assert len(known) > 10
    assert (known.ci_low <= known.statistic + 1e-9).all()
    assert (known.statistic <= known.ci_high + 1e-9).all()


def test_a_cost_of_nothing_is_judged_by_its_upper_end(run: DictConfig) -> None:
    """The statistic is what is left of the allowance."""
    said = pd.read_csv(config.paper_folder(run, "results") / "claims.csv").set_index("id")
    costs = pd.read_csv(config.paper_folder(run, "results") / "tables/correlations.csv")
    joint = costs[(costs.scheme == "A2Mid2E-Joint") & (costs.emotion == "mean")].iloc[0]
    found = said.loc["joint_costs_nothing"]
    np.testing.assert_allclose(
        [found.statistic, found.ci_low, found.ci_high],
        [
            claims.NOTHING - joint.cost,
            claims.NOTHING - joint.cost_high,
            claims.NOTHING - joint.cost_low,
        ],
        atol=2e-4,
    )


def test_planted_weights_are_recovered_by_themselves_and_not_by_others(run: DictConfig) -> None:
    """The truth scores 1, its opposite -1, and shuffled weights about 0."""
    shuffled = PLANTED.copy()
    shuffled[:] = np.random.default_rng(1).permutation(PLANTED.to_numpy().ravel()).reshape(7, 8)
    scores = [
        [found.value for _, _, found in claims.recovered(run.seed, long(matrix), "joint")]
        for matrix in (PLANTED, -PLANTED, shuffled)
    ]
    np.testing.assert_allclose(scores[0], 1)
    np.testing.assert_allclose(scores[1], -1)
    assert max(map(abs, scores[2])) < 0.4


def test_expected_signs_are_those_of_the_printed_weights(run: DictConfig) -> None:
    """What was planted has them all; turned round, none."""
    for matrix, expected in ((PLANTED, 1.0), (-PLANTED, 0.0)):
        right = pd.DataFrame(claims.signs(run.expected, long(matrix)))
        assert right.right.mean() == expected
        assert right.pair.nunique() == 12
