"""How make runs a stage: `python -m earwitness.stage experiments.heart.tables [overrides]`.

A stage is a module that defines `main(cfg)`, or a package whose `__main__` does.
"""

import sys
from importlib import import_module
from types import ModuleType

from earwitness import config


def main() -> None:
    """Run the stage that the command line names on the configuration that the rest composes."""
    config.run_stage(named(sys.argv.pop(1)).main)


def named(name: str) -> ModuleType:
    """The module of a stage."""
    found = import_module(name)
    return import_module(f"{name}.__main__") if hasattr(found, "__path__") else found


if __name__ == "__main__":
    main()
