from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import shown
from reproduction.report.shown import Cell


def test_intervals_stand_in_the_cells_of_their_numbers(tmp_path: Path) -> None:
    """By the names of columns; without one where there is none."""
    path = tmp_path / "how_well.csv"
    path.write_text(
        "model,mean,sd,ci_low,ci_high,f,f_low,f_high,f_n\na,0.5,2,0.4,0.6,1,0,2,9\nb,0.7,1,,,,,,\n"
    )
    found = shown.table(path)
    assert found.title == "how well"
    assert found.heads == ["model", "mean", "sd", "f"]
    assert found.rows == [
        [
            Cell("a", "a", False),
            Cell("0.5 [0.4, 0.6]", "0.5", True),
            Cell("2", "2", True),
            Cell("1 [0, 2] n = 9", "1", True),
        ],
        [Cell("b", "b", False), Cell("0.7", "0.7", True), Cell("1", "1", True), Cell("", "", True)],
    ]


@pytest.mark.parametrize("head", ["a_low,a_high", "a,a_low", "ci_low,ci_high"])
def test_columns_that_are_no_interval_stay(tmp_path: Path, head: str) -> None:
    (tmp_path / "a.csv").write_text(f"{head}\n1,2\n")
    assert len(shown.table(tmp_path / "a.csv").heads) == 2


def test_a_table_without_rows_has_its_heads(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one,two\n")
    found = shown.table(tmp_path / "a.csv")
    assert (found.heads, found.rows) == (["one", "two"], [])


@pytest.mark.parametrize("content", ["", "a,b\n1\n", None])
def test_what_is_no_table_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_text(content)
    with pytest.raises(InputError, match=r"a\.csv: no table"):
        shown.table(tmp_path / "a.csv")
