from pathlib import Path

import pandas as pd

from earwitness.judge.bootstrap import Interval
from reproduction import config
from reproduction.results import outputs as results
from reproduction.results.claims import claim
from reproduction.results.verdicts import Verdict


def test_tables_are_files_of_their_paper(tmp_path: Path) -> None:
    """Under their names, with four decimals and without row numbers."""
    cfg = config.compose(["profile=tiny", f"results_dir={tmp_path}"])
    table = pd.DataFrame({"a": [1 / 3], "b": ["x"]})
    results.write(cfg, {"claims": table})
    results.write(cfg, {"one": table, "two": table[:0]}, "tables")
    folder = tmp_path / "tiny/audiomnist"
    assert (folder / "claims.csv").read_text() == "a,b\n0.3333,x\n"
    assert {path.name for path in (folder / "tables").iterdir()} == {"one.csv", "two.csv"}
    assert (folder / "tables/two.csv").read_text() == "a,b\n"


def test_judgements_have_their_columns_without_rows(tmp_path: Path) -> None:
    cfg = config.compose(["profile=tiny", f"results_dir={tmp_path}"])
    results.write_judgements(cfg, [], iter([claim("a", "b", Interval(0.5, 0.1, 0.9, 3), "data")]))
    folder = tmp_path / "tiny/audiomnist"
    assert pd.read_csv(folder / "verdicts.csv").columns.tolist() == list(Verdict._fields)
    assert pd.read_csv(folder / "claims.csv").verdict.tolist() == ["holds"]
