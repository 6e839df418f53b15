"""Checks of a run's explanations: complete, right by hand, and with a control that fails."""

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.explain.explanation import Explanation
from earwitness.judge.randomisation import ORIGINAL
from experiments.audiomnist import explain, judge

LAYERS = {"audionet": 9, "alexnet": 8}


@pytest.fixture
def judged(run: DictConfig) -> pd.DataFrame:
    return pd.read_csv(judge.path(run), dtype={"clip": str, "speaker": str})


def test_some_clips_are_checked_for_both_tasks_and_networks(
    run: DictConfig, judged: pd.DataFrame
) -> None:
    assert judged["clip"].nunique() == run.explain.judged == 2
    counts = judged.groupby(["clip", "task", "network", "check"]).size().unstack()
    assert len(counts) == 2 * 2 * 2
    layers = counts.index.get_level_values("network").map(LAYERS)
    assert (counts.gap == 1).all()
    for check in ("evidence_by_energy", "evidence_by_chance"):
        assert (counts[check] == 2).all()
    for check in ("likeness", "likeness_of_control"):
        assert (counts[check] == layers).all()
    assert (counts.evidence == 2 * (layers + 1)).all()


def test_shares_are_those_counted_by_hand(run: DictConfig, judged: pd.DataFrame) -> None:
    first = judged[(judged.layer == ORIGINAL) & (judged.over == "time-frequency")]
    shares = first.set_index(["clip", "task", "network", "check"]).value
    for clip in judge.spread(explain.read_explained(run), 2):
        found = clip.explanation("sex", "alexnet")
        frequency, time = (axis.values.numpy() for axis in found.axes)
        inside = np.zeros(found.values.shape, dtype=bool)
        for region in clip.evidence("sex").itertuples():
            rows = (frequency >= region.low_hz) & (frequency <= region.high_hz)
            columns = (time >= region.onset_s) & (time <= region.offset_s)
            inside |= rows[:, None] & columns
        positive = found.values.double().numpy().clip(min=0)
        named = clip.row.clip, "sex", "alexnet"
        share = positive[inside].sum() / positive.sum()
        assert shares[(*named, "evidence")] == pytest.approx(share)
        assert shares[(*named, "evidence_by_chance")] == pytest.approx(inside.mean())


def test_the_control_cannot_pass_and_relevance_differs_from_it(judged: pd.DataFrame) -> None:
    """Energy does not look at the network, so no randomisation changes it."""
    control = judged[judged.check == "likeness_of_control"].value
    likeness = judged[judged.check == "likeness"].value
    assert control.to_numpy() == pytest.approx(1.0)
    assert (likeness < 0.999).any()


def test_the_gap_is_what_relevance_leaves_out(run: DictConfig, judged: pd.DataFrame) -> None:
    clip = explain.read_explained(run)[0]
    found: Explanation = clip.explanation("digit", "audionet")
    logit = found.values.sum() + found.gap
    expected = float((logit - found.values.sum()).abs() / logit.abs())
    same = (judged["clip"] == clip.row.clip) & (judged.task == "digit")
    (value,) = judged[same & (judged.network == "audionet") & (judged.check == "gap")].value
    assert value == pytest.approx(expected, rel=1e-4)


def test_energy_lies_on_the_axes_of_the_network_s_input(run: DictConfig) -> None:
    clip = explain.read_explained(run)[0]
    for network in ("audionet", "alexnet"):
        model = explain.audio_model(run, f"synthetic_digit/{network}/0")
        found = judge.energy(model, clip.wave())
        assert found.shape == clip.explanation("digit", network).values.shape
        assert torch.isfinite(found).all()
        assert found.min() >= 0


def test_relevance_of_a_waveform_is_located_over_time_and_frequency(
    run: DictConfig, judged: pd.DataFrame
) -> None:
    """The energy of a waveform as relevance is its power spectrum."""
    clip = explain.read_explained(run)[0]
    subject = judge.Subject.of(
        clip,
        "sex",
        "synthetic_sex/audionet/0",
        explain.audio_model(run, "synthetic_sex/audionet/0"),
    )
    power = judge.time_frequency(subject.energy, clip.wave())
    spectrum = torch.stft(
        clip.wave(),
        256,
        64,
        window=torch.hann_window(256),
        pad_mode="constant",
        return_complex=True,
    )
    loud = spectrum.abs().square()
    assert np.corrcoef(power.values.flatten(), loud.flatten())[0, 1] > 0.9
    assert [axis.name for axis in power.axes] == ["frequency", "time"]


@pytest.mark.parametrize(("count", "expected"), [(3, [0, 2, 4]), (1, [0]), (9, [0, 1, 2, 3, 4, 5])])
def test_clips_are_taken_from_the_whole_list(count: int, expected: list[int]) -> None:
    assert judge.spread(list(range(6)), count) == expected
