"""A paper's README as parts of the report: title, what comes first, sections."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from markdown import markdown

from earwitness.errors import InputError

EXTENSIONS = ("tables", "fenced_code", "sane_lists")
HEADING = re.compile(r"^(#{1,2}) (.+)$", re.MULTILINE)
LINK = re.compile(r'href="(?!#|[a-z]+:)([^"#]+)')
"""A link to a file, not to a place in this page or elsewhere in the world."""

SHOWN = {"figures": "figure", "tables": "table"}
"""Folders of results that are in the page, and how ids of what they hold begin."""


class Section(NamedTuple):
    """A heading and the HTML below it."""

    heading: str
    html: str


class Readme(NamedTuple):
    """`title` is plain text, `lead` the HTML between it and the first of `sections`."""

    title: str
    lead: str
    sections: list[Section]


def read(path: Path, page: Path) -> Readme:
    """Read a README so that its links lead on from `page`.

    Raises:
        InputError: there is no such file, or it does not begin with a title.
    """
    if not path.is_file():
        raise InputError(f"{path}: not there; every paper has a README")
    start, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    marks, headings, texts = parts[::3], parts[1::3], parts[2::3]
    if start.strip() or not marks or marks[0] != "#" or "#" in marks[1:]:
        raise InputError(f"{path}: must begin with its one title, `# ...`")
    title, *rest = (
        Section(heading, _relinked(_html(text), path.parent, page.parent))
        for heading, text in zip(headings, texts, strict=True)
    )
    return Readme(title.heading, title.html, rest)


def _html(text: str) -> str:
    """Markdown as HTML; wide tables scroll by themselves."""
    html = markdown(text, extensions=list(EXTENSIONS), output_format="html")
    framed = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    return html.replace("<table>", framed).replace("</table>", "</table></div>")


def _relinked(html: str, written_in: Path, read_in: Path) -> str:
    """The same links, from another folder; to figures and tables of the page, within it."""

    def moved(link: re.Match[str]) -> str:
        place = os.path.relpath(written_in / link[1], read_in)
        paper, kind, *file = Path(place).parts if place.count("/") == 2 else ("", "")
        if kind in SHOWN and (read_in / place).is_file():
            return f'href="#{SHOWN[kind]}-{paper}-{file[0]}'
        return f'href="{Path(place).as_posix()}'

    return LINK.sub(moved, html)
