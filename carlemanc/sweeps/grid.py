"""The grid of a sweep: `KEY=VALUES` texts, each an axis; the points are their product, the last axis fastest."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.spec.overrides import is_unicode, key_path
from carlemanc.spec.toml_text import parse_value

MAX_POINTS = 1_000_000
MAX_DIGITS = 60
"""Of a power."""
_FORM = "KEY=VALUES: values joined by commas, a..b for integers, a..b:s in steps of s, 2^4..2^27 for powers"
_POWERS = re.compile(r"([0-9]{1,18})\^([0-9]{1,18})\.\.\1\^([0-9]{1,18})")
_POWER = re.compile(r"([0-9]{1,18})\^([0-9]{1,18})")
_RANGE = re.compile(r"(-?[0-9]{1,18})\.\.(-?[0-9]{1,18})(?::([1-9][0-9]{0,17}))?")

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_SHOWN = 80
_HALF_RANGE = re.compile(r"-?[0-9^]+\.\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridAxis:
    """One key and the texts it takes, each as `--set` would have it."""

    key: str
    values: tuple[str, ...]


def parse_axis(text: str) -> GridAxis:
    """Return the axis of one `--over`.

    `10,100,1000` is a list, `3..7` the integers from 3 to 7, `10..1000:10` those in steps of 10,
    `2^4..2^27` the powers with exponents from 4 to 27, and all of these mix: `1,2^3..2^5`. Commas inside
    quotes or brackets do not separate.

    Two values are the same where `--set` would read the same from them: `1e-2,0.01`, `1000,1e3`, `qsvt,"qsvt"`.

    Raises InputError for anything else, and for an axis of more than MAX_POINTS values.
    """
    if not is_unicode(text):
        raise _refused(text, "bytes that are no UTF-8")
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise _refused(text, "no KEY=VALUES")
    found: list[str] = []
    for part in _split(values):
        if not part:
            raise _refused(text, "an empty value")
        if _size(part) + len(found) > MAX_POINTS:
            raise _refused(text, f"more than {MAX_POINTS:,} values")
        if _digits(part) > MAX_DIGITS:
            raise _refused(
                text, f"{part[:40]}, a number of about {_digits(part):,} digits, above {MAX_DIGITS}"
            )
        if _HALF_RANGE.match(part) and not _RANGE.fullmatch(part) and not _POWERS.fullmatch(part):
            raise _refused(text, f"{part}, which is no range")
        new = _expanded(part)
        if not new:
            raise _refused(text, f"the empty range {part}")
        found.extend(new)
    if (twice := _equal(found)) is not None:
        raise _refused(text, f"a value given twice: {' and '.join(twice)}")
    return GridAxis(key=key.strip(), values=tuple(found))


def grid_points(axes: Sequence[GridAxis]) -> Iterator[tuple[str, ...]]:
    """Yield the `KEY=VALUE` texts of every point.

    Raises InputError without an axis, for a key given twice and for more than MAX_POINTS points.
    """
    if not axes:
        raise InputError("a sweep needs an axis", [Problem(where="--over", found="nothing", allowed=_FORM)])
    keys = [axis.key for axis in axes]
    for one, other in itertools.combinations(keys, 2):
        if meet(one, other):
            raise _refused(f"{other}=", "the same key twice" if one == other else f"a part of the key {one}")
    if grid_size(axes) > MAX_POINTS:
        raise _refused(keys[-1], f"{grid_size(axes):,} points, more than {MAX_POINTS:,}")
    return (
        tuple(f"{key}={value}" for key, value in zip(keys, values, strict=True))
        for values in itertools.product(*(axis.values for axis in axes))
    )


def meet(one: str, other: str) -> bool:
    """Return whether two dotted keys are the same, or one is a part of the other.

    >>> meet("training.steps", 'training."steps"'), meet("training", "training.steps"), meet("model.n", "model.m")
    (True, True, False)
    """
    first, second = (key_path(f"{key}=") or (key,) for key in (one, other))
    depth = min(len(first), len(second))
    return first[:depth] == second[:depth]


def grid_size(axes: Iterable[GridAxis]) -> int:
    """Return the number of points."""
    return math.prod(len(axis.values) for axis in axes)


def _split(values: str) -> list[str]:
    """Split at commas outside quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for position, sign in enumerate(values):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(values[start:position].strip())
            start = position + 1
    return [*parts, values[start:].strip()]


def _equal(values: Iterable[str]) -> tuple[str, str] | None:
    """The first two texts that stand for the same value."""
    seen: dict[Hashable, str] = {}
    for text in values:
        identity = _identity(_read(text))
        if identity in seen:
            return seen[identity], text
        seen[identity] = text
    return None


def _read(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return parse_value(text)
    except InputError as error:
        raise _refused(text, error.problems[0].found) from None


def _identity(value: object) -> Hashable:
    """The same for equal values and for no others: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, dict):
        return "table", tuple(sorted((key, _identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return "list", tuple(map(_identity, value))
    if isinstance(value, float) and math.isnan(value):
        return "number", "nan"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number", value
    return type(value).__name__, value


def _size(part: str) -> int:
    """An upper bound on the number of values, before they are made."""
    if (found := _RANGE.fullmatch(part)) is not None:
        low, high, step = int(found[1]), int(found[2]), int(found[3] or 1)
        return max(0, (high - low) // step + 1)
    return 10_000 if _POWERS.fullmatch(part) else 1


def _digits(part: str) -> int:
    """Return about how many digits the largest power has that a value asks for."""
    found = _POWERS.fullmatch(part) or _POWER.fullmatch(part)
    if found is None:
        return 0
    return int(max(map(int, found.groups()[1:])) * math.log10(max(2, int(found[1]))))


def _expanded(part: str) -> list[str]:
    if (found := _POWERS.fullmatch(part)) is not None:
        base, low, high = int(found[1]), int(found[2]), int(found[3])
        return [str(base**exponent) for exponent in range(low, high + 1)]
    if (found := _POWER.fullmatch(part)) is not None:
        return [str(int(found[1]) ** int(found[2]))]
    if (found := _RANGE.fullmatch(part)) is not None:
        return [str(value) for value in range(int(found[1]), int(found[2]) + 1, int(found[3] or 1))]
    return [part]


def _refused(text: str, found: str) -> InputError:
    where = f"--over {text if len(text) <= _SHOWN else f'{text[:_SHOWN]} ...'}"
    return InputError("the grid cannot be read", [Problem(where=where, found=found, allowed=_FORM)])
