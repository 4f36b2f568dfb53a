"""Lines of a certain width: tables whose columns never meet, labels beside wrapped words, paragraphs.

Numbers are never cut. Words wrap; a table that does not fit even so is told a row at a time, a line a cell.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 100
"""Columns that a text takes where nobody says how many there are."""
NARROWEST = 20
"""Columns that a text takes at least."""
GAP = "  "
_LEAST_WORDS = 12
"""Columns that a column of words keeps."""
_CUT = "..."
Fact = tuple[str, str]
"""A label and its words."""


@dataclass(frozen=True, slots=True)
class View:
    """How a result is looked at.

    Args:
        whole: print all there is, not the first screen alone.
        width: columns that lines take.
    """

    whole: bool = False
    width: int = WIDTH


FIRST = View()
"""The first screen."""
WHOLE = View(whole=True)
"""All there is."""


def wrapped(
    words: str, width: int, *, first: str = "", after: str = "", most: int | None = None
) -> list[str]:
    """Return a sentence in lines of a width.

    Args:
        words: the sentence.
        width: columns of a line; a word that is longer is broken.
        first, after: what the first line and those after it begin with.
        most: lines at most; what is cut ends in three dots.
    """
    room = max(width, NARROWEST, len(first) + 8, len(after) + 8)
    lines = textwrap.wrap(
        " ".join(words.split()),
        room,
        initial_indent=first,
        subsequent_indent=after,
        break_on_hyphens=False,
    ) or [first.rstrip()]
    if most is not None and len(lines) > most:
        kept = lines[most - 1]
        if len(kept) + len(_CUT) + 1 > room:
            kept = kept[: room - len(_CUT) - 1].rpartition(" ")[0] or kept[: room - len(_CUT) - 1]
        lines = [*lines[: most - 1], f"{kept.rstrip(' ,;:(')} {_CUT}"]
    return lines


def facts(pairs: Sequence[Fact], width: int, *, most: int | None = None, indent: str = "") -> list[str]:
    """Return a label and its words a fact, the words wrapped beside the label; `most` lines each."""
    pad = max((len(label) for label, _ in pairs), default=0)
    lines = []
    for label, words in pairs:
        if len(indent) + pad + len(GAP) + _LEAST_WORDS > width:
            lines += wrapped(words, width, first=f"{indent}{label}: ", after=f"{indent}{GAP}", most=most)
        else:
            begins = f"{indent}{label:<{pad}}{GAP}"
            lines += wrapped(words, width, first=begins, after=" " * len(begins), most=most)
    return lines


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    words: Sequence[int] = (0,),
    indent: str = "",
    cut: bool = False,
) -> list[str]:
    """Return an aligned table: at least two blanks between columns, whatever stands in them.

    Args:
        heads: what stands above the columns; a table of empty heads has no line of them.
        rows: cells, as many a row as there are heads.
        width: columns of a line.
        words: columns that hold words: they stand at the left, and wrap where the table is too wide. Numbers stand at
            the right and are never cut.
        indent: what every line begins with.
        cut: give each row one line: words that are too long end in three dots.
    """
    if not rows:
        return []
    sizes = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    over = len(indent) + sum(sizes) + len(GAP) * (len(sizes) - 1) - width
    for place in sorted(range(len(sizes)), key=lambda place: (place in words, -sizes[place])):
        if over > 0:
            cells = 0 if place in words else max(len(row[place]) for row in rows)
            spare = min(over, max(0, sizes[place] - max(cells, _least(heads[place], place in words))))
            sizes[place] -= spare
            over -= spare
    if over > 0:
        return [line for row in rows for line in _stacked(heads, row, width, words, indent)]
    told = (
        [[_cut(cell, size) for cell, size in zip(row, sizes, strict=True)] for row in rows] if cut else rows
    )
    above = list(_lines(heads, sizes, words, indent)) if any(heads) else []
    return above + [line for row in told for line in _lines(row, sizes, words, indent)]


def limited(lines: Sequence[str], most: int, what: str) -> list[str]:
    """Return the first lines, and how many more `what` there are."""
    left = len(lines) - most
    return [*lines] if left <= 0 else [*lines[:most], f"... {left} more {what} (all with --all)"]


def _least(head: str, is_words: bool) -> int:
    """Columns that a column keeps: a head wraps between words, and is broken where one is very long."""
    longest = min(_LEAST_WORDS, max(map(len, head.split()), default=0))
    return max(_LEAST_WORDS, longest) if is_words else longest


def _lines(row: Sequence[str], sizes: Sequence[int], words: Sequence[int], indent: str) -> Iterator[str]:
    cells = [
        _words(cell, size) if len(cell) > size else [cell]
        for place, (cell, size) in enumerate(zip(row, sizes, strict=True))
    ]
    for number in range(max(map(len, cells))):
        parts = (
            f"{cell[number] if number < len(cell) else '':{'<' if place in words else '>'}{size}}"
            for place, (cell, size) in enumerate(zip(cells, sizes, strict=True))
        )
        yield f"{indent}{GAP.join(parts)}".rstrip()


def _cut(cell: str, size: int) -> str:
    return cell if len(cell) <= size else f"{cell[: size - len(_CUT)].rstrip()}{_CUT}"


def _words(cell: str, size: int) -> list[str]:
    """Wrap a cell, whose indentation stays where there is room for it."""
    blanks = cell[: len(cell) - len(cell.lstrip())]
    lead = blanks if size - len(blanks) >= _LEAST_WORDS else ""
    return textwrap.wrap(
        cell.strip(), size, initial_indent=lead, subsequent_indent=lead, break_on_hyphens=False
    ) or [""]


def _stacked(
    heads: Sequence[str], row: Sequence[str], width: int, words: Sequence[int], indent: str
) -> Iterator[str]:
    """Tell a row a line a cell: the first as a title, the others below it with their heads."""
    yield from wrapped(row[0] or "-", width, first=indent, after=f"{indent}{GAP}")
    for place, (head, cell) in enumerate(zip(heads, row, strict=True)):
        if place and cell.strip():
            first = f"{indent}{GAP}{head}: " if head else f"{indent}{GAP}"
            if place in words:
                yield from wrapped(cell, width, first=first, after=f"{indent}{GAP * 2}")
            else:
                yield f"{first}{cell}"
