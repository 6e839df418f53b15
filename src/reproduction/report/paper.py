"""Everything that the report says of one paper, gathered from its README and its results."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from earwitness.present import embedded
from reproduction.report import EXPERIMENTS, judgements, origin, players, readme, shown
from reproduction.report.judgements import Judgement
from reproduction.report.origin import Origin
from reproduction.report.players import Player, Sounds
from reproduction.report.readme import Readme
from reproduction.report.shown import Table

COMPARISON = "baselines"
"""What is made like a paper but is none."""


class Figure(NamedTuple):
    """A figure inside the page; `numbers` is the file of the table that it draws, if any."""

    file: str
    title: str
    uri: str
    width: int
    height: int
    numbers: str | None


class Made(NamedTuple):
    """A file and the command that makes it again."""

    file: str
    command: str


@dataclass(frozen=True)
class Results:
    """What was found, and where it comes from."""

    tables: list[Table]
    figures: list[Figure]
    origin: Origin
    made: list[Made]
    claims: list[Judgement] = field(default_factory=list)
    verdicts: list[Judgement] = field(default_factory=list)
    players: dict[str, list[Player]] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """A paper; `results` is None where a profile has none of it."""

    name: str
    readme: Readme
    results: Results | None


def read(name: str, profile: Path, sounds: Sounds) -> Paper:
    """Read a paper and its results in a profile's folder.

    Raises:
        InputError: the README is missing, or a file of the results is damaged.
    """
    about = readme.read(EXPERIMENTS / name / "README.md", profile / "index.html")
    folder = profile / name
    if not _is_made(folder):
        return Paper(name, about, None)
    found = _results(name, "targets.mk", folder)
    judged = replace(
        found,
        claims=judgements.claims(name, folder / "claims.csv"),
        verdicts=judgements.verdicts(name, folder / "verdicts.csv"),
        players=players.read(name, folder / "audio", sounds),
        made=[
            *(_made(folder / file, found.origin) for file in ("claims.csv", "verdicts.csv")),
            *found.made,
            Made("audio", found.origin.told["command"]),
        ],
    )
    return Paper(name, about, judged)


def compared(profile: Path) -> Paper | None:
    """The comparison of all ways to explain, where it was made: figures and tables alone.

    Raises:
        InputError: as `read`.
    """
    if not _is_made(profile / COMPARISON):
        return None
    about = readme.read(EXPERIMENTS / COMPARISON / "README.md", profile / "index.html")
    return Paper(COMPARISON, about, _results(COMPARISON, "compared.mk", profile / COMPARISON))


def _is_made(folder: Path) -> bool:
    return (folder / "provenance.json").is_file()


def _results(name: str, listed: str, folder: Path) -> Results:
    """Figures and tables, in the order in which the file `listed` for make names them."""
    where = origin.read(folder / "provenance.json")
    tables, figures = (
        [
            folder / kind.lower() / file
            for file in origin.targets(EXPERIMENTS / name / listed, f"{name}_{kind}")
            if (folder / kind.lower() / file).is_file()
        ]
        for kind in ("TABLES", "FIGURES")
    )
    pictures = [file for file in figures if file.suffix == ".png"]
    return Results(
        tables=[shown.table(file) for file in tables],
        figures=[_figure(file, {table.stem: table.name for table in tables}) for file in pictures],
        origin=where,
        made=[_made(file, where) for file in (*pictures, *tables)],
    )


def _made(file: Path, where: Origin) -> Made:
    return Made(file.name, where.command(file.name, str(file.parent)))


def _figure(file: Path, tables: dict[str, str]) -> Figure:
    """A figure and the table of the same name."""
    uri, width, height = embedded.figure_uri(file)
    return Figure(file.name, shown.words(file.stem), uri, width, height, tables.get(file.stem))
