"""A paper's README as parts of the report: title, lead and sections."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from markdown import markdown

from earwitness.errors import InputError

EXTENSIONS = ("tables", "fenced_code", "sane_lists")
HEADING = re.compile(r"^(#{1,2}) (.+)$", re.MULTILINE)
LINK = re.compile(r'href="(?!#|[a-z]+:)([^"#]+)')
"""A link to a file: neither an anchor of this page nor the address of another site."""

ID_PREFIXES = {"figures": "figure", "tables": "table"}
"""Folder of results whose files are in the page -> prefix of their ids there."""


class Section(NamedTuple):
    """A heading and the HTML below it."""

    heading: str
    html: str


class Readme(NamedTuple):
    """A README: plain title, HTML between the title and the first section, and the sections."""

    title: str
    lead: str
    sections: list[Section]


def read(path: Path, page: Path) -> Readme:
    """Return a README whose relative links are relative to `page`.

    Raises:
        InputError: there is no such file, or it does not begin with its only title.
    """
    if not path.is_file():
        raise InputError(f"{path}: missing; every paper needs a README")
    start, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    marks, headings, texts = parts[::3], parts[1::3], parts[2::3]
    if start.strip() or not marks or marks[0] != "#" or "#" in marks[1:]:
        raise InputError(f"{path}: must begin with its only title, `# ...`")
    title, *rest = (
        Section(heading, _relink(_html(text), path.parent, page.parent))
        for heading, text in zip(headings, texts, strict=True)
    )
    return Readme(title.heading, title.html, rest)


def _html(text: str) -> str:
    """Return Markdown as HTML, with each table in a frame that scrolls."""
    html = markdown(text, extensions=list(EXTENSIONS), output_format="html")
    frame = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    return html.replace("<table>", frame).replace("</table>", "</table></div>")


def _relink(html: str, old_folder: Path, new_folder: Path) -> str:
    """Rewrite relative links for another folder; links to figures and tables become anchors."""

    def relink(link: re.Match[str]) -> str:
        target = os.path.relpath(old_folder / link[1], new_folder)
        paper, kind, *file = Path(target).parts if target.count("/") == 2 else ("", "")
        if kind in ID_PREFIXES and (new_folder / target).is_file():
            return f'href="#{ID_PREFIXES[kind]}-{paper}-{file[0]}'
        return f'href="{Path(target).as_posix()}'

    return LINK.sub(relink, html)
