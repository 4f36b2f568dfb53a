"""A report as one HTML file or as Markdown, from the same document.

HTML: style and figures inside, no script, nothing that a browser would fetch. Markdown: the same words and tables; a
figure is its caption, and its numbers stand in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import jinja2
from markupsafe import Markup, escape

from carlemanc.present.page.document import (
    Bars,
    Block,
    Bullets,
    Code,
    Document,
    FactList,
    Figure,
    Figures,
    Node,
    PageTable,
    Paragraph,
    References,
    Tree,
    Words,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def html_page(document: Document) -> str:
    """Return the page. Every text is escaped; the figures, made here, are the only markup taken as it is."""
    return _environment().get_template("page.html.j2").render(document=document)


def _unbroken(value: object) -> object:
    """Keep a power of ten on one line."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return value.replace(" × 10", "\u00a0×\u00a010")


def _breakable(text: str) -> Markup:
    """A text in which the name of a key may break after its dots and underscores."""
    return Markup(re.sub(r"(?<=[a-z][._])(?=[a-z])", "<wbr>", str(escape(_unbroken(text)))))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("carlemanc.present.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"as_is": Markup, "breakable": _breakable}
    return environment


def markdown_page(document: Document) -> str:
    """Return the page; texts from specs are escaped, so that they stay text."""
    parts = [f"# {escaped(document.title)}"]
    if document.badges:
        parts.append(escaped(" · ".join(badge.text for badge in document.badges)))
    parts += [escaped(paragraph.text) for paragraph in document.verdict]
    parts += [text for block in document.panels for text in _block(block)]
    parts += [escaped(paragraph.text) for paragraph in document.summary]
    if document.highlights:
        parts.append(_facts(FactList(document.highlights)))
    for section in document.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [text for block in section.blocks for text in _block(block)]
    parts.append(escaped(document.footer))
    return "\n\n".join(parts) + "\n"


def escaped(text: Words) -> str:
    """Return a text that Markdown shows as it is, on one line.

    >>> escaped("a_1 <b> | c")
    'a\\\\_1 \\\\<b\\\\> \\\\| c'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield escaped(block.text)
        case Bullets():
            yield "\n".join(f"- {escaped(item)}" for item in block.items)
        case FactList():
            yield _facts(block)
        case PageTable():
            yield f"{escaped(block.caption)}:"
            yield _table(block)
        case Figure():
            yield f"*{escaped(block.caption)}*"
        case Figures():
            yield from (f"*{escaped(figure.caption)}*" for figure in block.figures)
        case Bars():
            yield f"{escaped(block.caption)}:"
            rows = [[f"{bar.sort}: {bar.label}", bar.value] for bar in block.bars]
            yield _lines(["what", "time"], [False, True], rows)
        case Tree():
            yield f"{escaped(block.caption)}:"
            yield "\n".join(line for node in block.nodes for line in _branch(node))
        case Code():
            yield f"{escaped(block.caption)}:"
            yield _fenced(block.text)
        case References():
            lines = [
                ", ".join(
                    filter(None, (escaped(item.text), item.address and f"{item.place} <{item.address}>"))
                )
                for item in block.items
            ]
            yield "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _branch(node: Node, indent: str = "") -> Iterator[str]:
    """The lines of a node and of all below it."""
    note = f" ({node.note})" if node.note else ""
    yield f"{indent}- {escaped(f'{node.name}{note}')}: {escaped(f'{node.value}, {node.share}')}"
    for child in node.children:
        yield from _branch(child, f"{indent}  ")


def _facts(block: FactList) -> str:
    rows = [[fact.name, fact.value, fact.note] for fact in block.facts]
    return _lines(["quantity", "value", ""], [False, False, False], rows)


def _table(block: PageTable) -> str:
    rows = [["– " * row.depth + str(row.cells[0]), *row.cells[1:]] for row in block.rows]
    return _lines([column.name for column in block.columns], [c.numeric for c in block.columns], rows)


def _lines(names: Sequence[str], numeric: Sequence[bool], rows: Sequence[Sequence[Words]]) -> str:
    def line(cells: Sequence[Words]) -> str:
        return f"| {' | '.join(map(escaped, cells))} |"

    rule = f"| {' | '.join('---:' if right else '---' for right in numeric)} |"
    return "\n".join([line(names), rule, *map(line, rows)])


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"
