"""The table in the README: what held and what did not, counted, by paper and profile.

`python -m reproduction.report.overview README PAPER...` writes it between two marks.
"""

import re
import sys
from pathlib import Path

import pandas as pd

from earwitness.errors import InputError
from earwitness.files import write_text
from reproduction.config import guarded
from reproduction.report import RESULTS, judgements
from reproduction.report.judgements import MARKS, Judgement

PROFILES = ("demo", "open")
"""Profiles whose results are in the repository."""
PLACE = re.compile(r"(<!-- verdicts -->\n).*?(<!-- /verdicts -->)", re.DOTALL)


def main(readme: Path, papers: list[str]) -> None:
    """Write the table into a README.

    Raises:
        InputError: it has no place for it.
    """
    write_text(readme, updated(readme, papers))


def updated(readme: Path, papers: list[str]) -> str:
    """The text of a README with the table as it is now.

    Raises:
        InputError: as `main`.
    """
    text = readme.read_text(encoding="utf-8")
    if not PLACE.search(text):
        raise InputError(f"{readme}: no place for the table; add `<!-- verdicts -->` and its end")
    return PLACE.sub(lambda found: f"{found[1]}{table(papers)}\n{found[2]}", text)


def table(papers: list[str]) -> str:
    """One row a paper and profile, as Markdown."""
    rows = [_row(paper, profile) for paper in papers for profile in PROFILES]
    return pd.DataFrame(row for row in rows if row).to_markdown(index=False)


def _row(paper: str, profile: str) -> dict[str, str]:
    """What is said of the results of a paper in a profile; empty where there are none."""
    folder = RESULTS / profile / paper
    if not (folder / "provenance.json").is_file():
        return {}
    claims = judgements.claims(paper, folder / "claims.csv")
    return {
        "paper": f"[{paper}](experiments/{paper}/README.md)",
        "profile": f"[{profile}]({folder.as_posix()})",
        "what the paper says": _counted([claim for claim in claims if not claim.is_ours]),
        "what we asked besides": _counted([claim for claim in claims if claim.is_ours]),
        "published numbers": _counted(judgements.verdicts(paper, folder / "verdicts.csv")),
    }


def _counted(found: list[Judgement]) -> str:
    """How often each verdict was given."""
    return ", ".join(
        f"{MARKS[verdict].symbol} {count} {verdict if count == 1 else MARKS[verdict].several}"
        for verdict, count in judgements.counted(found)
    )


if __name__ == "__main__":
    guarded(lambda: main(Path(sys.argv[1]), sys.argv[2:]))
