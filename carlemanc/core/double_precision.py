"""Double precision: the nearest double of an exact number, and the guard around work on a stranger's numbers.

Under the guard what overflows is refused, not carried on as infinity. Where a formula may overflow and means it (a
bound that is then infinite), the code says so with `numpy.errstate`, and nothing is seen here. Everywhere else an
infinity or NaN that arithmetic makes would spread without a word.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from carlemanc.core.errors import InputError, Problem

if TYPE_CHECKING:
    from fractions import Fraction

_ARITHMETIC = r"(?:overflow|invalid value|divide by zero) encountered"


@contextmanager
def within_double_precision() -> Iterator[None]:
    """Run the block; an overflow, an undefined operation or an integer that no double holds ends it.

    Raises InputError in their place.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=_ARITHMETIC, category=RuntimeWarning)
        try:
            yield
        except (OverflowError, FloatingPointError, RuntimeWarning) as error:
            problem = Problem(
                where="the numbers of the spec",
                found=f"arithmetic that leaves double precision ({_reason(error)})",
                allowed="numbers whose products stay between about 1e-308 and 1e308",
                help="measure the weights in another unit; look for a huge learning_rate, start or parameter",
            )
            raise InputError("the numbers are too large or too small to compute with", [problem]) from error


def as_float(value: float | Fraction) -> float:
    """Return the nearest float, infinite beyond the range of floats."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).partition(" encountered")[0][:80]
