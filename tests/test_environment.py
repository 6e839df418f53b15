"""pyproject.toml, requirements.lock and environment.yml say the same; the lock names no index."""

import importlib.util
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from tests.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
REQUIRED = {
    *("pytorch-lightning", "torch", "torchaudio", "hydra-core", "captum", "shap", "lime"),
    *("openunmix", "pandas", "seaborn", "soundfile", "torchmetrics", "scikit-learn"),
    *("tensorboard", "pooch"),
}


def load_script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = load_script("write_environment")
LOCKED = script.pins(LOCK)
DIRECT = [
    Requirement(entry)
    for entries in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for entry in entries
]


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_the_lock_satisfies_every_requirement(requirement: Requirement) -> None:
    assert requirement.specifier.contains(LOCKED[requirement.name.lower()])


def test_the_conda_environment_has_the_pins_of_the_lock() -> None:
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict)]
    pinned = dict(entry.split("==") for entry in pip if not entry.startswith("-"))
    assert pinned == {r.name.lower(): LOCKED[r.name.lower()] for r in DIRECT}
    assert f"python={script.PYTHON}" in content["dependencies"]


def test_the_conda_environment_is_the_one_the_script_writes() -> None:
    assert (ROOT / "environment.yml").read_text() == script.environment()


def test_every_pin_of_the_lock_has_hashes_and_no_address() -> None:
    pins = re.findall(r"^[\w.-]+==[^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}[ \\\n]*)+", LOCK, re.M)
    assert len(pins) == len(re.findall(r"^[\w.-]+==", LOCK, re.M)) > 100
    assert "://" not in LOCK


def test_the_versions_that_import_together_are_pinned() -> None:
    assert [LOCKED[name] for name in ("torch", "torchaudio", "torchvision")] == [
        "2.11.0",
        "2.11.0",
        "0.26.0",
    ]


def test_what_the_user_asked_for_is_declared() -> None:
    declared = {Requirement(entry).name for entry in PROJECT["dependencies"]}
    assert declared >= REQUIRED


def test_peers_are_an_extra() -> None:
    declared = {Requirement(entry).name for entry in PROJECT["dependencies"]}
    assert not declared & {"zennit", "quantus"}
