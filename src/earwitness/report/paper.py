"""Everything that the report says of one paper, gathered from its README and its results."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from earwitness.report import EXPERIMENTS, embedded, judgements, origin, players, readme, shown
from earwitness.report.judgements import Judgement
from earwitness.report.origin import Origin
from earwitness.report.players import Player, Sounds
from earwitness.report.readme import Readme
from earwitness.report.shown import Table


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

    claims: list[Judgement]
    verdicts: list[Judgement]
    tables: list[Table]
    figures: list[Figure]
    players: dict[str, list[Player]]
    origin: Origin
    made: list[Made]


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
    is_made = (profile / name / "provenance.json").is_file()
    return Paper(name, about, _results(name, profile / name, sounds) if is_made else None)


def _results(name: str, folder: Path, sounds: Sounds) -> Results:
    """The results of a paper, in the order in which `targets.mk` names them."""
    where = origin.read(folder / "provenance.json")
    tables = _existing(name, "TABLES", folder / "tables")
    figures = [file for file in _existing(name, "FIGURES", folder / "figures") if _is_png(file)]
    files = [folder / "claims.csv", folder / "verdicts.csv", *figures, *tables]
    made = [Made(file.name, where.command(file.name, str(file.parent))) for file in files]
    return Results(
        claims=judgements.claims(name, folder / "claims.csv"),
        verdicts=judgements.verdicts(name, folder / "verdicts.csv"),
        tables=[shown.table(file) for file in tables],
        figures=[_figure(file, {table.stem: table.name for table in tables}) for file in figures],
        players=players.read(name, folder / "audio", sounds),
        origin=where,
        made=[*made, Made("audio", where.told["command"])],
    )


def _existing(name: str, kind: str, folder: Path) -> list[Path]:
    """The files of a kind that are there."""
    named = origin.targets(EXPERIMENTS / name / "targets.mk", kind)
    return [folder / file for file in named if (folder / file).is_file()]


def _is_png(file: Path) -> bool:
    return file.suffix == ".png"


def _figure(file: Path, tables: dict[str, str]) -> Figure:
    """A figure and the table of the same name."""
    uri, width, height = embedded.figure(file)
    return Figure(file.name, shown.words(file.stem), uri, width, height, tables.get(file.stem))
