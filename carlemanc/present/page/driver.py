"""`report`: one page from the results of a directory, HTML or Markdown."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from carlemanc.core.atomic_output import atomic_file, check_file_place
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import task
from carlemanc.core.shown import Shown
from carlemanc.present.page.baseline_section import baseline_section
from carlemanc.present.page.budget_section import budget_section
from carlemanc.present.page.citing import Bibliography
from carlemanc.present.page.comparison_page import comparison_page
from carlemanc.present.page.cost_sections import breakdown_section, ledger_section
from carlemanc.present.page.document import SELF_CONTAINED, Section
from carlemanc.present.page.document import Document as Page
from carlemanc.present.page.formats import html_page, markdown_page
from carlemanc.present.page.material import Material, load_material
from carlemanc.present.page.other_pages import other_page
from carlemanc.present.page.physical_section import physical_section
from carlemanc.present.page.pipeline_section import assumptions_section, pipeline_section
from carlemanc.present.page.provenance import (
    absent_section,
    closed_forms_section,
    formulas_section,
    repeat_section,
    sources_of,
)
from carlemanc.present.page.readout_section import readout_section
from carlemanc.present.page.run_section import run_section
from carlemanc.present.page.scaling_section import scaling_section
from carlemanc.present.page.solvers_section import solvers_section
from carlemanc.present.page.summary import about, highlights, panels, summary, verdict_lines
from carlemanc.present.page.verdict_section import badges, reasons_section

StrPath = str | PathLike[str]
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

    BRIEF = "title path size"
    KEYS = "title report=path bytes=size sections figures"


def report(directory: StrPath | Sequence[StrPath], output: StrPath | None = None) -> Report:
    """Write one page about the results in a directory; it opens from the file system and requests nothing.

    Args:
        directory: what `estimate -o`, `sweep -o`, `optimize -o`, `train -o`, `dissipation -o` or the catalog wrote;
            several with an estimate each are compared.
        output: a name ending in .html, .htm or .md; by default report.html in the directory, if it is one.

    What a reader has to know about these files, such as a line that is cut off, is on the page and a warning.

    Raises InputError where a directory holds no results or a damaged file, or the output cannot be written.
    """
    directories = [Path(one) for one in ([directory] if isinstance(directory, str | PathLike) else directory)]
    if output is None and len(directories) != 1:
        problem = Problem(where="-o", found="nothing", allowed="a file for the page of several directories")
        raise InputError("a page about several directories needs a name", [problem])
    place = directories[0] / DEFAULT_NAME if output is None else Path(output)
    write = _WRITERS.get(place.suffix.lower())
    if write is None:
        problem = Problem(where=f"-o {place}", found=place.suffix or "no suffix", allowed=", ".join(_WRITERS))
        raise InputError("a report is HTML or Markdown", [problem])
    with task("figures"):
        document, cautions = page_of(directories, place)
    for caution in cautions:
        warnings.warn(caution, stacklevel=2)
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


def page_of(directories: Sequence[Path], place: Path) -> tuple[Page, Sequence[str]]:
    """Return the page about some directories, to be written to a place, and what their readers have to know."""
    other = None if len(directories) > 1 else other_page(directories[0])
    materials = [] if other else [load_material(directory) for directory in directories]
    check_file_place(place)
    cautions = [caution for material in materials for caution in material.cautions]
    if other:
        return other, cautions
    return (assemble(materials[0]) if len(materials) == 1 else comparison_page(materials)), cautions


def assemble(material: Material) -> Page:
    """Return the report, sections in reading order; one that has nothing to say is left out and named at the end."""
    sections: tuple[Section | None, ...] = (
        reasons_section(material),
        scaling_section(material),
        baseline_section(material),
        breakdown_section(material),
        readout_section(material),
        run_section(material),
        solvers_section(material),
        physical_section(material),
        closed_forms_section(material),
        pipeline_section(material),
        assumptions_section(material),
        ledger_section(material),
        budget_section(material),
        formulas_section(material),
        absent_section(material),
    )
    papers = Bibliography()
    shown = [papers.section(section) for section in sections if section is not None]
    shown += [papers.references(sources_of(material)), repeat_section(material)]
    version = f"carlemanc {material.version}" if material.version else "carlemanc"
    digest = f" from a spec with SHA-256 {material.spec_digest}" if material.spec_digest else ""
    return Page(
        title=material.name,
        about=about(material),
        badges=badges(material.subject),
        verdict=verdict_lines(material),
        panels=panels(material),
        summary=summary(material),
        highlights=highlights(material),
        sections=tuple(shown),
        footer=f"Computed by {version}{digest}. {SELF_CONTAINED}",
    )
