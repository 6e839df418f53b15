"""The table in the README: verdicts counted by paper and profile.

`python -m reproduction.report.overview README PAPER...` writes it between two comments.
"""

import re
import sys
from pathlib import Path

import pandas as pd

from earwitness.errors import InputError
from earwitness.files import write_text
from reproduction.config import guarded
from reproduction.paths import RESULTS
from reproduction.report import judgements
from reproduction.report.judgements import STYLES, Judgement
from reproduction.results import provenance_file

PROFILES = ("demo", "open")
"""Profiles whose results are in the repository."""
TABLE_PLACE = re.compile(r"(<!-- verdicts -->\n).*?(<!-- /verdicts -->)", re.DOTALL)


def main(readme: Path, papers: list[str]) -> None:
    """Write the current table into a README.

    Raises:
        InputError: the README lacks the comments between which the table stands.
    """
    write_text(readme, updated(readme, papers))


def updated(readme: Path, papers: list[str]) -> str:
    """Return the text of a README with the current table.

    Raises:
        InputError: as `main`.
    """
    text = readme.read_text(encoding="utf-8")
    if not TABLE_PLACE.search(text):
        raise InputError(
            f"{readme}: no place for the table; add `<!-- verdicts -->` and `<!-- /verdicts -->`"
        )
    return TABLE_PLACE.sub(lambda match: f"{match[1]}{table(papers)}\n{match[2]}", text)


def table(papers: list[str]) -> str:
    """Return the table as Markdown, one row per paper and profile that has results."""
    rows = [_row(paper, profile) for paper in papers for profile in PROFILES]
    return pd.DataFrame(row for row in rows if row).to_markdown(index=False)


def _row(paper: str, profile: str) -> dict[str, str]:
    """Return the row of a paper in a profile; empty if there are no results."""
    folder = RESULTS / profile / paper
    if not provenance_file.exists(folder):
        return {}
    claims = judgements.read_claims(paper, folder / "claims.csv")
    return {
        "paper": f"[{paper}](experiments/{paper}/README.md)",
        "profile": f"[{profile}]({folder.as_posix()})",
        "claims of the paper": _counts([claim for claim in claims if not claim.is_additional]),
        "our additional claims": _counts([claim for claim in claims if claim.is_additional]),
        "published numbers": _counts(judgements.read_verdicts(paper, folder / "verdicts.csv")),
    }


def _counts(rows: list[Judgement]) -> str:
    """Return how often each verdict occurs, as text."""
    return ", ".join(
        f"{STYLES[verdict].symbol} {count} {verdict if count == 1 else STYLES[verdict].plural}"
        for verdict, count in judgements.count_verdicts(rows)
    )


if __name__ == "__main__":
    guarded(lambda: main(Path(sys.argv[1]), sys.argv[2:]))
