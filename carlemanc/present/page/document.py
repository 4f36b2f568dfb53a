"""A report before it has a format: sections of paragraphs, tables, figures and code, all numbers already text.

HTML and Markdown are written from the same document, so that they cannot differ in a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Cited:
    """A text in pieces, those that are integers being numbers of references."""

    pieces: tuple[str | int, ...]

    def __str__(self) -> str:
        return "".join(f"[{piece}]" if isinstance(piece, int) else piece for piece in self.pieces)


Words = str | Cited
SELF_CONTAINED = "This page loads nothing: every figure is in it."
"""What stands at the foot of every page."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words. `tone` is `plain`, `verdict` or `caution`."""

    text: Words
    tone: str = "plain"

    kind = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[Words, ...]

    kind = "bullets"


@dataclass(frozen=True, slots=True)
class Fact:
    """A quantity, its value as text, and what it means or where it is from."""

    name: str
    value: str
    note: Words = ""


@dataclass(frozen=True, slots=True)
class FactList:
    """Quantities one under another."""

    facts: tuple[Fact, ...]

    kind = "facts"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and whether numbers stand below it."""

    name: str
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class PageRow:
    """Cells of one line. `depth` indents the first; `emphasis` marks totals and choices."""

    cells: tuple[Words, ...]
    depth: int = 0
    emphasis: bool = False


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows under headings. `folded` tables open on demand (they repeat a figure, or are long).

    One that `wraps` breaks its words where a screen is narrow; others scroll.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[PageRow, ...]
    folded: bool = False
    wraps: bool = False

    kind = "table"


def listing(
    caption: str,
    items: Iterable[Item],
    cells: Mapping[str, Callable[[Item], str]],
    *,
    emphasis: Callable[[Item], bool] = lambda item: False,
    folded: bool = False,
    wraps: bool = False,
) -> PageTable:
    """Return a table with a row an item.

    Args:
        caption: what it shows.
        items: in order.
        cells: heading -> what stands below it; a heading that ends in a colon, which is not shown, heads words.
        emphasis: whether an item's row is marked.
        folded: whether it opens on demand.
        wraps: whether its words break where a screen is narrow.
    """
    columns = tuple(Column(head.removesuffix(":"), not head.endswith(":")) for head in cells)
    rows = tuple(
        PageRow(tuple(cell(item) for cell in cells.values()), emphasis=emphasis(item)) for item in items
    )
    return PageTable(caption, columns, rows, folded, wraps)


@dataclass(frozen=True, slots=True)
class Figure:
    """An SVG image with what it shows in words. A table of the same numbers stands beside it."""

    name: str
    caption: str
    svg: str

    kind = "figure"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures that stand side by side where there is room."""

    figures: tuple[Figure, ...]

    kind = "figures"


@dataclass(frozen=True, slots=True)
class Badge:
    """A few words that stand beside the title. `tone` is `plain`, `good` or `caution`."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Bar:
    """A quantity on a common scale: its value as text, how far its bar reaches in percent, and of which kind it is."""

    label: str
    value: str
    reach: float
    sort: str
    emphasis: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Quantities under each other on one scale, with marks at some places of it, in percent."""

    caption: str
    bars: tuple[Bar, ...]
    marks: tuple[tuple[float, str], ...]

    kind = "bars"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a whole: its name and meaning, its value and share as text, its share in percent, and its own parts."""

    name: str
    note: str
    value: str
    share: str
    reach: float
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """Parts of a whole that open and close."""

    caption: str
    nodes: tuple[Node, ...]

    kind = "tree"


@dataclass(frozen=True, slots=True)
class Code:
    """Text to copy. `folded` as for tables."""

    caption: str
    text: str
    folded: bool = False

    kind = "code"


@dataclass(frozen=True, slots=True)
class Reference:
    """A source in words, and where to read it: the name of the place and its address, empty where none is known."""

    text: str
    place: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class References:
    """The literature, numbered from 1 on."""

    items: tuple[Reference, ...]

    kind = "references"


Block = Paragraph | Bullets | FactList | PageTable | Figure | Figures | Bars | Tree | Code | References


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; `anchor` is its place in the page. One that is `folded` opens on demand."""

    title: str
    anchor: str
    blocks: tuple[Block, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report.

    Attributes:
        title: name of what was estimated.
        about: what kind of page it is, in a line.
        badges: what the answer rests on, in a few words each.
        verdict: the answer.
        panels: what stands beside each other below it, before anything else.
        summary: more of it in short paragraphs.
        highlights: a few numbers in large type.
        sections: the rest, in order.
        footer: version and digest.
    """

    title: str
    about: str
    badges: tuple[Badge, ...]
    verdict: tuple[Paragraph, ...]
    panels: tuple[Block, ...]
    summary: tuple[Paragraph, ...]
    highlights: tuple[Fact, ...]
    sections: tuple[Section, ...]
    footer: str

    @property
    def figures(self) -> Iterator[Figure]:
        """All figures, in order."""
        for block in (*self.panels, *(block for section in self.sections for block in section.blocks)):
            if isinstance(block, Figures):
                yield from block.figures
            elif isinstance(block, Figure):
                yield block
