"""What a result depends on: code, configuration, data, packages, seed and machine."""

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from earwitness import fingerprint
from earwitness.files import text_hash

PACKAGES = ("torch", "torchaudio", "pytorch-lightning", "hydra-core", "numpy", "scikit-learn")
MAKE_SETS = ("paper=", "profile=", "data_dir=", "hydra/launcher=")
"""Overrides that make passes by its own variables, such as PROFILE."""
PACKAGES_HASHED = ("earwitness", "reproduction", "experiments")
"""Packages whose code a result depends on."""
FRAME = ("config", "provenance", "stage", "stages", "sweep", "train")
CARRIERS = (*fingerprint.CARRIERS, *(f"reproduction.{name}" for name in FRAME))
"""Modules that carry results about without making them; changing one makes no result stale."""


def code_hash(*modules: str) -> str:
    """Hash of modules and of all modules of this repository that they import.

    Raises:
        InputError: a module is not found, so what it does cannot be hashed.
    """
    return fingerprint.code_hash(*modules, packages=PACKAGES_HASHED, without=CARRIERS)


def config_hash(*nodes: Any) -> str:
    """Hash of resolved configuration nodes and plain values."""
    plain = [
        OmegaConf.to_container(n, resolve=True) if OmegaConf.is_config(n) else n for n in nodes
    ]
    return text_hash(repr(plain))


def sources(*modules: str) -> dict[str, Path]:
    """Files of modules and of all modules of this repository that they import, by module.

    Raises:
        InputError: as `code_hash`.
    """
    return fingerprint.sources(*modules, packages=PACKAGES_HASHED, without=CARRIERS)


def targets(*nodes: DictConfig) -> list[str]:
    """Modules of every `_target_` in configuration nodes, and of functions that `path` names."""
    modules: set[str] = set()
    for node in nodes:
        if "_target_" in node:
            # hydra.utils.get_method returns the function that its `path` names.
            names = (node["_target_"], node.get("path") if "hydra" in node["_target_"] else None)
            modules |= {name.rpartition(".")[0] for name in names if name}
        inner = [value for value in node.values() if isinstance(value, DictConfig)]
        modules |= set(targets(*inner))
    return sorted(modules)


def package_versions() -> dict[str, str]:
    """Versions of the packages that numbers depend on most, Python's among them."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def record(
    cfg: DictConfig, data: dict[str, Any], wall_time_s: dict[str, float], overrides: Sequence[str]
) -> dict[str, Any]:
    """The content of a paper's `provenance.json`, as plain data."""
    own = [entry for entry in overrides if not entry.startswith(MAKE_SETS)]
    arguments = f" ARGS={' '.join(own)!r}" if own else ""
    target = cfg.paper.get("target", cfg.paper.name)
    return {
        "command": f"make {target} PROFILE={cfg.profile.name}{arguments}",
        "commit": _commit(),
        "config_hash": config_hash(cfg),
        "data": data,
        "seed": cfg.seed,
        "threads": cfg.threads,
        "packages": package_versions(),
        "device": _device(cfg),
        "wall_time_s": wall_time_s,
    }


def _commit() -> str:
    """The commit that made the results, with `+changes` if the working tree differs from it."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", ":!results")
        return f"{commit}+changes" if changed else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown (no git checkout)"


def _git(*arguments: str) -> str:
    """Standard output of a git command."""
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _device(cfg: DictConfig) -> str:
    """Kind of processor that the trainings ran on."""
    trainers = [model.trainer for model in cfg.models.values() if "trainer" in model]
    if any(trainer.accelerator != "cpu" for trainer in trainers):
        import torch  # takes seconds

        if torch.cuda.is_available():
            return torch.cuda.get_device_name()
    return f"{platform.machine()} CPU"
