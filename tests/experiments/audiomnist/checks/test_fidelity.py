"""The listening test: complete, right by hand, and with a listener whose ears are known."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import DictConfig
from torch import Tensor, nn

from earwitness.explain.model import AudioModel
from earwitness.judge.sparseness import sparseness
from earwitness.present import listen
from earwitness.present.listen import SplitSound
from earwitness.sound.audio import RATE
from experiments.audiomnist import tested
from experiments.audiomnist.checks import fidelity
from experiments.audiomnist.explain import NETWORKS, time_frequency
from reproduction.explainers import built_explainers
from reproduction.results import checks
from reproduction.training.trained import audio_model


@pytest.fixture
def judged(run: DictConfig) -> pd.DataFrame:
    return checks.read(run, fidelity.CHECK)


def test_every_network_listens_to_every_explanation_of_a_clip(
    run: DictConfig, judged: pd.DataFrame
) -> None:
    kinds = ["study", "file", "network", "listener", "method", "rendering"]
    clips = len(run.studies) * run.fidelity.clips
    assert len(judged.drop_duplicates(kinds)) == len(judged) == clips * 3 * 3 * (2 + 2) * 2
    assert set(judged.listener) == set(judged.network) == set(NETWORKS)
    assert (judged.itself == (judged.listener == judged.network)).all()
    assert judged[["p", "heard", "rest"]].apply(lambda p: p.between(0, 1)).all(axis=None)


@pytest.mark.parametrize("network", ["audionet", "alexnet"])
def test_a_row_is_what_one_finds_by_hand(
    run: DictConfig, judged: pd.DataFrame, network: str
) -> None:
    """Heat map times signal with numpy, the masked spectrum as a user would make it."""
    clips = next(iter(tested.tested(run, [network], run.fidelity.clips)))
    model, wave = audio_model(run, clips.job), clips.waves[0]
    explainers = built_explainers(run.explain.explainers[network])
    found = explainers["lrp"](model, wave, model.predicted_class(wave))
    over_time = found.over_time()
    dense = np.interp(np.arange(RATE) / RATE, over_time.axes[0].values, over_time.values.clip(0))
    heat = np.convolve(dense, np.ones(81) / 81, mode="same")
    by_hand = {
        "signal": torch.from_numpy(heat / heat.max()).float() * wave,
        "spectrogram": listen.split_by_relevance(time_frequency(found, wave), wave, RATE).relevant,
    }
    rows = judged[(judged.study == clips.study) & (judged.method == "lrp")]
    rows = rows[(rows.file == clips.rows.file[0]) & (rows.network == network)]
    for listener in ("audionet", "gammatonenet"):
        hears = audio_model(run, clips.job.replace(network, listener))
        for rendering, sound in by_hand.items():
            (row,) = rows[(rows.listener == listener) & (rows.rendering == rendering)].itertuples()
            assert row.p == pytest.approx(hears.probability(wave, found.target), abs=1e-4)
            assert row.heard == pytest.approx(hears.probability(sound, found.target), abs=1e-4)
            assert row.same_answer == (hears.predicted_class(sound) == hears.predicted_class(wave))
            assert row.same_class == (hears.classes[hears.predicted_class(sound)] == found.target)


def test_moving_a_mask_keeps_how_sparse_it_is(judged: pd.DataFrame) -> None:
    """Up to the silence, to which nothing is moved and which nobody hears."""
    by_method = judged[judged.rendering == "signal"].groupby(["study", "network", "method"])
    sparse = by_method.sparseness.mean().unstack("method")
    assert sparse.moved.to_numpy() == pytest.approx(sparse.lrp.to_numpy(), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), start=st.integers(0, 3000), cells=st.sampled_from([0, 129]))
def test_a_moved_mask_has_the_same_volumes_elsewhere(seed: int, start: int, cells: int) -> None:
    """Within the sound; what lies in the silence around it stays."""
    random = torch.Generator().manual_seed(seed)
    wave = torch.zeros(RATE)
    wave[start : start + 4000] = 1
    mask = torch.rand(*([cells, 126] if cells else [RATE]), generator=random)
    found = fidelity.moved(mask, wave, random)
    assert found.flatten().sort().values.equal(mask.flatten().sort().values)
    places = torch.linspace(0, RATE, mask.shape[-1])
    inside = (places >= start) & (places < start + 4000)
    assert found[..., ~inside].equal(mask[..., ~inside])
    assert (found[..., inside] == mask[..., inside]).float().mean() < 0.01
    assert sparseness(found) == pytest.approx(sparseness(mask))


class Ear(nn.Module):
    """Two outputs: how much there is of 500 Hz and of 3000 Hz."""

    def forward(self, waves: Tensor) -> Tensor:
        return torch.fft.rfft(waves).abs()[:, [500, 3000]] / 100


def tone(frequency: float) -> Tensor:
    """A second of a sine, `(8000,)`."""
    return 0.4 * torch.sin(2 * torch.pi * frequency * torch.arange(RATE) / RATE)


@pytest.mark.parametrize(("answer", "kept"), [(0, True), (1, False)])
def test_a_listener_hears_what_was_left_in(answer: int, kept: bool) -> None:
    """The low tone is louder; it alone is heard, and the high one is the rest."""
    low, high = tone(500), 0.5 * tone(3000)
    part = fidelity.Part({"network": "ear"}, answer, SplitSound(low, high))
    model = AudioModel(Ear(), ["low", "high"], RATE)
    (row,) = fidelity.answers(model, "ear", low + high, [part])
    assert row["itself"]
    assert row["same_answer"]
    assert row["same_class"] == kept
    assert (row["heard"] > 0.99) == kept
    assert (row["rest"] > 0.99) != kept
    assert (row["p"] > 0.5) == kept


def test_probabilities_do_not_depend_on_the_batch() -> None:
    """Every wave is heard by itself."""
    model = AudioModel(Ear(), ["low", "high"], RATE)
    waves = torch.randn(7, RATE, generator=torch.Generator().manual_seed(0))
    apart = torch.cat([fidelity.probabilities(model, wave[None]) for wave in waves])
    torch.testing.assert_close(fidelity.probabilities(model, waves, 3), apart, rtol=0, atol=1e-6)
