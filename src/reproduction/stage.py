"""How make runs a stage: `python -m reproduction.stage experiments.heart.tables [overrides]`.

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
    """Take the stage from the command line, which tells stages their overrides, and run it."""
    name = sys.argv.pop(1) if sys.argv[1:] else ""
    stage = stages.name_of(name)
    main = load_stage(name).main
    config.run_stage(lambda cfg: main(stages.part(cfg, stage) if stage else cfg))


def load_stage(name: str) -> ModuleType:
    """The module of a stage.

    Raises:
        InputError: there is no such module, or it has no `main`.
    """
    found = _imported(name)
    if found is not None and hasattr(found, "__path__"):
        found = _imported(f"{name}.__main__")
    if found is None or not hasattr(found, "main"):
        raise InputError(f"stage {name!r}: no module with a main(cfg); name one as make does")
    return found


def _imported(name: str) -> ModuleType | None:
    """A module; None where there is none of this name."""
    try:
        return import_module(name) if name else None
    except ModuleNotFoundError as error:
        if name.startswith(str(error.name)):
            return None
        raise  # the module is there, what it imports is not


if __name__ == "__main__":
    main()
