"""`make explain`: files for a recording and a model of the user's, and one line for a mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from earwitness import audio
from earwitness.explain.explanation import Axis, Explanation

MODEL = """\
_target_: earwitness.explain.model.AudioModel
network: {_target_: torch.nn.Linear, in_features: 4000, out_features: 2}
classes: [cat, dog]
rate: 4000
samples: 4000
"""


def explain(*overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earwitness.explain", *overrides]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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
    given: list[str], tmp_path: Path, method: str, name: str
) -> None:
    done = explain(*given, f"explainer={method}", "target=dog")
    assert done.returncode == 0, done.stderr
    stem = tmp_path / f"my clip_{name}_dog"
    files = [f"{stem}{end}" for end in (".png", ".json", "_heard.wav", "_rest.wav")]
    assert done.stdout.split("\n")[:-1] == files
    numbers = json.loads(Path(files[1]).read_text())
    assert numbers["target"] == "dog"
    assert [axis["name"] for axis in numbers["axes"]] == ["time"]
    assert len(audio.read(files[2], rate=4000)) == 4000
    for probability in ("probability", "probability_of_heard", "probability_of_rest"):
        assert 0 < numbers[probability] < 1
    assert len(numbers["values"]) == len(numbers["axes"][0]["values"])


def test_without_a_target_it_is_the_answer(given: list[str], tmp_path: Path) -> None:
    assert explain(*given).returncode == 0
    (numbers,) = (json.loads(path.read_text()) for path in tmp_path.glob("*.json"))
    assert numbers["probability"] > 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("audio=nowhere.wav", "nowhere.wav: no such recording"),
        ('audio=""', "say AUDIO=clip.wav and MODEL="),
        ("model_path=nowhere.yaml", "nowhere.yaml: no such file"),
        ("model_path=tests", "model tests: neither a YAML file nor the folder"),
        ("target=bird", "target bird: not one of the classes cat, dog"),
        ("explainer=magic", "Could not find 'explainer/magic'"),
    ],
)
def test_a_mistake_is_one_line(given: list[str], change: str, message: str) -> None:
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
        (MODEL.replace("rate: 4000", "rate: fast"), "rate='fast' must be of type int"),
    ],
)
def test_a_wrong_description_is_one_line(
    given: list[str], tmp_path: Path, text: str, message: str
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
