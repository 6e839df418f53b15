"""A network whose evidence is known, by methods that find it and by others that do not."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import quantus
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from earwitness.explain.components import TimeSegments
from earwitness.explain.controls import Constant, Magnitude, Random
from earwitness.explain.explainers import ComponentExplainer, InputExplainer
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.gradients import Gradient, GradientXInput
from earwitness.explain.model import AudioModel
from earwitness.explain.occlusion import Occlusion
from experiments.baselines.measures import Judge, Settings, located, on_segments, ordered
from experiments.baselines.subject import Subject

RATE, SEGMENTS, STEPS = 100, 10, 20
SAMPLES = SEGMENTS * STEPS
REGIONS = pd.DataFrame({"onset_s": [0.6], "offset_s": [1.0], "low_hz": [0.0], "high_hz": [50.0]})
SETTINGS = Settings(segments=SEGMENTS, batch_size=16, noise_db=-40, seed=0)
OCCLUSION = ComponentExplainer(TimeSegments(count=SEGMENTS), Occlusion(), 16)


class Reads(nn.Linear):
    """Class 1 is the sound from 0.6 s to 1 s, class 0 anything else."""

    def __init__(self) -> None:
        super().__init__(SAMPLES, 2, bias=False)
        with torch.no_grad():
            self.weight.zero_()
            self.weight[1, 60:100] = 0.1


@pytest.fixture
def subject() -> Subject:
    """A sound that is louder where the network does not listen."""
    random = torch.Generator().manual_seed(0)
    wave = torch.rand(SAMPLES, generator=random) + 0.5
    wave[100:] *= 3
    model = AudioModel(Reads(), ["no", "yes"], RATE)
    return Subject("clip", "somebody", model, wave, 1, REGIONS)


@pytest.fixture
def judge(subject: Subject) -> Judge:
    torch.manual_seed(1)
    return Judge(subject, nn.Linear(SAMPLES, 2, bias=False), SETTINGS)


@pytest.mark.parametrize("explainer", [OCCLUSION, InputExplainer(GradientXInput())])
def test_a_right_explanation_scores_as_one(judge: Judge, explainer: object) -> None:
    """The evidence alone, which is gone with the weights and not with a little noise."""
    found = judge(explainer)
    assert found["localisation"] == 1
    assert found["deletion"] > 0.35
    assert found["insertion"] > 0.35
    assert found["sparseness"] > 0.75
    assert found["stability"] > 0.9
    assert abs(found["randomisation"]) < 0.8
    assert found["seconds"] > 0


def test_loudness_is_wrong_here(judge: Judge) -> None:
    """It points elsewhere, and does not care about the weights."""
    loud, right = judge(Magnitude()), judge(OCCLUSION)
    assert loud["localisation"] < 0.5
    assert loud["deletion"] < right["deletion"] - 0.1
    assert loud["insertion"] < right["insertion"] - 0.1
    assert loud["randomisation"] == pytest.approx(1)
    assert loud["stability"] > 0.9


def test_controls_know_nothing(judge: Judge) -> None:
    """A constant is chance and has no ranks; draws are other draws once there is noise."""
    constant = judge(Constant(count=SEGMENTS))
    assert (constant["localisation"], constant["sparseness"]) == (0.5, pytest.approx(0))
    assert np.isnan([constant["stability"], constant["randomisation"]]).all()
    random = judge(Random(count=SEGMENTS))
    assert random["stability"] < 0.8
    assert random["randomisation"] == pytest.approx(1)


def test_many_draws_are_chance(subject: Subject) -> None:
    judge = Judge(subject, None, SETTINGS)
    drawn = [judge(Random(count=SEGMENTS, seed=seed)) for seed in range(200)]
    assert np.mean([row["localisation"] for row in drawn]) == pytest.approx(0.5, abs=0.05)
    right = judge(OCCLUSION)
    for measure in ("deletion", "insertion"):
        assert np.mean([row[measure] for row in drawn]) < right[measure] - 0.05


def test_what_is_not_checked_is_not_there(subject: Subject) -> None:
    """Without a randomised network, neither it nor noise; without evidence, no localisation."""
    judge = Judge(replace(subject, regions=pd.DataFrame()), None, SETTINGS)
    found = judge(OCCLUSION)
    assert np.isnan(found.pop("localisation"))
    assert found.keys() == {"deletion", "insertion", "sparseness", "seconds"}


def test_deletion_is_the_pixel_flipping_of_quantus(subject: Subject) -> None:
    """Probabilities as segments are silenced, the largest value first."""
    values = OCCLUSION(subject.model, subject.wave, 1).values
    oracle = quantus.PixelFlipping(
        features_in_step=STEPS,
        perturb_baseline=0.0,
        abs=False,
        normalise=False,
        disable_warnings=True,
    )
    # Within a segment the order is that of the samples, so that each step is a segment.
    falling = -torch.arange(SAMPLES, dtype=torch.float64) * 1e-9
    expected = oracle(
        model=nn.Sequential(nn.Flatten(), subject.model.network, nn.Softmax(1)).eval(),
        x_batch=subject.wave[None, None].numpy(),
        y_batch=np.array([1]),
        a_batch=(values.repeat_interleave(STEPS) + falling)[None, None].numpy(),
        channel_first=True,
    )
    whole = subject.model.probability(subject.wave, 1)
    found = Judge(subject, None, SETTINGS)(OCCLUSION)["deletion"]
    # Steps that tie change nothing: the segments outside of the evidence.
    assert found == pytest.approx(whole - np.mean(np.ravel(expected)), abs=1e-5)


def test_localisation_is_the_auc_of_quantus() -> None:
    random = np.random.default_rng(0)
    values, inside = random.standard_normal(40), random.random(40) < 0.3
    oracle = quantus.AUC(abs=False, normalise=False, disable_warnings=True)
    cells, mask = values.reshape(1, 1, 5, 8), inside.reshape(1, 1, 5, 8)
    batch = {"a_batch": cells, "s_batch": mask, "y_batch": np.zeros(1)}
    expected = oracle(model=None, x_batch=cells, **batch)
    found = located(torch.from_numpy(values), torch.from_numpy(inside))
    assert found == pytest.approx(expected[0], abs=1e-6)
    assert found == pytest.approx(roc_auc_score(inside, values))


@pytest.mark.parametrize("inside", [torch.zeros(4).bool(), torch.ones(4).bool()])
def test_evidence_nowhere_or_everywhere_locates_nothing(inside: Tensor) -> None:
    assert np.isnan(located(torch.rand(4), inside))


@dataclass(frozen=True)
class Told:
    """An explanation of 40 samples whose values are given."""

    values: Tensor

    def explanation(self, gap: float | None, unit: str = "") -> Explanation:
        axis = Axis("time", "s", (torch.arange(len(self.values)) + 0.5) / 10)
        return Explanation(self.values, (axis,), "a", 0.5, "told", {}, gap, unit=unit)


def test_shares_are_summed_with_their_signs_and_derivatives_without() -> None:
    """A wave of gradients would cancel within a segment; shares of an answer do."""
    told = Told(torch.tensor([1.0, -1.0] * 10 + [1.0, 1.0] * 10))
    shares = on_segments(told.explanation(gap=0.0), 4.0, 2)
    contributions = on_segments(told.explanation(gap=None, unit="probability"), 4.0, 2)
    derivatives = on_segments(told.explanation(gap=None), 4.0, 2)
    assert shares[1] == contributions[1] == 1
    assert abs(shares[0]) < 0.1
    assert derivatives.tolist() == pytest.approx([1, 1], abs=0.1)


def test_a_gradient_is_judged_by_its_magnitude(judge: Judge) -> None:
    assert judge(InputExplainer(Gradient()))["localisation"] == 1


def test_equal_values_tie_on_any_segments() -> None:
    """Whatever the rounding of their edges; where nothing is said, nothing is."""
    told = Told(torch.full((41,), 0.3))
    assert (on_segments(told.explanation(None), 4.1, 7) == 1).all()
    assert not on_segments(Told(torch.zeros(41)).explanation(None), 4.1, 7).any()


def test_a_draw_decides_between_equal_values() -> None:
    """Larger ones stay in front; another seed, another order; none before the other on average."""
    values = torch.tensor([0.0, 1.0, 0.0, 0.0])
    orders = torch.stack([ordered(values, seed).argsort(descending=True) for seed in range(300)])
    assert (orders[:, 0] == 1).all()
    firsts = orders[:, 1].bincount(minlength=4)
    assert firsts[1] == 0
    assert (firsts[[0, 2, 3]] > 70).all()
