from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import overview
from tests.checkout import ROOT

PAPERS = sorted(path.parent.name for path in ROOT.glob("experiments/*/targets.mk"))


def test_the_readme_is_current() -> None:
    """The table shows the results in the repository; if not, run `make readme`."""
    readme = ROOT / "README.md"
    assert overview.updated(readme, PAPERS) == readme.read_text()


def test_verdicts_are_counted_by_paper_and_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims of the paper and ours are counted separately; without results there is no row."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/open/tones"
    folder.mkdir(parents=True)
    (folder / "provenance.json").write_text("{}")
    head = "id,claim,statistic,ci_low,ci_high,n,data,verdict\n"
    rows = "a,a,1,.5,2,9,D,holds\nb,b,1,.5,2,9,D,holds\nc,ours: c,0,-1,1,9,D,undecided\n"
    (folder / "claims.csv").write_text(head + rows)
    (folder / "verdicts.csv").write_text(
        "id,what,published,published_spread,source,reproduced,ci_low,ci_high,n,data,verdict\n"
        "d,w,1,0,s,2,1.5,2.5,9,D,differs\n"
    )
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- verdicts -->\nold\n<!-- /verdicts -->\nafter\n")
    overview.main(readme, ["beeps", "tones"])
    before, *_, row, _, after = readme.read_text().splitlines()
    assert (before, after) == ("before", "after")
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "[tones](experiments/tones/README.md)",
        "[open](results/open/tones)",
        "✓ 2 hold",
        "? 1 undecided",
        "✗ 1 differs",
    ]
    assert "demo" not in readme.read_text()


def test_a_readme_without_a_place_is_refused(tmp_path: Path) -> None:
    """The message says what to add."""
    (tmp_path / "README.md").write_text("nothing")
    with pytest.raises(InputError, match=r"no place for the table; add `<!-- verdicts -->`"):
        overview.updated(tmp_path / "README.md", [])
