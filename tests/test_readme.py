"""The README keeps its word: every command runs, and the paper that it adds is made."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch

from earwitness.sound import audio
from tests.checkout import INSTALLED, ROOT, TINY, Checkout

README = (ROOT / "README.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`(\S+)`\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A file of the added paper: its name, and below it what it holds."""
FILES = dict(FILE.findall(README))
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(make [^`]+)`")
NOT_HERE = ("make test", "make bench", "PROFILE=open", "callbacks=explanations", "make gradcam")
"""This test itself, an hour, the data of others, and what has tests of its own."""


def commands(text: str) -> list[str]:
    """Every make command of a text, without its comment."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    found = [line.partition("#")[0].strip() for line in lines] + INLINE.findall(text)
    return list(dict.fromkeys(found))


ALL = commands(README)
RUN = sorted(
    (command for command in ALL if not any(name in command for name in NOT_HERE)),
    key=lambda command: "ARGS=" in command,
)
"""Those that make something anew come last, so that the others have nothing to do."""


def tiny(command: str) -> list[str]:
    """The arguments of a command for make, on the tiny profile, whose folds count from 0.

    What has settings of its own is made as far as the trainings, whose settings they are.
    """
    trained = command.replace("runs/demo", "runs/tiny").replace("alexnet/1", "alexnet/0")
    target, *settings = shlex.split(trained)[1:]
    anew = any(setting.startswith("ARGS=") for setting in settings)
    return [f"runs/tiny/{target}/trained.txt" if anew else target, *settings, *TINY]


@pytest.fixture(scope="module")
def copied(made: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of what has been made, for commands that make it anew; with a recording."""
    folder = tmp_path_factory.mktemp("readme") / "copy"
    shutil.copytree(made.folder, folder, symlinks=True)
    audio.write(folder / "clip.wav", 0.1 * torch.sin(torch.arange(8000) / 5))
    return Checkout(folder)


def test_commands_are_found() -> None:
    """Those of blocks and those within a line; what is not run here is there to be read."""
    assert {"make reproduce-all", "make compare-baselines", "make bench", "make gradcam"} < {*ALL}
    assert len(RUN) > 8


@pytest.mark.parametrize("command", RUN)
def test_a_command_of_the_readme_runs(command: str, copied: Checkout) -> None:
    done = copied.end(*tiny(command))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [command for command in ALL if command not in RUN])
def test_a_command_that_is_not_run_here_has_its_target(command: str, made: Checkout) -> None:
    if command == "make gradcam":
        pytest.skip("it has the test below")
    done = made.end("--dry-run", *shlex.split(command)[1:], INSTALLED)
    assert done.returncode == 0, done.stderr


def test_the_added_paper_has_fewer_than_sixty_lines() -> None:
    assert len(FILES) == 7
    assert sum(text.count("\n") for text in FILES.values()) < 60


def test_the_added_paper_is_made_and_reported(tmp_path: Path) -> None:
    """As it stands in the README, but for what makes it short."""
    checkout = Checkout.small(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    short = [
        "studies.digits.folds=[0]", "studies.digits.steps.gammatonenet=2", "explain.clips=3",
        "split@studies.digits.split=tiny", "studies.digits.corpus.root=runs/corpora/tiny",
        "studies.digits.corpus.repetitions=1", "models.gammatonenet.schedule.batch_size=10",
        "studies.digits.corpus.speakers=[\\'28\\',\\'07\\',\\'36\\',\\'09\\',\\'43\\',\\'14\\']",
    ]  # fmt: skip
    checkout.make("reproduce-all", f"ARGS={' '.join(short)}")
    results = tmp_path / "results/tiny/gradcam"
    table = pd.read_csv(results / "tables/evidence.csv")
    assert table.method.tolist() == ["grad_cam", "lrp"]
    assert table.share.between(0, 1).all()
    assert table.share_n.tolist() == [3, 3]
    assert (results / "figures/evidence.png").is_file()
    assert pd.read_csv(results / "claims.csv").id.tolist() == ["in_evidence"]
    assert 'id="gradcam-figures"' in (tmp_path / "results/tiny/index.html").read_text()
