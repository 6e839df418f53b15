"""Which clips are explained, what is kept of them, and that the network hears what is kept."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from omegaconf import OmegaConf

from earwitness.models.heartnet import HeartNet
from earwitness.sound.frontends.heart import SegmentedCepstra
from experiments.heart import explain
from reproduction import sweep
from reproduction.csv_files import write_csv
from reproduction.store import ExplainedClip
from reproduction.training.networks import NetworkTask, Task

CFG = OmegaConf.create(
    {"explain": {"study": "heart", "model": "heartnet", "clips": 8}, "seed": 0, "paper": {}}
)


def predictions(recordings: int, clips: int) -> pd.DataFrame:
    """Some clips of each recording; every eighth recording is abnormal, every fourth is wrong."""
    rows = [
        {
            "file": f"a/{number:03}.flac",
            "speaker": f"{number:03}",
            "database": "a",
            "start_s": 5.0 * clip,
            "label": int(number % 8 == 0),
            "predicted": int(number % 8 == 0) ^ int(number % 16 in (0, 1, 2, 3)),
            "p_1": number / recordings + clip / 1000,
            "model": model,
            "fold": number % 3,
        }
        for model in ("heartnet", "another")
        for number in range(recordings)
        for clip in range(clips)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Eight of eighty recordings of three clips each."""
    monkeypatch.setattr(sweep, "predictions", lambda *_: predictions(80, 3))
    return explain.choose(CFG)


def test_clips_are_spread_over_diagnosis_and_right_or_wrong(chosen: pd.DataFrame) -> None:
    """Two of each kind, one a subject, in the order of their files."""
    assert (chosen.groupby(["diagnosis", "right"]).size() == 2).all()
    assert chosen.speaker.is_unique
    assert chosen.file.is_monotonic_increasing
    assert chosen["clip"].tolist() == [Path(file).stem for file in chosen.file]


def test_a_clip_comes_with_the_answers_to_it_and_to_its_recording(chosen: pd.DataFrame) -> None:
    """The recording's is the mean over all of its clips."""
    for row in chosen.itertuples():
        number = int(row.speaker)
        assert row.diagnosis == ("abnormal" if number % 8 == 0 else "normal")
        assert row.fold == number % 3
        assert row.p_abnormal == pytest.approx(number / 80 + row.start_s / 5000)
        assert row.p_abnormal_recording == pytest.approx(number / 80 + 0.001)


def test_the_choice_is_the_seed_s(chosen: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same again, and another with another seed."""
    monkeypatch.setattr(sweep, "predictions", lambda *_: predictions(80, 3))
    assert explain.choose(CFG).equals(chosen)
    assert not explain.choose(OmegaConf.merge(CFG, {"seed": 1})).file.equals(chosen.file)


def test_states_are_kept_to_the_sample(tmp_path: Path) -> None:
    """A track of a recording that ends before its clip, written and read."""
    states = torch.tensor([4, 1, 2, 3, 4, 1]).repeat_interleave(
        torch.tensor([37, 120, 201, 99, 333, 10])
    )
    clip = ExplainedClip(tmp_path, rate=explain.RATE)
    clip.write_wave(torch.linspace(0, 0.5, 1000))
    write_csv(tmp_path / "states.csv", explain.segments_of(states))
    kept = explain.states_of(clip)
    assert kept[:800].equal(states)
    assert not kept[800:].any()


def test_the_network_hears_the_kept_states() -> None:
    """What is explained is what the network answers to the segmented sound."""
    torch.manual_seed(0)
    trained = NetworkTask(SegmentedCepstra(), HeartNet(2, rows=24), Task(2, 0, 0), None).eval()
    wave, states = torch.randn(2000), torch.randint(1, 5, (2000,))
    model = explain.hearing(trained, states)
    with torch.inference_mode():
        answer = trained(torch.stack([wave, states.float()])[None]).softmax(1)[0, 1]
    assert model.probability(wave, "abnormal") == pytest.approx(float(answer), abs=1e-6)
    assert model.class_index(explain.ABNORMAL) == 1
    assert model.samples == 2000


def test_each_fold_is_done_by_two() -> None:
    """No clip is lost, and nothing is empty."""
    parts = [[ExplainedClip(Path(str(n)), None) for n in range(count)] for count in (5, 1, 2)]
    halves = explain.split_in_halves(parts)
    assert [len(half) for half in halves] == [3, 2, 1, 1, 1]
    assert {clip.folder for half in halves[:2] for clip in half} == {c.folder for c in parts[0]}
