"""Figures of hearts and the sounds that go with them."""

from pathlib import Path

import pandas as pd
import pytest
import soundfile
from omegaconf import DictConfig, OmegaConf

from earwitness.sound import audio
from experiments.heart.explain import hearing, network, states_of, store
from experiments.heart.figures import __main__ as figures
from experiments.heart.figures import agreement, examples, occlusion_windows, sounds
from experiments.heart.tables.classification import model_name
from reproduction import config
from reproduction.results import audio_index


@pytest.fixture(scope="module")
def drawn(run: DictConfig) -> Path:
    """The results of a tiny run with every figure."""
    figures.main(run)
    return config.paper_folder(run, "results")


def test_every_figure_of_the_targets_is_drawn(drawn: Path) -> None:
    """And no other."""
    targets = Path(figures.__file__).parents[1] / "targets.mk"
    wanted = {word for word in targets.read_text().split() if word.endswith(".png")}
    assert {path.name for path in (drawn / "figures").iterdir()} == wanted


def test_shown_clips_are_of_every_kind_and_say_what_they_are(run: DictConfig) -> None:
    """Record, truth and probability stand above each."""
    explained = store(run).read()
    kinds = {(clip.row.diagnosis, clip.row.right) for clip in explained}
    shown = examples.choose_shown(explained, len(kinds))
    assert {(clip.row.diagnosis, clip.row.right) for clip in shown} == kinds
    told = examples.headline(shown[0])
    assert shown[0].row.file in told
    assert f"p(abnormal) = {shown[0].row.p_abnormal:.2f}" in told


def test_sounds_come_with_what_the_network_makes_of_them(run: DictConfig, tmp_path: Path) -> None:
    """Raised ones too where that is asked for; of no clip that others recorded."""
    shown = store(run).read()
    cfg = OmegaConf.merge(run, {"figures": {"octaves": 1}})
    sounds.write(cfg, shown, tmp_path)
    listed = {entry["name"]: entry for entry in audio_index.read(tmp_path)}
    ours = [clip for clip in shown if clip.has_evidence]
    assert set(listed) == {
        f"{clip.row.clip}_{method}"
        for clip in ours
        for method in sounds.METHODS
        if (clip.explanation(method).values > 0).any()
    }
    clip = next(clip for clip in ours if f"{clip.row.clip}_gradient_shap" in listed)
    parts = listed[f"{clip.row.clip}_gradient_shap"]["parts"]
    trained = network(run, f"{run.explain.study}/{run.explain.model}/{clip.row.fold}")
    model = hearing(trained, states_of(clip))
    for part in parts.values():
        wave = audio.read(tmp_path / part["sound"], 1000)
        assert model.probability(wave, "abnormal") == pytest.approx(part["number"], abs=1e-3)
        assert soundfile.info(tmp_path / part["raised"]).samplerate == audio.RATE


def test_recordings_of_others_are_not_passed_on(run: DictConfig, tmp_path: Path) -> None:
    """No file is written, and what was there is removed."""
    (tmp_path / "audio").mkdir()
    sounds.write(run, [], tmp_path / "audio")
    assert not (tmp_path / "audio").exists()


def test_agreement_is_the_same_in_both_orders() -> None:
    """In the order of names."""
    rows = pd.DataFrame({"first": ["lrp"], "second": ["shapley_time"], "mean": [0.3]})
    labels = {"shapley_time": "Shapley values, time", "combined": "product", "lrp": "LRP"}
    matrix = agreement.square(rows, labels)
    both = matrix.loc["LRP", "Shapley values, time"], matrix.loc["Shapley values, time", "LRP"]
    assert both == (0.3, 0.3)
    assert list(matrix.index) == ["Shapley values, time", "LRP"]


def test_windows_are_those_of_murmurs_answered_right() -> None:
    """In the order of their length; nothing where nothing was planted."""
    methods = ["occlusion_500ms", "occlusion_100ms", "lrp", "occlusion_100ms"]
    rows = pd.DataFrame({"method": methods, "right": [True, True, True, False]})
    assert occlusion_windows.of_windows(rows).window_ms.tolist() == [100, 500]
    assert occlusion_windows.of_windows(rows[:0]).empty


def test_models_have_one_name() -> None:
    """That of what they hear, or of who built them."""
    assert model_name("MFCC", "none", "HeartNet") == "MFCC alone"
    assert model_name("none", "state channels", "HeartNet") == "states alone"
    assert model_name("4 bands", "cycles", "Potes et al.") == "Potes et al."
