"""Run one stage, as make does: `python -m reproduction.stage experiments.heart.tables [overrides]`.

A stage is a module that defines `main(cfg)`, or a package whose `__main__` does.
"""

import sys
from importlib import import_module
from types import ModuleType

from earwitness.errors import InputError
from reproduction import config, stages


def main() -> None:
    """Run the stage that the command line names on the configuration that the rest composes."""
    config.guarded(_run)


def _run() -> None:
    """Take the stage from the command line, so that overrides are left, and run it."""
    name = sys.argv.pop(1) if sys.argv[1:] else ""
    stage = stages.name_of(name)
    main = load_stage(name).main
    config.run_stage(lambda cfg: main(stages.part(cfg, stage) if stage else cfg))


def load_stage(name: str) -> ModuleType:
    """The module of a stage.

    Raises:
        InputError: there is no such module, or it has no `main`.
    """
    module = _imported(name)
    if module is not None and hasattr(module, "__path__"):
        module = _imported(f"{name}.__main__")
    if module is None or not hasattr(module, "main"):
        raise InputError(
            f"stage {name!r}: no module with a main(cfg); choose one, like experiments.heart.tables"
        )
    return module


def _imported(name: str) -> ModuleType | None:
    """A module; None where there is none of this name."""
    try:
        return import_module(name) if name else None
    except ModuleNotFoundError as error:
        if name.startswith(str(error.name)):
            return None
        raise  # the module exists, but one that it imports does not


if __name__ == "__main__":
    main()
