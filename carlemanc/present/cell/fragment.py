"""The parts of a small page as HTML that keeps to itself: every style in its tag, colors those of the notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from carlemanc.present.page.document import Badge, Bar, Bars, FactList, PageTable, Paragraph

_FAINT = "opacity:.7"
_CELL = "padding:.15em .8em .15em 0;vertical-align:top"
_TONES = {"verdict": "#0f8a76", "good": "#0f8a76", "caution": "#d1600a"}
"""Of the line beside a paragraph and around a badge."""
_SORTS = {"quantum": "#1f6fd1", "classical": "#6b7280"}
"""Of a bar."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text of fixed width that opens on demand."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class BadgeList:
    """A few words each, side by side."""

    badges: tuple[Badge, ...]


Part = Paragraph | BadgeList | FactList | Bars | PageTable | Folded


def fragment(title: str, parts: Sequence[Part]) -> str:
    """Return a page of some parts under a title."""
    body = "".join(map(_part, parts))
    return f'<div style="max-width:60em"><div style="{_FAINT}">{escape(title)}</div>{body}</div>'


def _part(part: Part) -> str:
    match part:
        case Paragraph():
            color = _TONES.get(part.tone)
            line = (
                "" if color is None else f"border-left:4px solid {color};padding-left:.6em;font-weight:600;"
            )
            return f'<p style="{line}margin:.4em 0">{escape(str(part.text))}</p>'
        case BadgeList():
            badges = "".join(map(_badge, part.badges))
            return f'<p style="display:flex;flex-wrap:wrap;gap:.4em;margin:.4em 0">{badges}</p>'
        case Bars():
            rows = "".join(map(_bar, part.bars))
            caption = f'<caption style="text-align:left;{_FAINT}">{escape(part.caption)}</caption>'
            return (
                f'<table style="width:100%;border-collapse:collapse">{caption}<tbody>{rows}</tbody></table>'
            )
        case FactList():
            facts = "".join(_fact(fact.name, fact.value, str(fact.note)) for fact in part.facts)
            return f'<dl style="display:flex;flex-wrap:wrap;gap:.3em 1.6em;margin:.4em 0">{facts}</dl>'
        case PageTable():
            return _table(part)
        case Folded():
            text = f'<pre style="overflow-x:auto">{escape(part.text)}</pre>'
            return f"<details><summary>{escape(part.title)}</summary>{text}</details>"


def _badge(badge: Badge) -> str:
    color = _TONES.get(badge.tone, "#6b7280")
    return (
        f'<span style="border:1px solid {color};border-radius:1em;padding:0 .6em">{escape(badge.text)}</span>'
    )


def _bar(bar: Bar) -> str:
    weight = "600" if bar.emphasis else "normal"
    track = f'<div style="width:{bar.reach}%;height:.9em;background:{_SORTS[bar.sort]}"></div>'
    return (
        f'<tr style="background:none;font-weight:{weight}"><td style="{_CELL};text-align:left">{escape(bar.label)}</td>'
        f'<td style="width:60%;padding:0">{track}</td>'
        f'<td style="{_CELL};text-align:right">{escape(bar.value)}</td></tr>'
    )


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
