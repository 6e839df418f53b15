"""What each stage depends on: its part of the configuration, its code, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from earwitness.errors import InputError
from reproduction import config, stages
from tests.checkout import ROOT, Checkout

PAPERS = ("audiolime", "audiomnist", "heart", "midlevel", "baselines")
WRITE = f"""
import sys
from reproduction import stages
for paper in {PAPERS}:
    sys.argv = ["stages", f"paper={{paper}}", "profile=tiny"]
    stages.main()
sys.argv = ["stages", "--page", "runs/tiny/depends/page.txt"]
stages.main()
"""
AFTER = ("tables", "figures", "claims")
Dependencies = dict[str, dict[str, str]]
StaleAfter = Callable[[str, Callable[[str], str]], dict[str, str]]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository."""
    return Checkout.whole(tmp_path_factory.mktemp("copied") / "copy")


@pytest.fixture(scope="module")
def unedited(copied: Checkout) -> Dependencies:
    """What stages depend on before any edit."""
    return written(copied)


def written(checkout: Checkout) -> Dependencies:
    """Write what all stages depend on, as make does, and read it, by `heart/tables`, `page`..."""
    command = [str(ROOT / ".venv/bin/python"), "-c", WRITE]
    environment = checkout.environment()
    subprocess.run(command, cwd=checkout.folder, env=environment, check=True)
    run = checkout.folder / "runs/tiny"
    names = {file: file.relative_to(run).with_suffix("") for file in run.rglob("depends/**/*.txt")}
    return {
        name.as_posix().replace("depends/", ""): stages.read(file) for file, name in names.items()
    }


@pytest.fixture
def stale_after(copied: Checkout, unedited: Dependencies) -> Iterator[StaleAfter]:
    """Stages that an edit of a file makes stale, each with its reason; the edit is undone."""
    texts: dict[Path, str] = {}

    def stale(file: str, edit: Callable[[str], str]) -> dict[str, str]:
        source = copied.folder / file
        texts[source] = source.read_text()
        source.write_text(edit(texts[source]))
        assert source.read_text() != texts[source]
        reasons = {
            name: stages.reasons(unedited[name], now) for name, now in written(copied).items()
        }
        return {name: reason for name, reason in reasons.items() if reason}

    yield stale
    for source, text in texts.items():
        source.write_text(text)


def with_statement(code: str) -> str:
    """Code with one more statement."""
    return f"{code}\nUNUSED = 1\n"


def test_an_edit_of_the_template_redoes_the_page(stale_after: StaleAfter) -> None:
    stale = stale_after("src/reproduction/report/templates/page.html", "<!-- -->\n{}".format)
    assert stale == {"page": "template page.html"}


def test_an_edit_of_a_plot_redoes_figures(stale_after: StaleAfter) -> None:
    stale = stale_after("src/earwitness/present/plots.py", with_statement)
    assert stale == {f"{paper}/figures": "code earwitness.present.plots" for paper in PAPERS}


def test_an_edit_of_an_explainer_redoes_what_uses_it(stale_after: StaleAfter) -> None:
    stale = stale_after("src/earwitness/explain/deep_lift.py", with_statement)
    assert set(stale) == {
        "audiomnist/explain",
        *(f"audiomnist/{check}" for check in stages.checks("audiomnist")),
        *(f"audiomnist/{stage}" for stage in AFTER),
        *(f"baselines/{stage}" for stage in ("measure", "tables", "figures")),
    }
    assert set(stale.values()) == {"code earwitness.explain.deep_lift"}


def test_an_edit_of_a_corpus_redoes_the_papers_that_use_it(stale_after: StaleAfter) -> None:
    corpus = "src/earwitness/corpora/synthetic_hearts.py"
    stale = stale_after(corpus, with_statement)
    of_paper = {f"heart/{stage}" for stage in (*stages.stages("heart"), stages.COMPARISON)}
    assert set(stale) == of_paper
    assert set(stale.values()) == {"code earwitness.corpora.synthetic_hearts"}


def test_a_setting_of_a_check_redoes_the_check(stale_after: StaleAfter) -> None:
    def more_clips(text: str) -> str:
        return text.replace("fidelity: {clips: 1}", "fidelity: {clips: 2}")

    setting = "conf/paper/audiomnist/tiny.yaml"
    stale = stale_after(setting, more_clips)
    redone = ("checks/fidelity", *AFTER)
    assert stale == {f"audiomnist/{stage}": "configuration fidelity" for stage in redone}


def test_comments_and_docstrings_redo_nothing(stale_after: StaleAfter) -> None:
    plots = "src/earwitness/present/plots.py"
    assert not stale_after(plots, "# A comment.\n{}".format)


def test_how_a_run_is_started_redoes_nothing() -> None:
    alone, parallel = (
        config.compose(["paper=heart", "profile=tiny", f"processes={n}", f"results_dir=r{n}"])
        for n in (1, 2)
    )
    for stage in stages.stages("heart"):
        assert dict(stages.dependencies(alone, stage)) == dict(stages.dependencies(parallel, stage))


def test_sections_of_other_checks_are_hidden_from_a_check() -> None:
    cfg = config.compose(["paper=audiomnist", "profile=tiny"])
    check = stages.part(cfg, "checks/fidelity")
    assert check.fidelity.clips == 1
    assert check.explain.clips == cfg.explain.clips
    with pytest.raises(Exception, match="sanity"):
        _ = check.sanity
    assert set(stages.part(cfg, "claims")) == set(cfg) - {stages.COMPARISON}
    assert not {"explain", "fidelity"} & set(stages.part(cfg, "train"))


@pytest.mark.parametrize(
    ("module", "stage"),
    [
        ("experiments.heart.tables", "tables"),
        ("experiments.heart.checks.murmur", "checks/murmur"),
        ("experiments.baselines.measure", "measure"),
        ("experiments.heart.combined", None),
        ("reproduction.inventory", None),
        ("experiments", None),
    ],
)
def test_stages_are_known_by_their_modules(module: str, stage: str | None) -> None:
    assert stages.name_of(module) == stage


def test_reasons_name_what_differs_and_count_the_rest() -> None:
    before = {"code a": "1", "code b": "1", "code c": "1", "code d": "1", "package e": "1"}
    assert stages.reasons({}, before) == "nothing was made yet"
    assert stages.reasons(before, before | {"code b": "2"}) == "code b"
    assert stages.reasons(before, {"code f": "1"}) == "code f, code a, code b and 3 more"


def test_a_module_that_does_not_exist_is_named() -> None:
    overrides = ["paper=heart", "profile=tiny", "paper.train_module=experiments.heart.nothing"]
    cfg = config.compose(overrides)
    with pytest.raises(InputError, match=r"experiments\.heart\.nothing: no such module"):
        dict(stages.dependencies(cfg, "train"))


def test_the_configuration_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An equal one keeps its time, by which make decides."""
    path = tmp_path / "tiny/heart/config.yaml"

    def written(*overrides: str) -> int:
        folder = f"runs_dir={tmp_path}"
        monkeypatch.setattr(
            sys, "argv", ["stages", "paper=heart", "profile=tiny", folder, *overrides]
        )
        stages.main()
        return path.stat().st_mtime_ns

    written()
    os.utime(path, ns=(1, 1))
    assert written() == 1
    assert written("seed=1") > 1
    assert OmegaConf.load(path).seed == 1
