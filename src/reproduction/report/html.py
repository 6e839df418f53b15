"""What everything ends in: one page a profile, which needs no other file and no network.

`python -m reproduction.report.html PROFILE PAPER...` writes `results/<profile>/index.html`. The
same results give the same bytes.
"""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from earwitness.files import write_text
from reproduction.config import guarded
from reproduction.report import RESULTS, judgements, paper
from reproduction.report.players import Sounds

TEMPLATES = Path(__file__).with_name("templates")
PROFILES = {
    "demo": "synthesised sounds, whose evidence was planted and is known",
    "open": "openly licensed recordings",
    "paper": "the data of the publications",
    "tiny": "a try of every stage that learns nothing: its numbers mean nothing",
}
"""What the data of a profile are."""


def main(profile: str, papers: list[str]) -> Path:
    """Write the report of a profile and return where it is.

    Raises:
        InputError: a README is missing or a file of the results is damaged; no page is written.
    """
    page = RESULTS / profile / "index.html"
    write_text(page, render(profile, papers))
    return page


def render(profile: str, papers: list[str]) -> str:
    """The report of a profile as HTML; of a paper without results it says so."""
    sounds = Sounds()
    found = [paper.read(name, RESULTS / profile, sounds) for name in papers]
    results = [each.results for each in found if each.results]
    compared = paper.compared(RESULTS / profile)
    return (
        _environment()
        .get_template("page.html")
        .render(
            profile=profile,
            data=PROFILES.get(profile, "data of your own"),
            papers=found,
            compared=compared,
            claims=[claim for each in results for claim in each.claims],
            verdicts=[verdict for each in results for verdict in each.verdicts],
            marks=judgements.MARKS,
            counted=judgements.counted,
            style=_as_is("style.css"),
            script=_as_is("script.js"),
            sounds=sounds.encoded(),
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _as_is(name: str) -> Markup:
    """A file of ours that needs no escaping."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    guarded(lambda: print(main(sys.argv[1], sys.argv[2:])))
