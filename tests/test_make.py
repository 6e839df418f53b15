"""The make graph on throw-away copies: staleness, reasons, interruption, several papers."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.checkout import INSTALLED, TINY, Checkout, copy

SECOND_FROM_CHECK = (
    "runs/tiny/second/counts.csv",
    "results/tiny/second/tables/counts.csv",
    "results/tiny/second/figures/counts.txt",
    "results/tiny/second/verdicts.csv",
)
PROMISED = ("verdicts.csv", "claims.csv", "provenance.json")
COUNTS = {
    *("tables/counts.csv", "tables/sums.csv", "figures/counts.txt", "figures/sums.txt"),
    *("verdicts.csv", "claims.csv"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy with two small papers, made once."""
    checkout = Checkout.small(tmp_path_factory.mktemp("small"), "first", "second")
    checkout.make("reproduce-all")
    return checkout


def times(folder: Path) -> dict[Path, int]:
    """When each file was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def reasons(said: str) -> dict[str, str]:
    """What was made and because of what, in that order."""
    lines = (line.split(": because of ") for line in said.splitlines() if "because of" in line)
    return dict(line for line in lines)


def test_reproduce_all_makes_what_it_promises(made: Checkout) -> None:
    results = made.folder / "results/tiny"
    for listed in made.make("list").split():
        paper, name = listed.split("/")
        kind = "tables" if name.endswith(".csv") else "figures"
        assert (results / paper / kind / name).stat().st_size > 0
    for paper in ("audiolime", "audiomnist", "heart", "midlevel"):
        for name in PROMISED:
            assert (results / paper / name).stat().st_size > 0
        assert len(list((results / paper / "audio").glob("*.wav"))) >= 3
        assert f'<section id="{paper}"' in (results / "index.html").read_text()


def test_a_second_run_makes_nothing_and_shows_the_verdicts(made: Checkout) -> None:
    before = times(made.folder / "results")
    said = made.make("reproduce-all")
    assert not reasons(said)
    assert "not comparable" in said
    assert "results/tiny/audiomnist" in said
    assert times(made.folder / "results") == before


def test_baselines_are_compared_once(made: Checkout) -> None:
    """On the networks that the papers have trained; it is no paper, but listed like one."""
    results = made.folder / "results/tiny/baselines"
    for name in ("methods", "ranks", "classifiers"):
        assert (results / "tables" / f"{name}.csv").stat().st_size > 0
        assert (results / "figures" / f"{name}.png").stat().st_size > 0
    before = times(results)
    assert not reasons(made.make("compare-baselines"))
    assert times(results) == before
    assert "baselines/methods.csv" in made.make("list").split()


def test_another_training_is_compared_again(made: Checkout) -> None:
    """Networks that it left as they were are not measured again."""
    target, cause = "runs/tiny/baselines/measured.txt", "runs/tiny/heart/jobs.txt"
    before = (made.folder / target).stat()
    said = made.make(f"--what-if={cause}", target)
    os.utime(made.folder / target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reasons(said) == {target: cause}
    assert said.count("done before") == 5


def test_touching_a_config_without_changing_it_makes_nothing(small: Checkout) -> None:
    small.config("first").touch()
    assert not reasons(small.make("first"))


def test_one_figure_can_be_made_on_its_own(small: Checkout) -> None:
    before = small.results("first")
    (small.folder / "results/tiny/first/figures/counts.txt").unlink()
    said = small.make("first/counts.txt")
    assert list(reasons(said)) == ["results/tiny/first/figures/counts.txt"]
    assert small.results("first") == before


def test_a_changed_config_redoes_its_own_paper_and_says_why(small: Checkout) -> None:
    """The other paper is left as it is."""
    first, second = small.results("first"), times(small.folder / "results/tiny/second")
    assert first.keys() == COUNTS
    config = small.config("first")
    config.write_text(config.read_text().replace("counter: 20", "counter: 19"))
    said = small.make("reproduce-all")
    assert next(iter(reasons(said).items())) == (
        "runs/tiny/first/corpora.json",
        "configuration studies",
    )
    *of_paper, last = reasons(said)
    assert all("/first/" in name for name in of_paper)
    assert last == "results/tiny/index.html"
    assert small.results("first") != first
    assert times(small.folder / "results/tiny/second") == second


def test_a_changed_check_redoes_what_comes_after_it(small: Checkout) -> None:
    check = small.folder / "experiments/second/checks/counts.py"
    check.write_text(check.read_text().replace("clip,last", "clip,number"))
    assert reasons(small.make("second")) == {
        "runs/tiny/second/counts.csv": "code experiments.second.checks.counts",
        "results/tiny/second/tables/counts.csv": "runs/tiny/second/counts.csv",
        "results/tiny/second/figures/counts.txt": "results/tiny/second/tables/counts.csv, "
        "results/tiny/second/tables/sums.csv",
        "results/tiny/second/verdicts.csv": "results/tiny/second/tables/counts.csv, "
        "results/tiny/second/tables/sums.csv",
    }


def test_a_changed_setting_of_a_check_redoes_what_comes_after_it(small: Checkout) -> None:
    config = small.config("second")
    config.write_text(config.read_text().replace("clips: 3", "clips: 2"))
    said = small.make("second")
    assert list(reasons(said)) == [*SECOND_FROM_CHECK]
    assert reasons(said)["runs/tiny/second/counts.csv"] == "configuration counts"


def test_a_comment_redoes_nothing(small: Checkout) -> None:
    check = small.folder / "experiments/second/checks/counts.py"
    check.write_text(f"# Nothing new.\n{check.read_text()}")
    assert not reasons(small.make("second"))


FAILURES = {
    "tables": ("second", "experiments/second/tables.py"),
    "figures": ("second", "experiments/second/figures/__main__.py"),
    "verdicts": ("second", "experiments/second/claims.py"),
    "page": ("reproduce-all", "src/reproduction/report/html.py"),
}
"""What fails -> the target that needs it, and its module."""


@pytest.mark.parametrize("failing", FAILURES)
def test_a_stage_that_fails_leaves_all_earlier_results(
    small: Checkout, tmp_path: Path, failing: str
) -> None:
    """Also when it is one of several files that the stage makes at once."""
    small.make("reproduce-all")
    copied = tmp_path / failing
    copy(small.folder, copied)
    broken, (target, module) = Checkout(copied), FAILURES[failing]
    before = times(copied / "results")
    source = copied / module
    last = "    raise OSError('No space left on device')\n"
    source.write_text(re.sub(r"^def main.*\n", rf"\g<0>{last}", source.read_text(), flags=re.M))
    done = broken.end(target, *TINY)
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert times(copied / "results") == before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_stopped_in_training_it_goes_on_to_the_same_bytes(
    small: Checkout, tmp_path: Path, how: signal.Signals
) -> None:
    small.make("first")
    stopped = untrained(small, tmp_path / "stopped")
    stop_once_a_job_is_done(stopped, how)
    assert not (stopped.folder / "results").exists()
    assert stopped.make("first").count("done before") == 1
    assert stopped.results("first") == small.results("first")


def untrained(checkout: Checkout, folder: Path) -> Checkout:
    """A copy that has only the corpora."""
    copy(checkout.folder, folder)
    run = folder / "runs/tiny/first"
    for made in (folder / "results", run / "jobs"):
        shutil.rmtree(made)
    for made in ("trained.txt", "jobs.txt", "explained.txt", "counts.csv"):
        (run / made).unlink()
    return Checkout(folder)


def stop_once_a_job_is_done(checkout: Checkout, how: signal.Signals) -> None:
    """Start make and signal it and all its children after the first finished training."""
    process = checkout.start("first", *TINY)
    deadline = time.monotonic() + 120
    while not list(checkout.folder.glob("runs/tiny/first/jobs/*/*/*/done.json")):
        assert time.monotonic() < deadline, "no training finished"
        assert process.poll() is None, "make ended before it could be stopped"
        time.sleep(0.05)
    os.killpg(process.pid, how)
    process.communicate()


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
    done = Checkout.whole(tmp_path / "mistake").end(INSTALLED, *arguments)
    errors = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert done.returncode != 0
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith("error: ")
    assert told in errors[0]
