"""The literature carlemanc builds on, keyed so that docstrings, ledgers and `--bibtex` name the same source.

Comes in: `references.bib` beside this file, one field a line. Goes out: `CITATIONS` in the order of that file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)\n\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One published source, with its BibTeX entry as it stands in the file."""

    key: str
    authors: str
    title: str
    venue: str
    year: int
    arxiv: str
    bibtex: str

    def short(self) -> str:
        """Return `Costa et al., PRX Quantum 3, 040303, 2022, arXiv:2111.08152`."""
        venue = "" if self.venue == "arXiv" else f"{self.venue}, "
        return f"{self.authors_in_short()}, {venue}{self.year}" + (
            f", arXiv:{self.arxiv}" if self.arxiv else ""
        )

    def authors_in_short(self) -> str:
        """Return `Costa et al.`."""
        names = [name.split(",")[0] for name in self.authors.split(" and ")]
        who = names[0] + (" et al." if len(names) > 2 or names[-1] == "others" else "")
        return who + (f" and {names[1]}" if len(names) == 2 and names[1] != "others" else "")


def _citation(entry: re.Match[str]) -> Citation:
    fields = dict(_FIELD.findall(entry[2]))
    return Citation(
        key=entry[1],
        authors=fields["author"],
        title=fields["title"],
        venue=fields["journal"] if "journal" in fields else fields["publisher"],
        year=int(fields["year"]),
        arxiv=fields.get("eprint", ""),
        bibtex=entry[0],
    )


_BIBLIOGRAPHY = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
CITATIONS = {source.key: source for source in map(_citation, _ENTRY.finditer(_BIBLIOGRAPHY))}
