"""Converters of tables to the tuples that a hashable bloq holds."""

from __future__ import annotations

from collections.abc import Iterable


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
