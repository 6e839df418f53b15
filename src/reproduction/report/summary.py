"""What a make run ends with: verdicts, claims and the place of the figures, on the terminal.

`python -m reproduction.report.summary PROFILE PAPER...`
"""

import sys

import pandas as pd

from reproduction.report import RESULTS


def main(profile: str, papers: list[str]) -> None:
    """Print the tables of each paper."""
    for paper in papers:
        folder = RESULTS / profile / paper
        print(f"\n{paper} ({profile})")
        print("\nVerdicts on published numbers\n")
        print(verdicts(pd.read_csv(folder / "verdicts.csv")))
        print("\nClaims (each holds where its statistic is above zero)\n")
        print(claims(pd.read_csv(folder / "claims.csv")))
        print(f"\nTables, figures and sounds: {folder}/")


def verdicts(table: pd.DataFrame) -> str:
    """Verdicts as text."""
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
    """Claims as text."""
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
    """`value [low, high]` of each row, with three digits."""
    columns = table[value], table.ci_low, table.ci_high
    return [f"{v:.3g} [{low:.3g}, {high:.3g}]" for v, low, high in zip(*columns)]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
