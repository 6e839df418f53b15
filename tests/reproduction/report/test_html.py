"""The page as a file: self-contained, reproducible, with valid links, accessible."""

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.paths import EXPERIMENTS, RESULTS
from reproduction.report import html, paper

Tag = tuple[str, dict[str, str | None]]


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tags(text: str) -> Tags:
    return Tags(text)


def test_the_same_results_are_the_same_bytes(text: str) -> None:
    """The page does not say when and where it was made."""
    assert html.render("demo", ["tones", "silence"]) == text


def test_it_needs_no_other_file(tags: Tags, text: str) -> None:
    sources = [
        tag["src"] or "" for tag in tags.of("img", "script", "audio", "iframe") if "src" in tag
    ]
    assert sources
    assert all(source.startswith("data:") for source in sources)
    assert [tag["href"] for tag in tags.of("link")] == ["data:,"]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)


def test_ids_are_unique_and_every_anchor_exists(tags: Tags) -> None:
    ids = Counter(attributes["id"] for _, attributes in tags.tags if "id" in attributes)
    assert max(ids.values()) == 1
    anchors = {
        (tag["href"] or "")[1:] for tag in tags.of("a") if (tag["href"] or "").startswith("#")
    }
    assert len(anchors) > 10
    assert anchors <= set(ids)


def test_headings_descend_step_by_step(tags: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in tags.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_and_controls_have_names(tags: Tags) -> None:
    pictures = [tag for tag in tags.of("img") if "src" in tag]
    assert all(tag["alt"] for tag in pictures)
    assert all(
        tag["aria-label"] for tag in tags.of("nav", "input") if tag.get("type") != "checkbox"
    )
    landmarks = {tag for tag, _ in tags.tags}
    assert {"header", "nav", "main", "footer"} <= landmarks


def test_a_number_links_to_the_command_that_makes_it(text: str) -> None:
    """The command has the settings that the results were made with."""
    assert 'href="#from-tones-claims.csv" title="Provenance">0.5 [0.25, 0.75]' in text
    row = re.search(r'<tr id="from-tones-heard.csv".*?</tr>', text)
    assert row
    assert "make tones/heard.csv PROFILE=demo ARGS=&#39;seed=3 a=b&#39;" in row[0]
    for value in ("0123456789ab", "fedcba9876543210", "aaaabbbbccccdddd", "2.0 minutes"):
        assert value in text


def test_verdicts_have_symbol_and_word_beside_their_colour(text: str) -> None:
    for verdict, symbol in (("holds", "✓"), ("fails", "✗"), ("undecided", "?")):
        assert re.search(rf'aria-hidden="true">{re.escape(symbol)}</span>{verdict}</span>', text)


def test_texts_of_results_are_escaped(text: str) -> None:
    assert "a &lt;beep&gt; is heard, &#34;always&#34;" in text
    assert "<beep>" not in text


def test_a_paper_without_results_says_so(text: str) -> None:
    start = text.index('<section id="silence"')
    assert "There are no results of this paper in the profile demo." in text[start:]
    assert 'id="silence-figures"' not in text


def test_the_comparison_follows_the_papers(text: str) -> None:
    assert text.index('<section id="silence"') < text.index('<section id="baselines"')
    assert text.count('href="#baselines"') == 2
    assert 'id="baselines-listen"' not in text


@pytest.mark.parametrize("profile", ["demo", "open"])
def test_the_page_that_is_committed_is_current(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the results beside it; if not, run `make report PROFILE=...`."""
    monkeypatch.setattr(html, "RESULTS", RESULTS)
    monkeypatch.setattr(paper, "EXPERIMENTS", EXPERIMENTS)
    papers = sorted(path.parent.name for path in EXPERIMENTS.glob("*/targets.mk"))
    assert html.render(profile, papers) == (RESULTS / profile / "index.html").read_text("utf-8")


def test_a_damaged_result_is_named_and_leaves_the_last_page(page: Path, repository: Path) -> None:
    before = page.read_bytes()
    damaged = repository / "results/demo/tones/provenance.json"
    good = damaged.read_text()
    try:
        damaged.write_text(good[:20])
        with pytest.raises(InputError, match=r"provenance\.json: missing or damaged"):
            html.main("demo", ["tones", "silence"])
    finally:
        damaged.write_text(good)
    assert page.read_bytes() == before
