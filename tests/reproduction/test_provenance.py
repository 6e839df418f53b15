import importlib
import json
import platform
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from omegaconf import OmegaConf

from earwitness.errors import InputError
from reproduction import config, provenance
from reproduction.provenance import code_hash, config_hash, record, targets
from tests.checkout import ROOT


def test_other_packages_and_the_frame_carry_no_weight() -> None:
    nothing = code_hash()
    assert code_hash("json", "torch") == nothing
    assert code_hash(*provenance.CARRIERS) == nothing
    assert code_hash("reproduction.training.clips") != nothing


def local_modules(start: str) -> set[str]:
    """Modules of the project that give `start`, or a module it has names of, some name."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if (
            name in found | set(provenance.CARRIERS)
            or name.split(".")[0] not in provenance.PACKAGES_HASHED
        ):
            continue
        found.add(name)
        for value in vars(importlib.import_module(name)).values():
            is_module = isinstance(value, ModuleType)
            waiting.append(
                value.__name__ if is_module else getattr(value, "__module__", None) or ""
            )
    return found


@pytest.mark.parametrize(
    "name", ["explain", "checks.sanity", "tables", "figures.__main__", "claims"]
)
def test_a_stage_depends_on_all_the_modules_it_uses(name: str) -> None:
    stage = f"experiments.audiomnist.{name}"
    files = {Path(sys.modules[used].__file__) for used in local_modules(stage)}
    assert len(files) > 5
    assert files <= set(provenance.sources(stage).values())


def test_targets_are_the_modules_of_every_level() -> None:
    node = OmegaConf.create(
        {"_target_": "a.b.C", "x": {"_target_": "d.E", "y": {"z": {"_target_": "a.b.F"}}}, "n": 1}
    )
    assert targets(node) == ["a.b", "d"]


def test_a_configuration_hash_follows_keys_and_values_and_their_kind() -> None:
    node = OmegaConf.create({"a": 1, "b": [1, {"c": None}]})
    assert config_hash(node, 1) == config_hash({"a": 1, "b": [1, {"c": None}]}, 1)
    others = [
        ({"a": 2, "b": [1, {"c": None}]}, 1),
        ({"a": 1, "b": [1, {"d": None}]}, 1),
        ({"a": "1", "b": [1, {"c": None}]}, 1),
        (node, 2),
        (node,),
    ]
    assert len({config_hash(*parts) for parts in [(node, 1), *others]}) == 6


def test_a_configuration_hash_is_that_of_the_resolved_values() -> None:
    whole = OmegaConf.create({"seed": 1, "part": {"a": "${seed}"}})
    assert config_hash(whole.part) == config_hash({"a": 1})


SAID = ["paper=audiomnist", "profile=open", "data_dir=elsewhere", "seed=5", "threads=2"]


def test_a_record_is_plain_and_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    cfg = config.compose(SAID)
    found = record(cfg, {"fsdd_digit": {"hash": "0123"}}, {"fsdd_digit/audionet/0": 1.5}, SAID)
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        "command",
        "commit",
        "config_hash",
        "data",
        "seed",
        "threads",
        "packages",
        "device",
        "wall_time_s",
    }
    assert found["command"] == "make audiomnist PROFILE=open ARGS='seed=5 threads=2'"
    assert (found["seed"], found["threads"]) == (5, 2)
    assert found["data"] == {"fsdd_digit": {"hash": "0123"}}
    assert found["wall_time_s"] == {"fsdd_digit/audionet/0": 1.5}
    assert re.fullmatch("[0-9a-f]{16}", found["config_hash"])
    assert found["packages"]["python"] == platform.python_version()
    assert found["packages"]["torch"] == torch.__version__.split("+")[0]
    assert all(found["packages"].values())
    assert platform.machine() in found["device"] or torch.cuda.is_available()
    assert str(ROOT) not in json.dumps(found)


def test_a_record_follows_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    hashes = {record(config.compose([f"seed={s}"]), {}, {}, [])["config_hash"] for s in (0, 1, 1)}
    assert len(hashes) == 2


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    ended = subprocess.run(
        ["git", *identity, *arguments], capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def test_the_commit_tells_whether_there_were_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_text("1")
    git("init", "-q")
    git("add", "a")
    git("commit", "-q", "-m", "first")
    git("tag", "-a", "v1", "-m", "v1")
    commit = git("rev-parse", "--short=12", "HEAD")
    assert provenance._commit() == commit
    Path("results").mkdir()
    Path("results/a").write_text("what is recorded is no change of what made it")
    assert provenance._commit() == commit
    Path("a").write_text("2")
    assert provenance._commit() == f"{commit}+changes"


def test_without_a_checkout_the_commit_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance._commit() == "unknown (no git checkout)"
    monkeypatch.setenv("PATH", "")
    assert provenance._commit() == "unknown (no git checkout)"


def test_a_module_that_is_not_there_is_no_empty_hash() -> None:
    with pytest.raises(InputError, match=r"experiments\.nothing: no such module"):
        provenance.code_hash("experiments.nothing")
