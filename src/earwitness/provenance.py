"""What a result depends on: code, configuration, data, packages, seed and machine."""

import ast
import platform
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from earwitness.files import text_hash

PACKAGES = ("torch", "torchaudio", "pytorch-lightning", "hydra-core", "numpy", "scikit-learn")
MAKE_SETS = ("paper=", "profile=", "data_dir=", "hydra/launcher=")
"""Overrides that make gives by variables of their own."""
LOCAL = ("earwitness", "experiments")
FRAME = tuple(f"earwitness.{name}" for name in ("config", "errors", "files", "provenance", "sweep"))
"""Modules that carry results about without making them; changing one makes no result stale."""


def config_hash(*nodes: Any) -> str:
    """Hash of resolved configuration nodes and plain values."""
    plain = [
        OmegaConf.to_container(n, resolve=True) if OmegaConf.is_config(n) else n for n in nodes
    ]
    return text_hash(repr(plain))


def code_hash(*modules: str) -> str:
    """Hash of modules and all local modules they import, blind to comments and docstrings.

    Raises:
        InputError: a module of this project is not found, so what it does cannot be hashed.
    """
    for module in modules:
        if module.split(".")[0] in LOCAL and _source(module) is None:
            raise InputError(f"{module}: no such module; run from the root of the repository")
    sources = sorted(set().union(*(_closure(module) for module in modules)))
    return text_hash("".join(_meaning(source) for source in sources))


def _closure(module: str) -> frozenset[Path]:
    """Source files of `module` and of every project module that it imports, however indirectly."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        source = None if name in FRAME else _source(name)
        if source and name not in found:
            found[name] = source
            waiting += _imports(source)
    return frozenset(found.values())


@cache
def _source(module: str) -> Path | None:
    """File of a local module, found without importing it (or torch); None for all other names."""
    package, *inner = module.split(".")
    spec = find_spec(package) if package in LOCAL else None
    if spec is None or not spec.submodule_search_locations:
        return Path(spec.origin) if spec and spec.origin and not inner else None
    place = Path(spec.submodule_search_locations[0]).joinpath(*inner)
    files = place / "__init__.py", place.with_suffix(".py")
    return next((file for file in files if file.is_file()), None)


@cache
def _imports(source: Path) -> list[str]:
    """Names a file imports, both `a.b` and `a.b.c` of `from a.b import c`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


@cache
def _meaning(source: Path) -> str:
    """The syntax tree of a file without docstrings and positions."""
    tree = ast.parse(source.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [part for part in body if not _is_bare_text(part)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_bare_text(node: ast.AST) -> bool:
    """Whether a statement is a string on its own: a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def targets(node: DictConfig) -> list[str]:
    """Modules of every `_target_` in a configuration node."""
    below = (targets(value) for value in node.values() if isinstance(value, DictConfig))
    own = [node["_target_"].rpartition(".")[0]] if "_target_" in node else []
    return sorted(set(own).union(*below))


def package_versions() -> dict[str, str]:
    """Versions of the packages that numbers depend on most, Python's among them."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def record(
    cfg: DictConfig, data: dict[str, Any], wall_time_s: dict[str, float], overrides: Sequence[str]
) -> dict[str, Any]:
    """Everything that `provenance.json` says of a paper's results, as plain data."""
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
    """The commit the results were made at, `+changes` when the tree differed from it."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", ":!results")
        return f"{commit}+changes" if changed else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown (no git checkout)"


def _git(*arguments: str) -> str:
    """What git answers."""
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
