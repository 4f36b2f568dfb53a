"""The parts of a small page as HTML that keeps to itself: every style in its tag, colors those of the notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from carlemanc.present.page.document import FactList, PageTable, Paragraph

_FAINT = "opacity:.7"
_CELL = "padding:.15em .8em .15em 0;vertical-align:top"
_TONES = {"verdict": "#0f8a76", "caution": "#d1600a", "plain": "transparent"}
"""Of the line beside a paragraph."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text of fixed width that opens on demand."""

    title: str
    text: str


Part = Paragraph | FactList | PageTable | Folded


def fragment(title: str, parts: Sequence[Part]) -> str:
    """Return a page of some parts under a title."""
    body = "".join(map(_part, parts))
    return f'<div style="max-width:60em"><div style="{_FAINT}">{escape(title)}</div>{body}</div>'


def _part(part: Part) -> str:
    match part:
        case Paragraph():
            line = f"border-left:4px solid {_TONES[part.tone]};padding-left:.6em;margin:.4em 0"
            return f'<p style="{line}">{escape(str(part.text))}</p>'
        case FactList():
            facts = "".join(_fact(fact.name, fact.value, str(fact.note)) for fact in part.facts)
            return f'<dl style="display:flex;flex-wrap:wrap;gap:.3em 1.6em;margin:.4em 0">{facts}</dl>'
        case PageTable():
            return _table(part)
        case Folded():
            text = f'<pre style="overflow-x:auto">{escape(part.text)}</pre>'
            return f"<details><summary>{escape(part.title)}</summary>{text}</details>"


def _fact(name: str, value: str, note: str) -> str:
    hint = f' title="{escape(note)}"' if note else ""
    return (
        f'<div{hint}><dt style="{_FAINT};font-weight:normal">{escape(name)}</dt>'
        f'<dd style="margin:0;font-weight:600">{escape(value)}</dd></div>'
    )


def _table(table: PageTable) -> str:
    styles = [f"{_CELL};text-align:{'right' if column.numeric else 'left'}" for column in table.columns]
    head = "".join(
        f'<th style="{style}">{escape(column.name)}</th>'
        for style, column in zip(styles, table.columns, strict=True)
    )
    rows = "".join(
        f'<tr style="font-weight:{"600" if row.emphasis else "normal"}">'
        + "".join(
            f'<td style="{style}">{escape(str(cell))}</td>'
            for style, cell in zip(styles, row.cells, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    caption = f'<caption style="text-align:left;{_FAINT}">{escape(table.caption)}</caption>'
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse">{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
