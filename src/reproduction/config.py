"""The composed configuration: one line for a mistake, and no torch until something is built.

`python -m reproduction.config [overrides]` prints a configuration.
"""

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, InstantiationException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from earwitness.errors import InputError
from reproduction.paths import EXPERIMENTS

CONF = Path("conf")
"""The configuration tree; every command runs from the root of the repository."""

TOP_LEVEL = {
    "seed": int,
    "threads": int,
    "processes": int,
    "data_dir": str,
    "runs_dir": str,
    "results_dir": str,
}
SCALARS = (bool, int, float, str)


def job_names(studies: Mapping[str, Any], models: Mapping[str, Any]) -> str:
    """Comma-separated `study/model/fold` of every job: what a sweep runs over.

    A study trains all models unless it names its own.
    """
    return ",".join(
        f"{study}/{model}/{fold}"
        for study, settings in studies.items()
        for model in settings.get("models") or models
        for fold in settings.folds
    )


OmegaConf.register_new_resolver("jobs", job_names, replace=True)


class PaperFolders(SearchPathPlugin):
    """Let Hydra find the group files of single papers, `experiments/<paper>/conf/<group>/`."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the `conf` folder of every paper that has one, after `conf/`."""
        for folder in sorted(EXPERIMENTS.glob("*/conf")):
            search_path.append(provider=folder.parent.name, path=f"file://{folder.resolve()}")


Plugins.instance().register(PaperFolders)


def compose(
    overrides: Sequence[str], name: str = "config", declared: dict[str, Any] = TOP_LEVEL
) -> DictConfig:
    """Compose `conf/<name>.yaml` with Hydra overrides, resolved and read-only.

    `declared` are the types of its scalars.

    Raises:
        InputError: a group, key or value is wrong; one line that names it.
    """
    if not (CONF / "config.yaml").is_file():
        raise InputError(f"{CONF.resolve()}: not there; run from the root of the repository")
    GlobalHydra.instance().clear()
    try:
        with hydra.initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
            cfg = hydra.compose(name, overrides=list(overrides))
        OmegaConf.resolve(cfg)
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise InputError(f"configuration: {_one_line(error)}") from error
    _check_types(cfg, declared)
    OmegaConf.set_readonly(cfg, True)
    return cfg


def _one_line(error: Exception) -> str:
    """The message of a Hydra error on one line, without its advice for our developers."""
    message = str(error).partition("Config search path")[0]
    lines = [line.strip().rstrip(":;") for line in message.splitlines()]
    kept = [line for line in lines if line and not line.startswith(("To append", "object_type"))]
    return "; ".join(kept) + " (conf/ has the keys)"


def _check_types(cfg: DictConfig, declared: dict[str, Any], where: str = "") -> None:
    """Refuse a scalar of another type than declared (a whole number serves as a float)."""
    for key, expected in declared.items():
        value = cfg.get(key)
        accepted = _scalars(expected)
        if accepted and type(value) not in accepted | ({int} if float in accepted else set()):
            names = " or ".join(kind.__name__ for kind in SCALARS if kind in accepted)
            raise InputError(f"configuration: {where}{key}={value!r} must be of type {names}")


def _scalars(expected: Any) -> set[type]:
    """Plain types that a declared type accepts; none where it accepts what YAML cannot say."""
    united = typing.get_origin(expected) in (types.UnionType, typing.Union)
    accepted = set(typing.get_args(expected)) if united else {expected}
    return accepted if accepted <= {*SCALARS, types.NoneType} else set()


def build(node: DictConfig, **arguments: Any) -> Any:
    """Instantiate `node` (see `_target_`) after checking its keys and types, nested ones too.

    Raises:
        InputError: the target does not exist, or a key or a type does not fit it.
    """
    _check_targets(node, *arguments)
    try:
        return hydra.utils.instantiate(node, **arguments)
    except InstantiationException as error:
        if isinstance(error.__cause__, InputError):
            raise error.__cause__ from None
        raise


def _check_targets(node: Any, *given: str) -> None:
    """Check every `_target_` below `node` against the signature of what it names."""
    if isinstance(node, ListConfig):
        for item in node:
            _check_targets(item)
    if not isinstance(node, DictConfig):
        return
    if "_target_" in node:
        _check_signature(node, given)
    for key in node:
        _check_targets(node[key])


def _check_signature(node: DictConfig, given: Sequence[str] = ()) -> None:
    """Check the keys and scalar types of one `_target_` node; `given` are those code adds."""
    where = f"{node._get_full_key(None)}."
    try:
        target: Any = hydra.utils.get_object(node["_target_"])
    except Exception as error:
        raise InputError(f"configuration: {where}_target_: {_one_line(error)}") from error
    _check_keys(node, inspect.signature(target).parameters, given, where)
    initialiser = target.__init__ if inspect.isclass(target) else target
    hints = typing.get_type_hints(initialiser)
    _check_types(node, {key: hint for key, hint in hints.items() if key in node}, where)


def _check_keys(
    node: DictConfig, parameters: Mapping[str, inspect.Parameter], given: Sequence[str], where: str
) -> None:
    """Refuse keys that a target does not take, and the lack of one that it needs."""
    kinds = {parameter.kind for parameter in parameters.values()}
    keys = [str(key) for key in node if not str(key).startswith("_")]
    unknown = [key for key in keys if key not in parameters]
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise InputError(
            f"configuration: {where}{unknown[0]}: {node['_target_']} takes no such key; "
            f"it takes {', '.join(parameters)}"
        )
    missing = [name for name in _needed(parameters) if name not in (*keys, *given)]
    if missing and not node.get("_partial_"):
        raise InputError(
            f"configuration: {where}{missing[0]}: missing; {node['_target_']} needs it"
        )


def _needed(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    """Names of the parameters that have no default."""
    open_ended = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
    return [
        name
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and parameter.kind not in open_ended
    ]


def run_stage(main: Callable[[DictConfig], None]) -> None:
    """Run `main` on the configuration that the command line composes: how every stage starts.

    An `InputError` ends the process with status 2 and one line.
    """
    guarded(lambda: main(compose(sys.argv[1:])))


def guarded(command: Callable[[], None]) -> None:
    """Run `command`; an `InputError` becomes one line on standard error and exit status 2.

    So does an interruption from the keyboard, with the status that shells expect (130).
    """
    try:
        command()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        sys.exit(130)


def paper_folder(cfg: DictConfig, kind: str) -> Path:
    """`<runs_dir or results_dir>/<profile>/<paper>` of a configuration."""
    return Path(cfg[f"{kind}_dir"]) / cfg.profile.name / cfg.paper.name


def _show() -> None:
    """Print the configuration that the command line composes."""
    print(OmegaConf.to_yaml(compose(sys.argv[1:])))


if __name__ == "__main__":
    guarded(_show)
