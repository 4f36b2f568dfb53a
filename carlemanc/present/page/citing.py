"""References as a journal prints them: numbered in the order of first use, and linked from where they are used.

Comes in: a page whose sentences name papers as results do (`Citation.short`, or an arXiv number). Goes out: the same
with numbers in place of these names, and the list of what was numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from carlemanc.core.citations import CITATIONS, Citation
from carlemanc.present.page.document import (
    Block,
    Bullets,
    Cited,
    Code,
    FactList,
    PageTable,
    Paragraph,
    Reference,
    References,
    Section,
    Words,
)

_NUMBER = r"[0-9]{4}\.[0-9]{4,5}|[a-z-]+/[0-9]{7}"
_BY_ARXIV = {source.arxiv: source for source in CITATIONS.values() if source.arxiv}
_BY_SHORT = {source.short(): source for source in CITATIONS.values()}
_NAMED = re.compile(
    "|".join([*map(re.escape, sorted(_BY_SHORT, key=len, reverse=True)), rf",?\s*arXiv:\s?({_NUMBER})"])
)


class Bibliography:
    """Numbers papers as they are named, from 1 on."""

    def __init__(self) -> None:
        self._entries: dict[str, Reference] = {}

    def section(self, section: Section) -> Section:
        """Return a section with numbers in place of the papers that its sentences, cells and notes name."""
        return replace(section, blocks=tuple(map(self._block, section.blocks)))

    def words(self, text: Words) -> Words:
        """Return a text with numbers in place of papers, the same where it names none."""
        if isinstance(text, Cited):
            return text
        pieces = tuple(self._pieces(text))
        return text if pieces == (text,) or not pieces else Cited(pieces)

    def references(self, keys: Iterable[str]) -> Section:
        """Return the list: what was named, then the sources of these keys that no sentence names; and their BibTeX."""
        for key in keys:
            if key in CITATIONS:
                self._number(CITATIONS[key])
            else:
                self._entries.setdefault(key, Reference(key))
        cited = "\n\n".join(CITATIONS[key].bibtex for key in self._entries if key in CITATIONS)
        items = References(tuple(self._entries.values()))
        return Section("References", "references", (items, Code("BibTeX", cited, folded=True)))

    def _block(self, block: Block) -> Block:
        match block:
            case Paragraph():
                return replace(block, text=self.words(block.text))
            case Bullets():
                return replace(block, items=tuple(map(self.words, block.items)))
            case FactList():
                facts = (replace(fact, note=self.words(fact.note)) for fact in block.facts)
                return replace(block, facts=tuple(facts))
            case PageTable():
                rows = (replace(row, cells=tuple(map(self.words, row.cells))) for row in block.rows)
                return replace(block, rows=tuple(rows))
        return block

    def _pieces(self, text: str) -> Iterator[str | int]:
        place = 0
        for found in _NAMED.finditer(text):
            source = _BY_ARXIV.get(found[1]) if found[1] else _BY_SHORT[found[0]]
            before = text[place : found.start()]
            place = found.end()
            if source is None:
                number = self._unknown(found[1])
            else:
                number = self._number(source)
                before += "" if found[1] else source.authors_in_short()
            yield f"{before} "
            yield number
        if text[place:]:
            yield text[place:]

    def _number(self, source: Citation) -> int:
        self._entries.setdefault(source.key, _full(source))
        return list(self._entries).index(source.key) + 1

    def _unknown(self, arxiv: str) -> int:
        key = f"arXiv:{arxiv}"
        self._entries.setdefault(key, Reference("", key, f"https://arxiv.org/abs/{arxiv}"))
        return list(self._entries).index(key) + 1


def _full(source: Citation) -> Reference:
    """Authors, title, journal, volume, page (year), as physics journals print it."""
    journal = "" if source.venue == "arXiv" else f", {source.venue}"
    text = f"{_authors(source.authors)}, {source.title}{journal} ({source.year})"
    if not source.arxiv:
        return Reference(text)
    return Reference(text, f"arXiv:{source.arxiv}", f"https://arxiv.org/abs/{source.arxiv}")


def _authors(authors: str) -> str:
    names = [_initials(name) for name in authors.split(" and ")]
    if names[-1] == "others":
        return f"{', '.join(names[:-1])} et al."
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def _initials(name: str) -> str:
    """A name as `C. S. Surname`, from `Surname, Given S.`."""
    family, _, given = name.partition(", ")
    initials = ["-".join(f"{part[0]}." for part in word.split("-") if part) for word in given.split()]
    return " ".join([*initials, family])
