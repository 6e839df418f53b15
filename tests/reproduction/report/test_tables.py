from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import tables
from reproduction.report.tables import Cell


def test_intervals_are_in_the_cells_of_their_estimates(tmp_path: Path) -> None:
    """They are matched by column names; cells without interval are as in the file."""
    path = tmp_path / "how_well.csv"
    path.write_text(
        "model,mean,sd,ci_low,ci_high,f,f_low,f_high,f_n\na,0.5,2,0.4,0.6,1,0,2,9\nb,0.7,1,,,,,,\n"
    )
    read = tables.read_table(path)
    assert read.title == "how well"
    assert read.headers == ["model", "mean", "sd", "f"]
    assert read.rows == [
        [
            Cell("a", "a", False),
            Cell("0.5 [0.4, 0.6]", "0.5", True),
            Cell("2", "2", True),
            Cell("1 [0, 2] n = 9", "1", True),
        ],
        [Cell("b", "b", False), Cell("0.7", "0.7", True), Cell("1", "1", True), Cell("", "", True)],
    ]


@pytest.mark.parametrize("header", ["a_low,a_high", "a,a_low", "ci_low,ci_high"])
def test_other_columns_stay(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n1,2\n")
    assert len(tables.read_table(tmp_path / "a.csv").headers) == 2


def test_a_table_without_rows_has_its_headers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one,two\n")
    read = tables.read_table(tmp_path / "a.csv")
    assert (read.headers, read.rows) == (["one", "two"], [])


@pytest.mark.parametrize("content", ["", "a,b\n1\n", None])
def test_a_damaged_table_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_text(content)
    with pytest.raises(InputError, match=r"a\.csv: missing or damaged"):
        tables.read_table(tmp_path / "a.csv")
