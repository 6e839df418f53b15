"""A throw-away copy of the repository in which make runs on the tiny profile."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from earwitness.files import files_hash

ROOT = Path(__file__).parents[1]
SMALL_PAPER = Path(__file__).with_name("small_paper")
PLAIN = ("conf", "scripts", "src", "Makefile", "pyproject.toml", "requirements.lock")
INSTALLED = "--assume-old=.venv/installed"
TINY = ("PROFILE=tiny", "LAUNCHER=sequence", INSTALLED)


@dataclass(frozen=True)
class Checkout:
    """What make needs under `folder`, sharing the environment."""

    folder: Path

    @classmethod
    def whole(cls, folder: Path) -> "Checkout":
        """With every paper of the repository."""
        return cls._with(folder, "experiments")

    @classmethod
    def small(cls, folder: Path, *papers: str) -> "Checkout":
        """With only small papers of these names, which are made within seconds."""
        made = cls._with(folder, "experiments/__init__.py")
        for name in papers:
            copy(SMALL_PAPER / "experiments", folder / "experiments" / name)
            copy(SMALL_PAPER / "conf.yaml", made.config(name))
            for file in (folder / "experiments" / name / "targets.mk", made.config(name)):
                file.write_text(file.read_text().replace("small", name))
        return made

    @classmethod
    def _with(cls, folder: Path, papers: str) -> "Checkout":
        for name in (*PLAIN, papers):
            copy(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        return cls(folder)

    def config(self, paper: str) -> Path:
        """The configuration of a paper."""
        return self.folder / "conf/paper" / f"{paper}.yaml"

    def make(self, *arguments: str) -> str:
        """Run make on the tiny profile; its output, or a failure that shows it."""
        done = self.end(*arguments, *TINY)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def end(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run make to its end, whatever that is."""
        process = self.start(*arguments)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start make in a process group of its own."""
        return subprocess.Popen(
            ["make", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A test run in the background inherits deafness to Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def environment(self) -> dict[str, str]:
        """Import the copy's sources, not the installed ones; ARGS of `make test` are for pytest."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ARGS", "MAKE", "MFLAGS"))}
        return kept | {"PYTHONPATH": str(self.folder / "src"), "PYTHONWARNINGS": "ignore"}

    def results(self, paper: str) -> dict[str, str]:
        """Hash of every result that must not depend on when it was made."""
        root = self.folder / "results/tiny" / paper
        files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".json"]
        return {str(path.relative_to(root)): files_hash([path], root) for path in files}


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder with its times, so that what is compiled and made stays valid."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        # Another process may be compiling: its unfinished files are gone before they are copied.
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.pyc.*"))
    else:
        shutil.copy2(source, target)
