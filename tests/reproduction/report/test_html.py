"""The page as a file: whole, the same again, every link leads somewhere, readable without eyes."""

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import EXPERIMENTS, RESULTS, html, paper

Tag = tuple[str, dict[str, str | None]]


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Tag] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in names]


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tags(text: str) -> Tags:
    return Tags(text)


def test_the_same_results_are_the_same_bytes(text: str) -> None:
    """When and where it was made is not in it."""
    assert html.render("demo", ["tones", "silence"]) == text


def test_it_needs_no_other_file(tags: Tags, text: str) -> None:
    sources = [
        tag["src"] or "" for tag in tags.of("img", "script", "audio", "iframe") if "src" in tag
    ]
    assert sources
    assert all(source.startswith("data:") for source in sources)
    assert [tag["href"] for tag in tags.of("link")] == ["data:,"]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)


def test_ids_are_unique_and_every_link_leads_to_one(tags: Tags) -> None:
    ids = Counter(attributes["id"] for _, attributes in tags.found if "id" in attributes)
    assert max(ids.values()) == 1
    inside = {
        (tag["href"] or "")[1:] for tag in tags.of("a") if (tag["href"] or "").startswith("#")
    }
    assert len(inside) > 10
    assert inside <= set(ids)


def test_headings_descend_step_by_step(tags: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_and_controls_have_names(tags: Tags) -> None:
    pictures = [tag for tag in tags.of("img") if "src" in tag]
    assert all(tag["alt"] for tag in pictures)
    assert all(
        tag["aria-label"] for tag in tags.of("nav", "input") if tag.get("type") != "checkbox"
    )
    landmarks = {tag for tag, _ in tags.found}
    assert {"header", "nav", "main", "footer"} <= landmarks


def test_a_number_leads_to_the_command_that_makes_it(text: str) -> None:
    """With the settings that the results were made with."""
    assert 'href="#from-tones-claims.csv" title="Where this comes from">0.5 [0.25, 0.75]' in text
    row = re.search(r'<tr id="from-tones-heard.csv".*?</tr>', text)
    assert row
    assert "make tones/heard.csv PROFILE=demo ARGS=&#39;seed=3 a=b&#39;" in row[0]
    for told in ("0123456789ab", "fedcba9876543210", "aaaabbbbccccdddd", "2.0 minutes"):
        assert told in text


def test_verdicts_are_words_beside_their_colours(text: str) -> None:
    for verdict, symbol in (("holds", "✓"), ("fails", "✗"), ("undecided", "?")):
        assert re.search(rf'aria-hidden="true">{re.escape(symbol)}</span>{verdict}</span>', text)


def test_words_of_results_are_not_taken_for_html(text: str) -> None:
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
    """Of the results that lie beside it; if not, `make report PROFILE=...`."""
    monkeypatch.setattr(html, "RESULTS", RESULTS)
    monkeypatch.setattr(paper, "EXPERIMENTS", EXPERIMENTS)
    papers = sorted(path.parent.name for path in EXPERIMENTS.glob("*/targets.mk"))
    assert html.render(profile, papers) == (RESULTS / profile / "index.html").read_text("utf-8")


def test_a_damaged_result_is_one_line_and_leaves_the_last_page(
    page: Path, repository: Path
) -> None:
    before = page.read_bytes()
    damaged = repository / "results/demo/tones/provenance.json"
    good = damaged.read_text()
    try:
        damaged.write_text(good[:20])
        with pytest.raises(InputError, match=r"provenance\.json: not readable"):
            html.main("demo", ["tones", "silence"])
    finally:
        damaged.write_text(good)
    assert page.read_bytes() == before
