"""The whole report of a directory, without a format."""

from __future__ import annotations

from carlemanc.present.page.baseline_section import baseline_section
from carlemanc.present.page.budget_section import budget_section
from carlemanc.present.page.cost_sections import breakdown_section, readout_section
from carlemanc.present.page.document import Document, Section
from carlemanc.present.page.formulas_section import formulas_section
from carlemanc.present.page.material import Material
from carlemanc.present.page.physical_section import physical_section
from carlemanc.present.page.pipeline_section import assumptions_section, pipeline_section
from carlemanc.present.page.provenance import (
    absent_section,
    closed_forms_section,
    references_section,
    repeat_section,
)
from carlemanc.present.page.scaling_section import scaling_section
from carlemanc.present.page.solvers_section import solvers_section
from carlemanc.present.page.summary import answer, highlights


def assemble(material: Material) -> Document:
    """Return the report, sections in reading order; one that has nothing to say is left out and named at the end."""
    sections: tuple[Section | None, ...] = (
        pipeline_section(material),
        assumptions_section(material),
        breakdown_section(material),
        readout_section(material),
        budget_section(material),
        scaling_section(material),
        closed_forms_section(material),
        solvers_section(material),
        physical_section(material),
        baseline_section(material),
        formulas_section(material),
        absent_section(material),
        references_section(material),
        repeat_section(material),
    )
    version = f"carlemanc {material.version}" if material.version else "carlemanc"
    digest = f" from a spec with SHA-256 {material.spec_digest}" if material.spec_digest else ""
    return Document(
        title=material.name,
        summary=answer(material),
        highlights=highlights(material),
        sections=tuple(section for section in sections if section is not None),
        footer=f"Computed by {version}{digest}. This page loads nothing: every figure is in it.",
    )
