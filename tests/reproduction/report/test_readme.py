from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import readme
from tests.checkout import ROOT


def write_readme(folder: Path, text: str) -> Path:
    path = folder / "experiments/any/README.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_readme_has_title_lead_and_sections(tmp_path: Path) -> None:
    path = write_readme(tmp_path, "# A title\n\nBy *them*.\n\n## One\n- a\n- b\n\n## Two\nc\n")
    read = readme.read(path, tmp_path / "results/demo/index.html")
    assert read.title == "A title"
    assert read.lead.strip() == "<p>By <em>them</em>.</p>"
    assert [section.heading for section in read.sections] == ["One", "Two"]
    assert read.sections[0].html.count("<li>") == 2


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../../results/demo/any/figures/x.png", "#figure-any-x.png"),
        ("../../results/demo/any/tables/x.csv", "#table-any-x.csv"),
        ("../../results/open/any/figures/x.png", "../open/any/figures/x.png"),
        ("published.yaml", "../../experiments/any/published.yaml"),
        ("https://example.org/a", "https://example.org/a"),
        ("#below", "#below"),
    ],
)
def test_links_are_relative_to_the_page(tmp_path: Path, link: str, expected: str) -> None:
    """Links to figures and tables of the page become anchors."""
    figures = tmp_path / "results/demo/any/figures"
    figures.mkdir(parents=True)
    (figures / "x.png").touch()
    (figures.parent / "tables").mkdir()
    (figures.parent / "tables/x.csv").touch()
    path = write_readme(tmp_path, f"# A\n[b]({link})\n")
    assert f'href="{expected}"' in readme.read(path, tmp_path / "results/demo/index.html").lead


@pytest.mark.parametrize("text", ["no title", "## First\n", "# One\n# Two\n"])
def test_a_readme_without_its_only_title_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="title"):
        readme.read(write_readme(tmp_path, text), tmp_path / "index.html")


def test_a_missing_readme_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"README\.md: missing"):
        readme.read(tmp_path / "README.md", tmp_path / "index.html")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "experiments").glob("*/targets.mk")), ids=lambda path: path.parent.name
)
def test_every_paper_has_its_claims_and_differences(path: Path) -> None:
    read = readme.read(path.with_name("README.md"), ROOT / "results/demo/index.html")
    headings = [section.heading for section in read.sections]
    assert headings[0] == "What the paper says"
    assert any(heading.startswith("What differs") for heading in headings)
