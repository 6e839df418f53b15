"""Summary of results on the terminal, printed at the end of make: verdicts and claims.

`python -m reproduction.report.summary PROFILE PAPER...`
"""

import sys

import pandas as pd

from reproduction.config import guarded
from reproduction.csv_files import read_csv
from reproduction.paths import RESULTS


def main(profile: str, papers: list[str]) -> None:
    """Print verdicts and claims of each paper and where its other results are.

    Raises:
        InputError: a paper has no verdicts or claims.
    """
    for paper in papers:
        folder = RESULTS / profile / paper
        print(f"\n{paper} ({profile})")
        print("\nVerdicts on published numbers\n")
        print(verdicts(read_csv(folder / "verdicts.csv")))
        print("\nClaims (each is a statistic that should exceed zero)\n")
        print(claims(read_csv(folder / "claims.csv")))
        print(f"\nTables, figures and sounds: {folder}/")


def verdicts(table: pd.DataFrame) -> str:
    """Return verdicts as a Markdown table."""
    shown = pd.DataFrame(
        {
            "what": table.what,
            "data": table.data,
            "published": table.published.map("{:.3f}".format),
            "ours": _with_interval(table, "reproduced"),
            "verdict": table.verdict,
        }
    )
    return shown.to_markdown(index=False)


def claims(table: pd.DataFrame) -> str:
    """Return claims as a Markdown table."""
    shown = pd.DataFrame(
        {
            "claim": table.claim,
            "data": table.data,
            "statistic": _with_interval(table, "statistic"),
            "verdict": table.verdict,
        }
    )
    return shown.to_markdown(index=False)


def _with_interval(table: pd.DataFrame, value: str) -> list[str]:
    """Return `value [low, high]` of each row, with three significant digits."""
    columns = table[value], table.ci_low, table.ci_high
    return [f"{v:.3g} [{low:.3g}, {high:.3g}]" for v, low, high in zip(*columns)]


if __name__ == "__main__":
    guarded(lambda: main(sys.argv[1], sys.argv[2:]))
