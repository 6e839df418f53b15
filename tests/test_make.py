"""The make graph on throw-away copies: staleness, reasons, interruption, a second paper."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from earwitness.files import files_hash

ROOT = Path(__file__).parents[1]
FOLDERS = ("conf", "experiments", "scripts", "src")
FILES = ("Makefile", "pyproject.toml", "requirements.lock")
PROMISED = ("tables/accuracy.csv", "verdicts.csv", "claims.csv", "provenance.json")

SECOND = {
    "experiments/second/targets.mk": "second_TITLE := a second paper\n"
    "second_TABLES := count.csv\nsecond_FIGURES := none.txt\n",
    "experiments/second/__init__.py": '"""A second paper."""\n',
    "experiments/second/published.yaml": "{}\n",
    "experiments/second/train.py": (
        '"""Train nothing."""\ndef train(cfg, job):\n    return {\'fold\': job.fold}\n'
    ),
    "conf/paper/second.yaml": (
        "# @package _global_\n"
        "defaults:\n  - /corpus@studies.voices.corpus: synthetic_digits\n"
        "  - /split@studies.voices.split: tiny\n  - _self_\n"
        "paper: {name: second, train_module: experiments.second.train}\n"
        "models:\n  nothing: {_target_: builtins.dict}\n"
        "studies:\n  voices:\n    label: sex\n    folds: [0, 1]\n    steps: {}\n    corpus:\n"
        "      root: ${runs_dir}/corpora/tiny\n      repetitions: 1\n"
        "      speakers: ['28', '07', '36', '09', '43', '14']\n"
    ),
}
STAGE = """\
import sys
from earwitness import config
from earwitness.files import write_text
def main(cfg):
    for name in {names!r}:
        write_text(config.paper_folder(cfg, "results") / name, {text!r})
config.run_stage(main)
"""
HEADERS = {"verdicts.csv": "what,data,published,reproduced,ci_low,ci_high,verdict\n"}
STAGES = {
    "tables": (["tables/count.csv"], "count\n2\n"),
    "explain": ([], ""),
    "judge": ([], ""),
    "figures": (["figures/none.txt"], "nothing\n"),
}


def copy_to(folder: Path) -> Path:
    """A copy of what make needs, sharing the environment."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Import the copy's sources, not those the environment was installed from."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return kept | {"PYTHONPATH": str(folder / "src"), "PYTHONWARNINGS": "ignore"}


ARGUMENTS = ("PROFILE=tiny", "LAUNCHER=sequence", "--assume-old=.venv/installed")


def make(folder: Path, *arguments: str) -> str:
    """Run make on the tiny profile; its output, or a failure that shows it."""
    command = ["make", *arguments, *ARGUMENTS]
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def results(folder: Path, paper: str = "audiomnist") -> dict[str, str]:
    """Hash of every result that must not depend on when it was made."""
    root = folder / "results" / "tiny" / paper
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".json"]
    return {str(path.relative_to(root)): files_hash([path], root) for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which `make reproduce-all` has run once."""
    folder = copy_to(tmp_path_factory.mktemp("made"))
    make(folder, "reproduce-all")
    return folder


def test_reproduce_all_makes_what_it_promises(made: Path) -> None:
    listed = make(made, "list").split()
    folder = made / "results" / "tiny" / "audiomnist"
    for name in listed:
        kind = "tables" if name.endswith(".csv") else "figures"
        assert (folder / kind / Path(name).name).stat().st_size > 0
    for name in PROMISED:
        assert (folder / name).stat().st_size > 0
    assert len(list((folder / "audio").glob("*.wav"))) >= 3


def test_a_second_run_makes_nothing_and_shows_the_verdicts(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (made / "results").rglob("*")}
    said = make(made, "reproduce-all")
    assert "because of" not in said
    assert "not comparable" in said
    assert "results/tiny/audiomnist" in said
    assert before == {path: path.stat().st_mtime_ns for path in (made / "results").rglob("*")}


def test_touching_a_config_without_changing_it_makes_nothing(made: Path) -> None:
    (made / "conf/paper/audiomnist/tiny.yaml").touch()
    assert "because of" not in make(made, "audiomnist")


def test_another_paper_is_a_folder_and_stays_as_it_is(made: Path) -> None:
    """A changed config redoes its own paper, says why, and leaves the other one alone."""
    add_second_paper(made)
    make(made, "second")
    second = results(made, "second")
    assert second.keys() == {"tables/count.csv", "figures/none.txt", "verdicts.csv", "claims.csv"}
    config = made / "conf/paper/audiomnist/tiny.yaml"
    config.write_text(config.read_text().replace("clips: 3", "clips: 2"))
    said = make(made, "reproduce-all")
    reasons = [line for line in said.splitlines() if "because of" in line]
    assert reasons[0] == (
        "runs/tiny/audiomnist/corpora.json: because of runs/tiny/audiomnist/config.yaml"
    )
    assert not any("second" in line for line in reasons)
    assert said.count("done before") == 6
    assert results(made, "second") == second


def add_second_paper(folder: Path) -> None:
    """The smallest paper: a folder under experiments/ and a file under conf/."""
    claims = "claim,data,statistic,ci_low,ci_high,verdict\n"
    files = dict(SECOND)
    for stage, (names, text) in STAGES.items():
        files[f"experiments/second/{stage}.py"] = STAGE.format(names=names, text=text)
    files["experiments/second/claims.py"] = STAGE.format(
        names=["verdicts.csv"], text=HEADERS["verdicts.csv"]
    ).replace(
        "config.run_stage",
        f"    write_text(config.paper_folder(cfg, 'results') / 'claims.csv', {claims!r})\n"
        "config.run_stage",
    )
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_one_figure_can_be_made_on_its_own(made: Path) -> None:
    figure = made / "results/tiny/audiomnist/figures/accuracy.png"
    before = figure.read_bytes()
    figure.unlink()
    make(made, "audiomnist/accuracy.png")
    assert figure.read_bytes() == before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_stopped_in_training_it_goes_on_to_the_same_bytes(
    made: Path, tmp_path: Path, how: signal.Signals
) -> None:
    folder = copy_to(tmp_path / "killed")
    tiny = folder / "conf/paper/audiomnist/tiny.yaml"
    tiny.write_text((made / "conf/paper/audiomnist/tiny.yaml").read_text())
    stop_once_a_job_is_done(folder, how)
    assert not (folder / "results").exists()
    said = make(folder, "audiomnist")
    assert "done before" in said
    make(made, "audiomnist")
    assert results(folder) == results(made)


def stop_once_a_job_is_done(folder: Path, how: signal.Signals) -> None:
    """Start make and signal it and all its children after the first finished training."""
    process = subprocess.Popen(
        ["make", "audiomnist", *ARGUMENTS],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # A test run in the background inherits deafness to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not list(folder.glob("runs/tiny/audiomnist/jobs/*/*/*/done.json")):
        assert time.monotonic() < deadline, "no training finished"
        assert process.poll() is None, "make ended before it could be killed"
        time.sleep(0.05)
    os.killpg(process.pid, how)
    process.wait()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audiomnist", "ARGS=sed=1"], "sed"),
        (["audiomnist", "ARGS=seed=one"], "seed='one' must be of type int"),
        (["audiomnist", "PROFILE=opne"], "opne"),
        (["audiomnist", "PROFILE=open", "DATA_DIR=nowhere"], "nowhere/fsdd/records.csv"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, arguments: list[str], told: str) -> None:
    folder = copy_to(tmp_path / "mistake")
    command = ["make", "--assume-old=.venv/installed", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    errors = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert done.returncode != 0
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith("error: ")
    assert told in errors[0]
