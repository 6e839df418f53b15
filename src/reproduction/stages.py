"""The stages of a paper and what each depends on: its part of the configuration, code, packages.

`python -m reproduction.stages [overrides]` writes `config.yaml` and one file a stage under
`runs/<profile>/<paper>/depends/`. A file is only written when its content changes, so make takes it
for the prerequisite of the stage: an edit makes exactly those stages stale that depend on it. What
has changed goes into `<stage>.why`, beside it.

A top-level section of the configuration that has the name of a stage (`explain`, a check, `tables`,
`figures`, `claims`) is given to this stage and the stages after it, and is hidden from the others.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from earwitness import fingerprint
from earwitness.files import files_hash, write_if_changed, write_text
from reproduction import config, provenance
from reproduction.sweep import train_module

BEFORE_CHECKS = ("inventory", "train", "explain")
AFTER_CHECKS = ("tables", "figures", "claims")
"""Stages of a paper in their order; checks, which are independent of each other, run in between."""
OF_COMPARISON = ("measure", "tables", "figures")
"""Stages of a comparison of explainers on the networks of papers, which it does not train."""
COMPARISON = "comparison"
"""What the comparison needs of a paper: a package and a section that none of its stages uses."""
CIRCUMSTANCES = ("job", "processes", "results_dir")
"""Keys that no result depends on."""
DEPENDS = "depends"
"""Folder of the files that say what stages depend on."""
SHOWN_REASONS = 3
TEMPLATES = Path(__file__).with_name("report") / "templates"


def checks(paper: str) -> list[str]:
    """Names of the checks of a paper: the modules of `experiments/<paper>/checks`."""
    folder = Path("experiments", paper, "checks")
    return sorted(f"checks/{file.stem}" for file in folder.glob("[!_]*.py"))


def stages(paper: str) -> list[str]:
    """Names of all stages of a paper (or of the comparison of explainers), as they can run."""
    if _file(paper, OF_COMPARISON[0]).exists():
        return [*OF_COMPARISON]
    return [*BEFORE_CHECKS, *checks(paper), *AFTER_CHECKS]


def _file(paper: str, stage: str) -> Path:
    """The source of a stage of a paper: a module, or the `__main__` of a package."""
    place = Path("experiments", paper, stage)
    return place / "__main__.py" if place.is_dir() else place.with_suffix(".py")


def section(stage: str) -> str:
    """The section of the configuration that belongs to a stage: `checks/sanity` -> `sanity`."""
    return stage.rpartition("/")[2]


def hidden_sections(paper: str, stage: str) -> set[str]:
    """Sections of the configuration that belong to stages that do not run before `stage`."""
    order = stages(paper)
    if stage == COMPARISON:
        before = list(BEFORE_CHECKS)
    elif stage.startswith("checks/"):
        before = [*BEFORE_CHECKS, stage]
    else:
        before = order[: order.index(stage) + 1]
    every = {section(other) for other in order} | {COMPARISON}
    return every - {section(other) for other in (*before, stage)}


def part(cfg: DictConfig, stage: str) -> DictConfig:
    """The configuration as a stage sees it, read-only: without the sections of later stages."""
    hidden = hidden_sections(cfg.paper.name, stage)
    seen = OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key not in hidden])
    OmegaConf.set_struct(seen, True)
    OmegaConf.set_readonly(seen, True)
    return seen


def name_of(module: str) -> str | None:
    """The stage that `experiments.<paper>.<stage>` is, None for any other module."""
    package, paper, *inner = (*module.split("."), "", "")
    stage = "/".join(filter(None, inner))
    return stage if package == "experiments" and stage in stages(paper) else None


def modules(cfg: DictConfig, stage: str) -> list[str]:
    """Modules whose code a stage depends on, beside all that they import."""
    if stage == "inventory":
        nodes = [node for study in cfg.studies.values() for node in (study.corpus, study.split)]
        return ["reproduction.inventory", *provenance.targets(*nodes)]
    if stage == "train":
        return [*(train_module(cfg, study) for study in cfg.studies), *provenance.targets(cfg)]
    if stage == COMPARISON:
        package = f"experiments.{cfg.paper.name}.{COMPARISON}"
        return [f"{package}.{module}" for module in ("subjects", "classifiers")]
    own = ".".join(_file(cfg.paper.name, stage).with_suffix("").parts)
    return [own, *provenance.targets(cfg)]


def dependencies(cfg: DictConfig, stage: str) -> Iterator[tuple[str, str]]:
    """What a stage depends on, each with a hash: configuration, modules, data files, packages."""
    seen = part(cfg, stage)
    for key, value in seen.items():
        if key not in CIRCUMSTANCES:
            yield f"configuration {key!s}", provenance.config_hash(value)
    for module, source in provenance.sources(*modules(seen, stage)).items():
        yield f"code {module}", fingerprint.file_hash(source)
    if stage in AFTER_CHECKS:
        for file in sorted(Path("experiments", cfg.paper.name).glob("*.[yc]*")):
            yield f"file {file.name}", files_hash([file], file.parent)
    for package, version in provenance.package_versions().items():
        yield f"package {package}", version


def page_dependencies() -> Iterator[tuple[str, str]]:
    """What the page of a profile depends on, beside results and READMEs: code and templates."""
    for module, source in provenance.sources("reproduction.report.html").items():
        yield f"code {module}", fingerprint.file_hash(source)
    for file in sorted(TEMPLATES.iterdir()):
        yield f"template {file.name}", files_hash([file], TEMPLATES)


def write(path: Path, lines: dict[str, str]) -> None:
    """Write dependencies if they have changed, and beside them what has."""
    text = "".join(f"{name} {value}\n" for name, value in lines.items())
    before = read(path)
    if write_if_changed(path, text):
        write_text(path.with_suffix(".why"), f"{reasons(before, lines)}\n")


def reasons(before: dict[str, str], now: dict[str, str]) -> str:
    """What differs between two states of the dependencies of a stage, in one line."""
    if not before:
        return "nothing was made yet"
    names = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    further = len(names) - SHOWN_REASONS
    shown = ", ".join(names[:SHOWN_REASONS])
    return f"{shown} and {further} more" if further > 0 else shown


def read(path: Path) -> dict[str, str]:
    """Dependencies as `write` wrote them; none if there is no such file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return dict(line.rsplit(" ", 1) for line in lines)


def main() -> None:
    """Write what all stages of the paper that the command line composes depend on.

    `--page FILE` writes what the page depends on instead.
    """
    if sys.argv[1:2] == ["--page"]:
        write(Path(sys.argv[2]), dict(page_dependencies()))
        return
    cfg = config.compose(sys.argv[1:])
    folder = config.paper_folder(cfg, "runs")
    compared = [COMPARISON] if Path("experiments", cfg.paper.name, COMPARISON).is_dir() else []
    for stage in (*stages(cfg.paper.name), *compared):
        write(folder / DEPENDS / f"{stage}.txt", dict(dependencies(cfg, stage)))
    write_if_changed(folder / "config.yaml", OmegaConf.to_yaml(cfg))


if __name__ == "__main__":
    config.guarded(main)
