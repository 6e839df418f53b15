"""What takes long to make and is only looked at: one process of the tests makes it for all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True)
class Once:
    """Makes folders under `shared`, each once: who asks first makes it, the others wait for it."""

    shared: Path

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder of that name, which `make` has filled."""
        folder, done = self.shared / name, self.shared / f"{name}.done"
        with FileLock(self.shared / f"{name}.lock"):
            if not done.exists():
                make(folder)
                done.touch()
        return folder
