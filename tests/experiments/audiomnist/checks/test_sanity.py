"""Checks of a run's explanations: complete, right by hand, and with a control that fails."""

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.explain.explanation import Explanation
from earwitness.judge.randomisation import ORIGINAL
from experiments.audiomnist import explain
from experiments.audiomnist.checks import sanity
from reproduction.results import checks
from reproduction.training.trained import audio_model

LAYERS = {"audionet": 9, "alexnet": 8, "gammatonenet": 11}
METHODS = {"lrp", "lrp_alpha2_beta1", "deep_lift", "energy"}


@pytest.fixture
def judged(run: DictConfig) -> pd.DataFrame:
    return checks.read(run, sanity.CHECK)


def test_some_clips_are_checked_for_every_task_network_and_method(
    run: DictConfig, judged: pd.DataFrame
) -> None:
    assert judged["clip"].nunique() == run.sanity.clips == 2
    counts = judged.groupby(["clip", "task", "network", "method", "check"]).size().unstack()
    assert len(counts) == 2 * 2 * len(LAYERS) * len(METHODS)
    assert set(counts.index.get_level_values("method")) == METHODS
    is_control = counts.index.get_level_values("method") == explain.CONTROL
    assert (counts.gap[~is_control] == 1).all()
    assert counts.gap[is_control].isna().all()
    assert (counts.likeness == counts.index.get_level_values("network").map(LAYERS)).all()
    assert (counts.chance == 2).all()
    assert (counts.evidence == 4).all()  # trained and randomised, on two planes


def test_shares_are_those_counted_by_hand(run: DictConfig, judged: pd.DataFrame) -> None:
    first = judged[(judged.layer == ORIGINAL) & (judged.over == "time-frequency")]
    shares = first.set_index(["clip", "task", "network", "method", "check"]).value
    for clip in sanity.spread(explain.store(run).read(), 2):
        found = clip.explanation("sex", "alexnet", "lrp")
        frequency, time = (axis.values.numpy() for axis in found.axes)
        inside = np.zeros(found.values.shape, dtype=bool)
        for region in explain.evidence(clip, "sex").itertuples():
            rows = (frequency >= region.low_hz) & (frequency <= region.high_hz)
            columns = (time >= region.onset_s) & (time <= region.offset_s)
            inside |= rows[:, None] & columns
        positive = found.values.double().numpy().clip(min=0)
        named = clip.row.clip, "sex", "alexnet", "lrp"
        share = positive[inside].sum() / positive.sum()
        assert shares[(*named, "evidence")] == pytest.approx(share, rel=1e-5)
        assert shares[(*named, "chance")] == pytest.approx(inside.mean(), rel=1e-5)


def test_the_control_cannot_pass_and_relevance_differs_from_it(judged: pd.DataFrame) -> None:
    """Energy does not look at the network, so no randomisation changes it."""
    alike = judged[judged.check == "likeness"]
    is_control = alike.method == explain.CONTROL
    assert alike[is_control].value.to_numpy() == pytest.approx(1.0)
    assert (alike[~is_control].value < 0.999).any()


def test_the_gap_is_what_relevance_leaves_out(run: DictConfig, judged: pd.DataFrame) -> None:
    clip = explain.store(run).read()[0]
    found: Explanation = clip.explanation("digit", "audionet", "lrp")
    logit = found.values.sum() + found.gap
    expected = float((logit - found.values.sum()).abs() / logit.abs())
    same = (judged["clip"] == clip.row.clip) & (judged.task == "digit") & (judged.method == "lrp")
    (value,) = judged[same & (judged.network == "audionet") & (judged.check == "gap")].value
    assert value == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("network", explain.NETWORKS)
def test_energy_lies_on_the_axes_of_the_network_s_input(run: DictConfig, network: str) -> None:
    clip = explain.store(run).read()[0]
    model = audio_model(run, f"synthetic_digit/{network}/0")
    found = explain.Energy()(model, clip.wave(), 3)
    assert found.values.shape == clip.explanation("digit", network, "lrp").values.shape
    assert torch.isfinite(found.values).all()
    assert found.values.min() >= 0
    assert found.target == "digit 3"
    assert found.probability == pytest.approx(model.probability(clip.wave(), 3), abs=1e-6)


def test_relevance_of_a_waveform_is_located_over_time_and_frequency(run: DictConfig) -> None:
    """The energy of a waveform as relevance is its power spectrum."""
    wave = explain.store(run).read()[0].wave()
    model = audio_model(run, "synthetic_sex/audionet/0")
    power = explain.time_frequency(explain.Energy()(model, wave, 0), wave)
    window = torch.hann_window(256)
    spectrum = torch.stft(wave, 256, 64, window=window, pad_mode="constant", return_complex=True)
    loud = spectrum.abs().square()
    assert np.corrcoef(power.values.flatten(), loud.flatten())[0, 1] > 0.9
    assert [axis.name for axis in power.axes] == ["frequency", "time"]


@pytest.mark.parametrize(("count", "expected"), [(3, [0, 2, 4]), (1, [0]), (9, [0, 1, 2, 3, 4, 5])])
def test_clips_are_taken_from_the_whole_list(count: int, expected: list[int]) -> None:
    assert sanity.spread(list(range(6)), count) == expected
