"""`make explain`: files for a recording and a model of the user's, and one line for a mistake."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from hydra.core.global_hydra import GlobalHydra

from earwitness.explain.explanation import Axis, Explanation
from earwitness.sound import audio
from reproduction import config
from reproduction.commands import explain as command

MODEL = """\
_target_: earwitness.explain.model.AudioModel
network: {_target_: torch.nn.Linear, in_features: 4000, out_features: 2}
classes: [cat, dog]
rate: 4000
samples: 4000
"""


Explain = Callable[..., "Done"]


class Done(NamedTuple):
    """Exit status and output of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def explain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Runs the command in this process: each start of another one takes seconds."""

    def run(*overrides: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["explain", "threads=1", *overrides])
        code = 0
        try:
            config.guarded(command.main)
        except SystemExit as ended:
            code = int(str(ended.code))
        GlobalHydra.instance().clear()
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """A second and a half of noise at another rate than the model's, and the model."""
    audio.write(tmp_path / "my clip.wav", 0.1 * torch.randn(12000), rate=8000)
    (tmp_path / "model.yaml").write_text(MODEL)
    return [
        f'audio="{tmp_path}/my clip.wav"',
        f"model_path={tmp_path}/model.yaml",
        f"out={tmp_path}",
    ]


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("gradient_x_input", "gradient_x_input"),
        ("shapley", "shapley_values"),
        ("lrp", "lrp_epsilonplus"),
    ],
)
def test_a_figure_a_sound_and_the_numbers(
    explain: Explain, given: list[str], tmp_path: Path, method: str, name: str
) -> None:
    torch.manual_seed(3)  # of the network's weights
    done = explain(*given, f"explainer={method}", "target=dog")
    assert done.returncode == 0, done.stderr
    stem = tmp_path / f"my clip_{name}_dog"
    files = [f"{stem}{end}" for end in (".png", ".json", "_heard.wav", "_rest.wav")]
    assert done.stdout.split("\n")[1:-1] == files
    numbers = json.loads(Path(files[1]).read_text())
    assert numbers["target"] == "dog"
    assert [axis["name"] for axis in numbers["axes"]] == ["time"]
    assert len(audio.read(files[2], rate=4000)) == 4000
    torch.manual_seed(3)
    model = command.load(tmp_path / "model.yaml")
    for part in ("heard", "rest"):
        wave = audio.read(f"{stem}_{part}.wav", rate=4000)
        # The file has 16 bits.
        assert numbers[f"probability_of_{part}"] == pytest.approx(
            model.probability(wave, "dog"), abs=0.01
        )
    assert 0 < numbers["probability"] < 1
    assert len(numbers["values"]) == len(numbers["axes"][0]["values"])


def test_separated_sources_are_audible(explain: Explain, given: list[str], tmp_path: Path) -> None:
    """Of audioLIME the best components as they were separated; with the rest they are the clip."""
    done = explain(*given, "explainer=audiolime", "explainer.estimator.draws=50")
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*.json")
    numbers = json.loads(path.read_text())
    assert [axis["name"] for axis in numbers["axes"]] == ["source", "time"]
    assert numbers["axes"][0]["labels"] == ["harmonic", "percussive", "residual"]
    heard, rest = (
        audio.read(path.with_name(f"{path.stem}_{part}.wav"), rate=4000)
        for part in ("heard", "rest")
    )
    middle = audio.read(tmp_path / "my clip.wav", rate=4000)[1000:5000]
    torch.testing.assert_close(heard + rest, middle, rtol=0, atol=1e-3)
    assert 0 < float(heard.abs().mean()) < float(rest.abs().mean())


def test_without_a_target_the_predicted_class_is_explained(
    explain: Explain, given: list[str], tmp_path: Path
) -> None:
    assert explain(*given).returncode == 0
    (numbers,) = (json.loads(path.read_text()) for path in tmp_path.glob("*.json"))
    assert numbers["probability"] > 0.5


def test_the_explained_stretch_is_printed(explain: Explain, given: list[str]) -> None:
    assert "explained 0.25 s to 1.25 s of 1.50 s" in explain(*given).stdout


def test_a_silent_middle_is_refused(explain: Explain, given: list[str], tmp_path: Path) -> None:
    wave = torch.zeros(16000)
    wave[0] = wave[-1] = 0.5
    audio.write(tmp_path / "my clip.wav", wave, rate=8000)
    assert "silent where it is explained" in explain(*given).stderr


def test_names_of_classes_may_hold_anything(
    explain: Explain, given: list[str], tmp_path: Path
) -> None:
    (tmp_path / "model.yaml").write_text(MODEL.replace("[cat, dog]", "[rock/pop, 1]"))
    assert explain(*given, "target=rock/pop").returncode == 0
    assert explain(*given, "target=1").returncode == 0
    targets = [json.loads(path.read_text())["target"] for path in sorted(tmp_path.glob("*.json"))]
    assert targets == ["1", "rock/pop"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("audio=nowhere.wav", "nowhere.wav: no such recording"),
        ('audio=""', "say AUDIO=clip.wav and MODEL="),
        ("model_path=nowhere.yaml", "nowhere.yaml: no such file"),
        ("model_path=tests", "model tests: neither a YAML file nor the folder"),
        ("target=bird", "target bird: not one of the classes cat, dog"),
        ("threads=0", "threads=0: choose 1 or more"),
        ("explainer=magic", "Could not find 'explainer/magic'"),
    ],
)
def test_a_mistake_is_one_line(
    explain: Explain, given: list[str], change: str, message: str
) -> None:
    done = explain(*given, change)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "not a mapping"),
        ("a: [\n", "not YAML"),
        ("rate: 4000\n", "names no _target_"),
        ("_target_: torch.nn.Identity\n", "makes a Identity"),
        (MODEL.replace("rate: 4000", "rat: 4000"), "takes no such key"),
        (MODEL.replace("[cat, dog]", "[cat]"), "1 classes are named"),
        (MODEL.replace("[cat, dog]", "[cat, cat]"), "a name of its own"),
        (MODEL.replace("in_features: 4000", "in_features: 7"), "check its samples, rate and"),
        (MODEL.replace("torch.nn.Linear", "torch.nn.Bilinear"), "torch.nn.Bilinear"),
        (MODEL.replace("rate: 4000", "rate: 0"), "choose them above zero"),
        (MODEL.replace("rate: 4000", "rate: fast"), "rate='fast' must be of type int"),
    ],
)
def test_a_wrong_description_is_one_line(
    explain: Explain, given: list[str], tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "model.yaml").write_text(text)
    done = explain(*given)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_explanations_are_lists_in_json() -> None:
    given = Explanation(
        torch.ones(2), (Axis.of_names("state", ["a", "b"]),), "x", 0.5, "m", {}, None
    )
    assert json.loads(json.dumps(given.as_lists()))["axes"][0]["labels"] == ["a", "b"]
