"""The least integer from which on a condition holds."""

from __future__ import annotations

from collections.abc import Callable


def first_where(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least k in low..high from which on `holds` is true, None where it is false at `high`.

    By bisection: the condition is taken to hold from some k on.

    >>> first_where(lambda k: 2**k > 1000, 1, 200)
    10
    """
    if not holds(high):
        return None
    if holds(low):
        return low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
