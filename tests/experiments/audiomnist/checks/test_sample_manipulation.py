"""Samples set to zero: those of a run, and of a made-up network that reads known samples."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf
from sklearn.metrics import auc
from torch import Tensor, nn

from earwitness.explain.explainers import InputExplainer
from earwitness.explain.gradients import GradientXInput
from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.spectrogram import Waveform
from experiments.audiomnist import claims, tables, tested
from experiments.audiomnist.checks import sample_manipulation as check
from reproduction.results import checks
from reproduction.results.claims import Claim
from reproduction.training.trained import audio_model

READ = torch.arange(2000, 6000, 100)
"""The samples that a made-up network reads: half a per cent."""


@pytest.fixture
def asked(run: DictConfig) -> pd.DataFrame:
    """The rows that a run has left."""
    return checks.read(run, check.CHECK)


class Reader(nn.Module):
    """Waves `(n, 1, 8000)` -> "no" and "yes": whether the samples at READ add up to something."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Yes if their mean is above a half."""
        heard = inputs[:, 0, READ].sum(dim=1) / len(READ)
        return torch.stack([torch.full_like(heard, 0.5), heard], dim=1)


@pytest.fixture
def subject() -> check.Subject:
    """Two thirds of a second at 0.1, which the front end turns into 0.99."""
    wave = torch.zeros(8000)
    wave[1500:6500] = 0.1
    model = AudioModel(Reader(), ["no", "yes"], 8000, Waveform(), samples=8000)
    return check.Subject(model, wave, (0, 1))


def test_every_choice_is_made_of_every_clip(run: DictConfig, asked: pd.DataFrame) -> None:
    """One row a percentage and method, and a row a draw of the random choice."""
    draws = asked.groupby(["study", "file", "method", "percent"]).size().unstack("method")
    assert len(draws) == len(run.studies) * run.sample_manipulation.clips * 3
    assert set(draws) == set(check.method_labels(run))
    assert (draws.pop("random") == check.DRAWS).all()
    assert (draws == 1).all(axis=None)


def test_nothing_and_everything_are_the_same_for_all(run: DictConfig, asked: pd.DataFrame) -> None:
    """The whole clip is answered as the network answers it, silence as it answers silence."""
    settings = run.sample_manipulation
    for part in tested.tested(run, [settings.network], settings.clips):
        model = audio_model(run, part.job)
        for percent, waves in ((0, part.waves), (100, torch.zeros_like(part.waves))):
            with torch.no_grad():
                expected = model(waves).softmax(dim=1).gather(1, part.labels[:, None])[:, 0]
            same = asked[(asked.study == part.study) & (asked.percent == percent)]
            said = same.groupby("file").probability.agg(["min", "max"]).loc[part.rows.file]
            assert (said["min"] == said["max"]).all()
            assert said["min"].to_numpy() == pytest.approx(expected.numpy(), abs=2e-6)
    assert asked[asked.percent == 0].agrees.all()


def test_what_the_network_reads_is_found_and_chance_misses_it(subject: check.Subject) -> None:
    """Its gradient turns the answer at one per cent; a random draw leaves it at ten."""
    explainers = {"gradient": InputExplainer(GradientXInput())}
    said = subject.manipulated(subject.orders(explainers), [0, 1, 10, 100], label=1)
    right = said.groupby(["method", "percent"]).correct.mean().unstack()
    assert right.loc["gradient"].tolist() == [1, 0, 0, 0]
    assert right.loc["random"].tolist() == [1, 1, 1, 0]
    assert said.agrees.equals(said.correct)


def test_right_is_what_the_label_says(subject: check.Subject) -> None:
    """A wrong answer that is given up becomes a right one."""
    said = subject.manipulated(subject.orders({}), [0, 100], label=0)
    assert (said.correct == (said.percent == 100)).all()
    assert (said.agrees == (said.percent == 0)).all()


def test_draws_are_the_clip_s(subject: check.Subject) -> None:
    """The same orders again; draws differ from each other and from those of another clip."""
    other = check.Subject(subject.model, subject.wave, (0, 2))
    first, second, third = (
        torch.stack([order.first for order in one.orders({})]) for one in (subject, subject, other)
    )
    assert first.equal(second)
    drawn = torch.cat([first[: check.DRAWS], third[: check.DRAWS]])
    assert len(drawn.unique(dim=0)) == 2 * check.DRAWS
    assert first[check.DRAWS].equal(first[0])  # all are as loud: the first draw decides


def test_two_processes_leave_the_bytes_of_one(
    run: DictConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a single clip of each study, one explainer and one percentage."""
    monkeypatch.setattr(checks, "path", lambda cfg, _: tmp_path / f"{cfg.processes}.csv")
    few = OmegaConf.create(OmegaConf.to_container(run))
    settings = few.sample_manipulation
    settings.percent, settings.clips = [10, 100], 1
    settings.explainers = {"lrp": settings.explainers.lrp}
    for few.processes in (1, 2):
        check.main(few)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


@pytest.fixture
def made_up(run: DictConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DictConfig:
    """Eight clips of four speakers: LRP turns every answer, amplitude one of each speaker's."""
    turned = {"lrp": (0, 1), "amplitude": (0,)}
    rows = [
        {"study": study, "speaker": f"{clip // 2}", "file": f"f{clip}", "draw": 0}
        | {"method": method, "percent": percent}
        | {
            "correct": int(
                percent == 0 or (percent < 100 and clip % 2 not in turned.get(method, ()))
            )
        }
        for study in run.studies
        for clip in range(8)
        for method in check.method_labels(run)
        for percent in (0, 2, 10, 100)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "made_up.csv", index=False)
    monkeypatch.setattr(checks, "path", lambda cfg, name: tmp_path / "made_up.csv")
    return run


def test_the_area_is_scikit_learn_s_and_draws_are_averaged(run: DictConfig) -> None:
    """Below the curve of the tiny run up to ten per cent, and of each clip."""
    raw = checks.read(run, check.CHECK)
    found = check.accuracy(run)
    for kind, row in found.sample(8, random_state=0).iterrows():
        same = (raw[["study", "method", "speaker", "file"]] == list(kind)).all(axis=1)
        mean = raw[same].groupby("percent").correct.mean().drop(100)
        assert row["0-10"] == pytest.approx(auc(mean.index, mean) / 10)


def test_the_table_has_accuracy_and_what_is_lost_against_chance(made_up: DictConfig) -> None:
    """All turned from two per cent on: a tenth is left of LRP's area, and so on."""
    table = tables.sample_manipulation(made_up)
    assert set(zip(table.clips, table.speakers, strict=True)) == {(8, 4)}
    area = table[(table.task == "sex") & (table.percent == "0-10")].set_index("method")
    assert area["mean"][["lrp", "amplitude", "random"]].tolist() == pytest.approx([0.1, 0.55, 1])
    assert area.below_random[["lrp", "amplitude", "random"]].tolist() == pytest.approx(
        [0.9, 0.45, 0]
    )
    assert (table.ci_low <= table["mean"]).all()
    assert (table["mean"] <= table.ci_high).all()


def test_claims_are_for_the_choice_that_costs_more(made_up: DictConfig) -> None:
    """LRP before amplitude before chance; only what the paper did not say is marked ours."""
    made: list[Claim] = list(claims.sample_claims(made_up, check.accuracy(made_up)))
    found = {row.id: row for row in made}
    lrp = found["lrp_chooses_before_amplitude_synthetic_digit"]
    assert (lrp.statistic, lrp.n, lrp.verdict) == (pytest.approx(0.45), 4, "holds")
    occlusion = found["occlusion_chooses_before_amplitude_synthetic_sex"]
    assert (occlusion.statistic, occlusion.verdict) == (pytest.approx(-0.45), "fails")
    papers = [row.id for row in made if not row.claim.startswith("ours: ")]
    said = "lrp_chooses_before_amplitude", "amplitude_chooses_before_random"
    assert papers == [f"{claim}_{study}" for study in made_up.studies for claim in said]
