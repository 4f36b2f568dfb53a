"""Tables that bloqs load: converters to the tuples that a hashable bloq holds, and the use of free entries."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def integers(values: Iterable[int]) -> tuple[int, ...]:
    """Return the values as a tuple of Python integers.

    >>> integers(range(3))
    (0, 1, 2)
    """
    return tuple(map(int, values))


def numbers(values: Iterable[float]) -> tuple[float, ...]:
    """Return the values as a tuple of Python floats."""
    return tuple(map(float, values))


def integer_rows(rows: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Return the rows of a table of integers as tuples."""
    return tuple(map(integers, rows))


def number_rows(rows: Iterable[Iterable[float]]) -> tuple[tuple[float, ...], ...]:
    """Return the rows of a table of floats as tuples."""
    return tuple(map(numbers, rows))


def fill_idle(values: npt.NDArray[np.generic], idle: npt.NDArray[np.bool_]) -> None:
    """Overwrite the idle entries of `values`, (rows, 2^d): each idle half takes the half beside it, small ones first.

    Equal halves cost a lookup or a multiplexed rotation nothing. `idle` is used up.
    """
    size = 1
    while size < values.shape[1]:
        pairs, unused = values.reshape(-1, 2, size), idle.reshape(-1, 2, size)
        for side in (0, 1):
            whole = unused[:, side].all(axis=1) & ~unused[:, 1 - side].all(axis=1)
            pairs[whole, side] = pairs[whole, 1 - side]
            unused[whole, side] = unused[whole, 1 - side]
        size *= 2
