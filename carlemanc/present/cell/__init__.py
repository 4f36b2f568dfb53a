"""Results as small pages: `html(result)`, what a cell of a notebook shows of a result.

Comes in: a frozen result. Goes out: one `div` with its style in its tags: no script, nothing that a browser would
fetch, nothing that changes what stands around it. A result without a family of its own is shown by its plain fields,
its text folded under them.
"""

from __future__ import annotations

from functools import singledispatch

from carlemanc.core.shown import Shown
from carlemanc.present.cell.fragment import Folded, Part, fragment
from carlemanc.present.families import renderer
from carlemanc.present.number_words import real
from carlemanc.present.page.document import Fact, FactList

FAMILIES = {
    "carlemanc.commands.circuit": "circuit",
    "carlemanc.commands.estimate_result": "estimate",
    "carlemanc.commands.optimize": "tables",
    "carlemanc.commands.run_result": "run",
    "carlemanc.evaluation.comparison": "tables",
    "carlemanc.sweeps.driver": "tables",
}
"""Module of a result -> file of this package that has parts of its own for it."""


def html(result: Shown) -> str:
    """Return a result as one `div`. Raises TypeError for an object that is no result."""
    parts: list[Part] = renderer(parts_of, FAMILIES, result)(result)
    return fragment(type(result).__name__, parts)


@singledispatch
def parts_of(result: object) -> list[Part]:
    """Return what a page of a result is made of. Raises TypeError for an object that is no result."""
    raise TypeError(f"{type(result).__name__} is no result")


@parts_of.register
def _shown(result: Shown) -> list[Part]:
    return [facts_of(result), Folded("as text", result.to_text())]


def facts_of(result: Shown) -> FactList:
    """Return the plain fields of a result that have a value."""
    return FactList(
        tuple(Fact(key, _words(value)) for key, value in result.brief().items() if value is not None)
    )


def _words(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return real(value)
    if isinstance(value, tuple | list | dict):
        return ", ".join(value) if all(isinstance(item, str) for item in value) else f"{len(value):,}"
    return str(value)
