"""All that the report shows of one paper, read from its README and its results."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from earwitness.present import embedded
from reproduction.paths import EXPERIMENTS
from reproduction.report import judgements, makefile, players, readme, tables
from reproduction.report.judgements import Judgement
from reproduction.report.players import Player, SoundIds
from reproduction.report.readme import Readme
from reproduction.report.tables import Table
from reproduction.results import provenance_file
from reproduction.results.provenance_file import Provenance

COMPARISON = "baselines"
"""Folder of the comparison of explainers, which is made like a paper but is none."""


class Figure(NamedTuple):
    """A figure inside the page; `table_file` is the table with its numbers, if there is one."""

    file: str
    title: str
    uri: str
    width: int
    height: int
    table_file: str | None


class FileCommand(NamedTuple):
    """A file and the command that makes it again."""

    file: str
    command: str


@dataclass(frozen=True)
class Results:
    """Results of a paper in one profile, and their provenance."""

    tables: list[Table]
    figures: list[Figure]
    provenance: Provenance
    commands: list[FileCommand]
    claims: list[Judgement] = field(default_factory=list)
    verdicts: list[Judgement] = field(default_factory=list)
    players: dict[str, list[Player]] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """A paper; `results` is None if the profile has no results of it."""

    name: str
    readme: Readme
    results: Results | None


def read(name: str, profile: Path, sounds: SoundIds) -> Paper:
    """Return a paper and its results in a profile's folder.

    Raises:
        InputError: the README is missing, or a file of the results is damaged.
    """
    about = readme.read(EXPERIMENTS / name / "README.md", profile / "index.html")
    folder = profile / name
    if not provenance_file.exists(folder):
        return Paper(name, about, None)
    results = _read_results(name, "targets.mk", folder)
    provenance, judged = results.provenance, ("claims.csv", "verdicts.csv")
    complete = replace(
        results,
        claims=judgements.read_claims(name, folder / "claims.csv"),
        verdicts=judgements.read_verdicts(name, folder / "verdicts.csv"),
        players=players.read(name, folder / "audio", sounds),
        commands=[
            *(FileCommand(file, provenance.command_for(folder / file)) for file in judged),
            *results.commands,
            FileCommand("audio", provenance.record["command"]),
        ],
    )
    return Paper(name, about, complete)


def read_comparison(profile: Path) -> Paper | None:
    """Return the comparison of explainers, figures and tables alone; None if it was not made.

    Raises:
        InputError: as `read`.
    """
    folder = profile / COMPARISON
    if not provenance_file.exists(folder):
        return None
    about = readme.read(EXPERIMENTS / COMPARISON / "README.md", profile / "index.html")
    return Paper(COMPARISON, about, _read_results(COMPARISON, "compared.mk", folder))


def _read_results(name: str, make_file: str, folder: Path) -> Results:
    """Return figures and tables, in the order in which a make file of the paper lists them."""
    provenance = provenance_file.read(folder)
    table_files, figure_files = (
        [
            folder / kind.lower() / file
            for file in makefile.variable(EXPERIMENTS / name / make_file, f"{name}_{kind}")
            if (folder / kind.lower() / file).is_file()
        ]
        for kind in ("TABLES", "FIGURES")
    )
    pictures = [file for file in figure_files if file.suffix == ".png"]
    table_names = {file.stem: file.name for file in table_files}
    return Results(
        tables=[tables.read_table(file) for file in table_files],
        figures=[_read_figure(file, table_names.get(file.stem)) for file in pictures],
        provenance=provenance,
        commands=[
            FileCommand(file.name, provenance.command_for(file))
            for file in (*pictures, *table_files)
        ],
    )


def _read_figure(file: Path, table_file: str | None) -> Figure:
    """Return a figure, embedded as a data URI."""
    uri, width, height = embedded.figure_uri(file)
    return Figure(file.name, tables.title_of(file.stem), uri, width, height, table_file)
