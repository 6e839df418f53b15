from pathlib import Path

import pandas as pd

from earwitness import config
from earwitness.report import results


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
