"""`report`: one page from the results of a directory, HTML or Markdown."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from carlemanc.core.atomic_output import atomic_file, check_file_place
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import task
from carlemanc.core.shown import Shown
from carlemanc.present.page.assembly import assemble
from carlemanc.present.page.html_page import html_page
from carlemanc.present.page.markdown_page import markdown_page
from carlemanc.present.page.material import load_material

_WRITERS = {".html": html_page, ".htm": html_page, ".md": markdown_page}
DEFAULT_NAME = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Shown, Document):
    """A page that was written.

    Attributes:
        title: what was estimated.
        path: the file.
        size: bytes.
        sections: headings, in order.
        figures: names of the figures; Markdown has their tables instead.
    """

    title: str
    path: Path
    size: int
    sections: tuple[str, ...]
    figures: tuple[str, ...]

    KEYS = "title report=path bytes=size sections figures"


def report(directory: str | PathLike[str], output: str | PathLike[str] | None = None) -> Report:
    """Write one page about the results in a directory; it opens from the file system and requests nothing.

    Args:
        directory: what `estimate -o`, `sweep -o` or the catalog wrote.
        output: a name ending in .html, .htm or .md; by default report.html in the directory.

    What a reader has to know about these files, such as a line that is cut off, is on the page and a warning.

    Raises InputError where the directory holds no results or a damaged file, or the output cannot be written.
    """
    place = Path(directory) / DEFAULT_NAME if output is None else Path(output)
    write = _WRITERS.get(place.suffix.lower())
    if write is None:
        problem = Problem(where=f"-o {place}", found=place.suffix or "no suffix", allowed=", ".join(_WRITERS))
        raise InputError("a report is HTML or Markdown", [problem])
    material = load_material(Path(directory))
    check_file_place(place)
    for caution in material.cautions:
        warnings.warn(caution, stacklevel=2)
    with task("figures"):
        document = assemble(material)
    content = write(document).encode()
    with atomic_file(place) as made:
        made.write_bytes(content)
    return Report(
        title=document.title,
        path=place,
        size=len(content),
        sections=tuple(section.title for section in document.sections),
        figures=tuple(figure.name for figure in document.figures),
    )
