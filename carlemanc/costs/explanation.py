"""How the numbers of an estimate come about: each with its formula, what was put in, source and status.

Comes in: `Formula`s and the values of one estimate. Goes out: entries for `--explain`, and the citations they use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from carlemanc.core.citations import CITATIONS, Citation
from carlemanc.core.document import Document
from carlemanc.core.formula import Formula

Value = int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Document):
    """One number of an estimate.

    Args:
        name: as the estimate has it.
        value: the number; None where the formula is of the circuit, not of a number.
        formula: how it follows.
        inputs: what was put in, by its symbol in the formula.
    """

    name: str
    value: Value
    formula: Formula
    inputs: Mapping[str, Value] = field(default_factory=dict)

    KEYS = """
        name value formula=formula.text inputs references=formula.sources where=formula.where
        status=formula.status
    """


def citations_of(entries: Iterable[Explanation]) -> tuple[Citation, ...]:
    """Return the citations that the entries use, each once, in the order of `CITATIONS`."""
    used = {key for entry in entries for key in entry.formula.sources}
    return tuple(source for key, source in CITATIONS.items() if key in used)


def bibtex_of(entries: Iterable[Explanation]) -> str:
    """Return the BibTeX of exactly the sources that the entries use."""
    return "\n\n".join(source.bibtex for source in citations_of(entries))
