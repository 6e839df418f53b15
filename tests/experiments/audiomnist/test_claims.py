"""Verdicts and claims of a run, and that only sure numbers carry a verdict."""

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from earwitness.sound import audio
from experiments.audiomnist import claims
from experiments.audiomnist.tables import predictions
from reproduction import config
from reproduction.results.claims import Claim
from reproduction.results.verdicts import Verdict
from reproduction.store import ExplainedClip


def test_the_tables_have_the_promised_columns(run: DictConfig) -> None:
    folder = config.paper_folder(run, "results")
    verdicts, judged = (pd.read_csv(folder / f"{name}.csv") for name in ("verdicts", "claims"))
    assert tuple(verdicts.columns) == Verdict._fields
    assert tuple(judged.columns) == Claim._fields
    assert set(verdicts.verdict) == {"not comparable"}
    assert set(judged.verdict) <= {"holds", "fails", "undecided"}


def test_every_published_number_has_a_source() -> None:
    listed = yaml.safe_load(claims.PUBLISHED.read_text())["accuracies"]
    assert {entry["id"] for entry in listed} == {"digit_alexnet", "digit_audionet"}
    for entry in listed:
        assert entry["source"]
        assert 0 < entry["spread"] < entry["value"] < 1


def test_a_verdict_compares_like_with_like(run: DictConfig) -> None:
    predicted = predictions(run)
    for row in claims.verdicts(run, predicted):
        model = row.id.removeprefix("digit_")
        same = predicted[(predicted.model == model) & (predicted.task == "digit")]
        assert row.reproduced == pytest.approx(same.correct.mean())


@pytest.mark.parametrize("place", [400.0, 2500.0])
def test_the_mean_frequency_is_where_relevance_was_put(tmp_path: Path, place: float) -> None:
    frequencies, times = torch.arange(0.0, 4000.0, 50.0), torch.arange(0.0, 1.0, 0.1)
    values = torch.exp(-(((frequencies - place) / 100) ** 2))[:, None].repeat(1, len(times))
    values[(frequencies - place).abs() > 300] = -1.0
    axes = Axis("frequency", "Hz", frequencies), Axis("time", "s", times)
    clip = ExplainedClip(tmp_path, None)
    clip.write_explanation(
        Explanation(values, axes, "digit 1", 0.5, "LRP", {}, 0.0), "digit", "alexnet", "lrp"
    )
    assert claims.mean_frequency(clip, "digit") == pytest.approx(place, abs=1)


def test_the_mean_amplitude_is_that_of_the_samples_where_relevance_was_put(tmp_path: Path) -> None:
    """As a share of the peak, whatever its sign; what speaks against the answer does not count."""
    clip, wave = ExplainedClip(tmp_path, None), torch.zeros(8000)
    wave[10], wave[20], wave[30] = 0.8, -0.4, 0.2
    audio.write(tmp_path / "original.wav", wave)
    values = torch.zeros(8000)
    values[10], values[20], values[30] = -5.0, 3.0, 1.0
    axes = (Axis("time", "s", torch.arange(8000) / 8000),)
    clip.write_explanation(
        Explanation(values, axes, "sex male", 0.5, "LRP", {}, 0.0), "sex", "audionet", "lrp"
    )
    expected = (3 * 0.4 + 0.2) / 4 / 0.8
    assert claims.mean_amplitude(clip, "sex") == pytest.approx(expected, rel=1e-3)


def test_relevance_as_the_paper_shows_it_makes_positive_statistics(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lower in frequency for the sex than for the digit, and nearer to the peaks."""
    frequencies = {"digit": 1500.0, "sex": 400.0}
    amplitudes = {"digit": 0.2, "sex": 0.5}
    monkeypatch.setattr(claims, "mean_frequency", lambda clip, task: frequencies[task])
    monkeypatch.setattr(claims, "mean_amplitude", lambda clip, task: amplitudes[task])
    rows = pd.DataFrame({"pair": "p", "clip": ["a", "b"], "speaker": ["1", "2"]}).itertuples()
    clips = [ExplainedClip(Path(), row) for row in rows]
    found = [claims.over_clips(statistic, clips, 0) for *_, statistic in claims.RELEVANCE_CLAIMS]
    assert [(each.value, each.n) for each in found] == [(1100, 2), (pytest.approx(0.3), 2)]


def located(evidence: float, energy: float, forgotten: float) -> pd.DataFrame:
    """Shares of one network inside planted regions, of four clips of two speakers."""
    rows = [
        {"method": method, "weights": weights, "value": value + 0.01 * clip, "clip": f"c{clip}"}
        | {"check": "evidence", "over": "time-frequency"}
        | {"speaker": f"s{clip // 2}", "pair": "synthetic", "task": "sex", "network": "alexnet"}
        for clip in range(4)
        for method, weights, value in (
            ("lrp", "trained", evidence),
            ("lrp", "randomised", forgotten),
            ("energy", "trained", energy),
            ("deep_lift", "trained", 1 - evidence),
        )
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("energy", "verdict"), [(0.2, "holds"), (0.9, "fails")])
def test_evidence_is_claimed_against_energy_and_randomisation(
    run: DictConfig, energy: float, verdict: str
) -> None:
    found = {row.id: row for row in claims.evidence_claims(run, located(0.6, energy, 0.1))}
    by_energy = found["evidence_above_energy_synthetic_sex_alexnet"]
    assert by_energy.statistic == pytest.approx(0.6 - energy)
    assert by_energy.verdict == verdict
    assert found["evidence_above_randomised_synthetic_sex_alexnet"].statistic == pytest.approx(0.5)


def test_without_planted_evidence_nothing_is_claimed(run: DictConfig) -> None:
    nothing = located(0.6, 0.2, 0.1).assign(check="gap")
    assert not list(claims.evidence_claims(run, nothing))


def listened(told: dict[str, float]) -> pd.DataFrame:
    """By method, p(heard) - p(rest) of one network for four clips of two speakers."""
    rows = [
        {"method": method, "heard": 0.5 + apart / 2, "rest": 0.5 - apart / 2, "file": f"f{clip}"}
        | {"listener": listener, "itself": False, "speaker": f"s{clip // 2}"}
        for method, apart in told.items()
        for clip in range(4)
        for listener in ("audionet", "gammatonenet")
    ]
    table = pd.DataFrame(rows).assign(rendering="spectrogram")
    misleading = [table.assign(itself=True), table.assign(rendering="signal")]
    wrong = pd.concat(misleading).assign(heard=0.0, rest=1.0)
    return pd.concat([table, wrong]).assign(study="synthetic_sex", network="alexnet")


@pytest.mark.parametrize(("energy", "verdict"), [(0.3, "holds"), (0.9, "fails")])
def test_independent_listeners_decide_about_the_audible_explanation(
    run: DictConfig, energy: float, verdict: str
) -> None:
    """Neither the network itself nor the other rendering counts."""
    told = listened({"lrp": 0.6, "moved": -0.2, "energy": energy})
    found = {row.id: row for row in claims.audible_claims(run, told)}
    statistics = [found[f"heard_above_{name}_synthetic_sex_alexnet"] for name in ("rest", "moved")]
    assert [row.statistic for row in statistics] == pytest.approx([0.6, 0.8])
    by_energy = found["heard_above_energy_synthetic_sex_alexnet"]
    assert by_energy.statistic == pytest.approx(0.6 - energy)
    assert by_energy.verdict == verdict
