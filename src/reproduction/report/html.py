"""The report of a profile: one HTML page that needs no other file and no network.

`python -m reproduction.report.html PROFILE PAPER...` writes `results/<profile>/index.html`. The
same results give the same bytes.
"""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from earwitness.files import write_text
from reproduction.config import guarded
from reproduction.paths import RESULTS
from reproduction.report import judgements, paper
from reproduction.report.players import SoundIds

TEMPLATES = Path(__file__).with_name("templates")
PROFILES = {
    "demo": "synthesised sounds with planted, known evidence",
    "open": "openly licensed recordings",
    "paper": "the data of the publications",
    "tiny": "a quick run of every stage without real training; its numbers are meaningless",
}
"""Data of each profile, as the page describes them."""


def main(profile: str, papers: list[str]) -> Path:
    """Write the report of a profile and return its path.

    Raises:
        InputError: a README is missing or a file of the results is damaged; no page is written.
    """
    page = RESULTS / profile / "index.html"
    write_text(page, render(profile, papers))
    return page


def render(profile: str, papers: list[str]) -> str:
    """Return the report of a profile as HTML; papers without results are named as such.

    Raises:
        InputError: as `main`.
    """
    sounds = SoundIds()
    read = [paper.read(name, RESULTS / profile, sounds) for name in papers]
    results = [each.results for each in read if each.results]
    return (
        _environment()
        .get_template("page.html")
        .render(
            profile=profile,
            data=PROFILES.get(profile, "your own data"),
            papers=read,
            comparison=paper.read_comparison(RESULTS / profile),
            claims=[claim for each in results for claim in each.claims],
            verdicts=[verdict for each in results for verdict in each.verdicts],
            styles=judgements.STYLES,
            count_verdicts=judgements.count_verdicts,
            css=_template_text("style.css"),
            script=_template_text("script.js"),
            sounds=sounds.encoded(),
        )
    )


def _environment() -> Environment:
    """Return the environment of the templates, which escapes all values."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template_text(name: str) -> Markup:
    """Return a file of the templates as text that is not escaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    guarded(lambda: print(main(sys.argv[1], sys.argv[2:])))
