"""Answers to scaled voices: those of a run, and of a made-up network that hears pitch alone."""

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from earwitness.corpora.labels import SEXES
from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, GammatoneSpectrogram
from experiments.audiomnist import claims, tables, tested
from experiments.audiomnist.checks import frequency_manipulation as check
from reproduction.results import checks
from reproduction.training.trained import audio_model

SETTINGS = OmegaConf.create(
    {"seed": 0, "frequency_manipulation": {"factors": {"male": 1.5, "female": 0.66}}}
)
PITCH = {"male": 120.0, "female": 180.0}


@pytest.fixture
def asked(run: DictConfig) -> pd.DataFrame:
    return checks.read(run, check.CHECK)


def test_every_clip_is_asked_about_under_every_condition(
    run: DictConfig, asked: pd.DataFrame
) -> None:
    counts = asked.groupby(["network", "condition"]).file.agg(["size", "nunique"])
    assert len(counts) == 2 * len(check.conditions(run))
    assert (counts == 20).all(axis=None)
    assert asked.groupby("speaker").sex.nunique().eq(1).all()
    assert (asked.correct == ((asked.p_female > 0.5) == (asked.sex == "female"))).all()


def test_without_manipulation_answers_are_the_network_s(
    run: DictConfig, asked: pd.DataFrame
) -> None:
    for item in tested.tested(run, ["alexnet", "gammatonenet"], None):
        if item.study == "synthetic_sex":
            model = audio_model(run, item.job)
            with torch.no_grad():
                expected = model(item.waves).softmax(dim=1)[:, 1]
            same = asked[(asked.network == item.network) & (asked.condition == "original")]
            found = same.set_index("file").p_female[item.rows.file]
            assert found.to_numpy() == pytest.approx(expected.numpy(), abs=2e-6)


def test_scalings_that_are_the_same_have_the_same_answers(asked: pd.DataFrame) -> None:
    wide = asked.pivot(index=["network", "sex", "file"], columns="condition", values="p_female")
    men, women = (wide.xs(sex, level="sex") for sex in SEXES)
    assert men.crossed.equals(men.both_up.rename("crossed"))
    assert women.apart.equals(women.both_up.rename("apart"))
    assert (men.crossed != men.original).any()


class Pitch(nn.Module):
    """Female if the spectrum has more at the first harmonic of a woman's voice than of a man's."""

    def __init__(self, frequencies: Tensor) -> None:
        super().__init__()
        self.rows = [int((frequencies - PITCH[sex]).abs().argmin()) for sex in SEXES]

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs[:, 0, self.rows].mean(dim=2)


def pitch_model(frontend: nn.Module) -> AudioModel:
    return AudioModel(Pitch(frontend.frequencies(8000)), SEXES, 8000, frontend, samples=8000)


@pytest.mark.parametrize("frontend", [DecibelSpectrogram(scale=0.1), GammatoneSpectrogram()])
def test_a_network_that_hears_pitch_alone_takes_each_for_the_other(frontend: nn.Module) -> None:
    """And for what they are where they are moved and moved back."""
    model, times = pitch_model(frontend), torch.arange(8000) / 8000
    for sex in SEXES:
        harmonics = [torch.cos(2 * torch.pi * PITCH[sex] * n * times) / n**2 for n in (1, 2, 3)]
        wave = sum(harmonics)[None]
        female = {
            name: check.answers(model, wave, way[sex])[0] > 0.5
            for name, way in check.conditions(SETTINGS).items()
        }
        is_female = sex == "female"
        assert female["original"] == female["there_and_back"] == is_female
        assert female["crossed"] != is_female


def test_what_moves_in_from_beyond_the_axis_is_silence_as_the_network_is_given_it() -> None:
    frontend = DecibelSpectrogram(offset=40.0, scale=0.025)
    noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    found = check.scaled_input(pitch_model(frontend), noise, (0.66,))
    top = frontend.frequencies(8000) > 0.66 * 4000
    assert (found[0, 0, top] == -1).all()
    assert (found[0, 0, ~top][:-1] > -1).all()


def made_up(crossed: int) -> pd.DataFrame:
    """Answers to four clips of each of four speakers."""
    rows = [
        {"study": "synthetic_sex", "network": "alexnet", "speaker": f"s{speaker}"}
        | {"file": f"f{speaker}{clip}", "sex": SEXES[speaker % 2], "condition": condition}
        | {"correct": crossed if condition == "crossed" else int(clip > 0)}
        for speaker in range(4)
        for clip in range(4)
        for condition in check.conditions(SETTINGS)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("crossed", "verdict"), [(0, "holds"), (1, "fails")])
def test_claims_are_judged_by_the_crossed_voices(
    run: DictConfig, crossed: int, verdict: str
) -> None:
    found = {row.id: row for row in claims.pitch_claims(run, made_up(crossed))}
    expected = {"chance": 0.5, "there_and_back": 0.75, "apart": 0.75}
    for name, accuracy in expected.items():
        row = found[f"moved_across_below_{name}_synthetic_sex_alexnet"]
        assert row.statistic == pytest.approx(accuracy - crossed)
        assert row.verdict == verdict


def test_the_table_has_accuracy_and_recall_of_each_sex(
    run: DictConfig, asked: pd.DataFrame
) -> None:
    table = tables.frequency_manipulation(run).set_index(["network", "condition"])
    for kind, group in asked.groupby(["network", "condition"]):
        row = table.loc[kind]
        assert row["mean"] == pytest.approx(group.correct.mean())
        assert row.ci_low <= row["mean"] <= row.ci_high
        for sex in SEXES:
            assert row[sex] == pytest.approx(group[group.sex == sex].correct.mean())
