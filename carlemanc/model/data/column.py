"""A column of a data source: finite numbers, and the first value that is none.

What a number is, is decided here and nowhere else: in a text, ASCII digits with an optional sign, decimal point and
exponent (`float` would take 1_000, the digits of every script, nan and inf as well); in a typed file, integers,
floating-point numbers and decimals, and booleans as 0 and 1. Dates, times, durations, bytes, categories and nested
values are none, whatever integer a library keeps them as.
"""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import Array, FloatArray

SPACE = " \t"
"""What may stand around a number in a text."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_ZERO = re.compile(r"[+-]?[0.]*[1-9]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberColumn:
    """Numbers of a column.

    Attributes:
        values: (rows,) float64; nothing from `fault` on is meant to be used.
        fault: row, counted from 0, and text of the first value that is no finite number; None where all are.
    """

    values: FloatArray
    fault: tuple[int, str] | None = None


def number_in(text: str) -> float | None:
    """Return the finite number that a text is, or None.

    >>> number_in(" -1.5e3"), number_in("1_000"), number_in("1e400"), number_in("1e-400")
    (-1500.0, None, None, None)
    """
    stripped = text.strip(SPACE)
    if _NUMBER.fullmatch(stripped) is None:
        return None
    value = float(stripped)
    lost = value == 0.0 and _NOT_ZERO.match(stripped) is not None
    return None if lost or not math.isfinite(value) else value


class TextColumn:
    """A column that is read field by field."""

    def __init__(self) -> None:
        self._values = array("d")
        self._fault: tuple[int, str] | None = None

    def add(self, text: str) -> None:
        """Take the field of the next row."""
        value = number_in(text)
        if value is None and self._fault is None:
            self._fault = (len(self._values), text.strip(SPACE)[:40])
        self._values.append(0.0 if value is None else value)

    def column(self) -> NumberColumn:
        """Return what was read."""
        return NumberColumn(values=np.array(self._values), fault=self._fault)


def numeric_column(values: Array) -> NumberColumn:
    """Return a column of real numbers of any type of numpy."""
    with np.errstate(over="ignore", under="ignore"):
        numbers = values.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers) | ((numbers == 0) & (values != 0)))
    return NumberColumn(values=numbers, fault=(int(wrong[0]), str(values[wrong[0]])) if len(wrong) else None)


def column_of_no_numbers(rows: int, kind: str) -> NumberColumn:
    """Return a column of another type: its first value is a fault."""
    return NumberColumn(values=np.zeros(rows), fault=(0, f"a value of type {kind}"))
