"""Every number of an estimate with its formula, what was put in, where it is from and what stands behind it."""

from __future__ import annotations

from typing import Any

from carlemanc.core.citations import CITATIONS
from carlemanc.present.number_words import is_number, real
from carlemanc.present.page.document import Block, Column, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table

_MEANING = (
    "“Proved” and “derived here” formulas are checked by tests, “published” ones stand as in the source, "
    "“second-hand” ones are known from others who cite it, “measured” and “assumed” say so."
)


def formulas_section(material: Material) -> Section | None:
    """Return the explanations of an estimate, None where it has none."""
    entries = table(material.subject).get("explain")
    if not isinstance(entries, list) or not entries:
        return None
    rows = tuple(_row(table(entry)) for entry in entries)
    columns = (
        Column(name="number", numeric=False),
        Column(name="value"),
        Column(name="formula", numeric=False),
        Column(name="with", numeric=False),
        Column(name="source", numeric=False),
        Column(name="status", numeric=False),
    )
    caption = "Numbers in the order in which they follow from each other"
    blocks: tuple[Block, ...] = (
        Paragraph(text=_MEANING),
        Table(caption=caption, columns=columns, rows=rows, folded=True),
    )
    return Section(title="Formulas and their sources", anchor="formulas", blocks=blocks)


def _row(entry: Any) -> Row:
    put = ", ".join(f"{name} = {_value(value)}" for name, value in table(entry.get("inputs")).items())
    keys = entry.get("references")
    sources = [_source(str(key)) for key in (keys if isinstance(keys, list) else [])]
    value = entry.get("value")
    return Row(
        cells=(
            str(entry.get("name")),
            "" if value is None else _value(value),
            str(entry.get("formula") or ""),
            put,
            "; ".join([*sources, *([str(entry["where"])] if entry.get("where") else [])]),
            str(entry.get("status") or ""),
        )
    )


def _value(value: Any) -> str:
    return real(value) if is_number(value) else "not known" if value is None else str(value)


def _source(key: str) -> str:
    """The first author and the year; the whole reference stands in the list of references."""
    if key not in CITATIONS:
        return key
    names = CITATIONS[key].authors.split(" and ")
    first = names[0].partition(",")[0]
    return f"{first}{' et al.' if len(names) > 1 else ''} {CITATIONS[key].year}"
