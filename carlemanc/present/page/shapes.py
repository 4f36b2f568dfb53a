"""The form that a document must have to be reported on, and what in a document has another one.

A shape is a small description: a `Leaf`, or `Each`, `Values`, `Fields` of shapes. A value may be null, which means that
it is not known, but for the document itself, the items of a list, the fields that are `needed` and the values of a
table that are all `known`; keys that a shape does not name are left alone.
Whatever the shape, every number is finite, every text Unicode, and nesting has an end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_HEXADECIMAL = frozenset("0123456789abcdef")
DEEPEST = 40
"""Of tables and lists inside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A value of another form: the path of its key, what was found, what is allowed."""

    path: str
    found: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without values inside that matter: what is allowed, in words, and whether a value is that."""

    words: str
    fits: Callable[[Any], bool]


ANYTHING = Leaf("any value", lambda value: True)
FLAG = Leaf("true or false", lambda value: isinstance(value, bool))
TEXT = Leaf("a text", lambda value: isinstance(value, str))


def only(text: str) -> Leaf:
    """Return the shape of this text alone."""
    return Leaf(f'"{text}", of this version of carlemanc', lambda value: value == text)


def digest(digits: int) -> Leaf:
    """Return the shape of the first hexadecimal digits of a SHA-256."""
    return Leaf(
        f"{digits} hexadecimal digits",
        lambda value: isinstance(value, str) and len(value) == digits and set(value) <= _HEXADECIMAL,
    )


def whole(least: int = 0) -> Leaf:
    """Return the shape of an integer, at least `least`."""
    return Leaf(
        f"an integer from {least} on",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
    )


def real(least: float = -math.inf, most: float = math.inf) -> Leaf:
    """Return the shape of a number between two; that it is finite is asked of every number."""
    low = f", at least {least:g}" if least > -math.inf else ""
    return Leaf(
        f"a number{low}{f', at most {most:g}' if most < math.inf else ''}",
        lambda value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and not (value < least or value > most)
        ),
    )


@dataclass(frozen=True, slots=True)
class Each:
    """A list whose items have one shape, and none is null."""

    item: Shape
    words: str = "a list"


@dataclass(frozen=True, slots=True)
class Values:
    """A table of any keys whose values have one shape; where they are `known`, none is null."""

    item: Shape
    known: bool = False
    words: str = "a table"


@dataclass(frozen=True, slots=True)
class Fields:
    """A table with a shape for each of these keys; those that are `needed` stand in it and are not null."""

    shapes: Mapping[str, Shape]
    needed: frozenset[str] = field(default_factory=frozenset)
    words: str = "a table"


Shape = Leaf | Each | Values | Fields


def faults(value: object, shape: Shape, path: str = "") -> Iterator[Fault]:
    """Yield what in a document, as `json.loads` returns it, has another form than a shape."""
    yield from _values(value, path, 0)
    yield from _known(value, shape, path)


def _values(value: object, path: str, depth: int) -> Iterator[Fault]:
    """Yield numbers and texts that no result has, and nesting beyond the limit."""
    if depth > DEEPEST:
        yield Fault(path=path, found=f"more than {DEEPEST} tables inside each other", allowed="fewer")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(key, _below(path, key), depth)
            yield from _values(item, _below(path, key), depth + 1)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _values(item, f"{path}[{place}]", depth + 1)
    elif isinstance(value, str):
        if _NO_CHARACTER.search(value):
            yield Fault(path=path, found="halves of characters", allowed="a text in Unicode")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Fault(path=path, found=str(value), allowed="a finite number, or null where it is not known")


def _known(value: object, shape: Shape, path: str) -> Iterator[Fault]:
    """Yield the faults of a value that has to be there."""
    if value is None:
        yield Fault(path=path, found="null", allowed=shape.words)
    else:
        yield from _forms(value, shape, path)


def _forms(value: Any, shape: Shape, path: str) -> Iterator[Fault]:
    if value is None:
        return
    kind = list if isinstance(shape, Each) else Mapping
    if not (shape.fits(value) if isinstance(shape, Leaf) else isinstance(value, kind)):
        yield Fault(path=path, found=_shown(value), allowed=shape.words)
    elif isinstance(shape, Each):
        for place, item in enumerate(value):
            yield from _known(item, shape.item, f"{path}[{place}]")
    elif isinstance(shape, Values):
        for key, item in value.items():
            yield from (_known if shape.known else _forms)(item, shape.item, _below(path, key))
    elif isinstance(shape, Fields):
        for key in sorted(shape.needed):
            if value.get(key) is None:
                found = "null" if key in value else "nothing"
                yield Fault(path=_below(path, key), found=found, allowed=shape.shapes[key].words)
        for key, inner in shape.shapes.items():
            yield from _forms(value.get(key), inner, _below(path, key))


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else f"{text[:56]} ..."
