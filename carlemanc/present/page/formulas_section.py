"""Every number of an estimate with its formula, what was put in, where it is from and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable

from carlemanc.core.citations import CITATIONS
from carlemanc.present.number_words import is_number, real
from carlemanc.present.page.document import Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_MEANING = (
    "“Proved” and “derived here” formulas are checked by tests, “published” ones stand as in the source, "
    "“second-hand” ones are known from others who cite it, “measured” and “assumed” say so."
)


def formulas_section(material: Material) -> Section | None:
    """Return the explanations of an estimate, None where it has none."""
    entries = material.subject.get("explain")
    if not entries:
        return None
    cells: dict[str, Callable[[Json], str]] = {
        "number:": lambda entry: str(entry.get("name")),
        "value": lambda entry: "" if entry.get("value") is None else _value(entry["value"]),
        "formula:": lambda entry: entry.get("formula") or "",
        "with:": lambda entry: ", ".join(
            f"{name} = {_value(value)}" for name, value in table(entry.get("inputs")).items()
        ),
        "source:": _sources,
        "status:": lambda entry: entry.get("status") or "",
    }
    caption = "Numbers in the order in which they follow from each other"
    blocks = (Paragraph(_MEANING), listing(caption, entries, cells, folded=True))
    return Section("Formulas and their sources", "formulas", blocks)


def _sources(entry: Json) -> str:
    named = [_source(key) for key in entry.get("references") or ()]
    return "; ".join([*named, *([entry["where"]] if entry.get("where") else [])])


def _value(value: object) -> str:
    return real(value) if is_number(value) else "not known" if value is None else str(value)


def _source(key: str) -> str:
    """The first author and the year; the whole reference stands in the list of references."""
    if key not in CITATIONS:
        return key
    names = CITATIONS[key].authors.split(" and ")
    first = names[0].partition(",")[0]
    return f"{first}{' et al.' if len(names) > 1 else ''} {CITATIONS[key].year}"
