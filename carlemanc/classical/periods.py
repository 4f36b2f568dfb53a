"""The period of a start along each axis of a lattice, from its rule; from its numbers only where these are the rule.

A wave cos(c pi i + f) with a rational c comes back after the least p for which c p is even; `walsh` and `bit` after the
power of two above their bits; what is made of parts, after the least common multiple of theirs. Everything else, and
whatever does not divide the extent, has the extent itself. Rational arithmetic: no wave is taken for periodic because
its values look so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.tree import INDICES, Constant, Node, Symbol, sizes_of, whole
from carlemanc.model.weights import Point, Weights, as_exact

LISTED = 2**20
"""Up to so many numbers of a list are compared with one another."""

Periods = tuple[int, ...]
"""One for each axis; the extent where there is none."""
_Form = dict[tuple[int, str], Fraction]
"""{(power of pi, index or ""): factor} of a sum."""


def periods_of(start: Point, dims: tuple[int, ...]) -> Periods:
    """Return the least known period of a start along each axis, a divisor of its extent."""
    if isinstance(start, FunctionWeights):
        found = _of_node(start.node, dims, _exact_sizes(dims))
        return tuple(period if size % period == 0 else size for period, size in zip(found, dims, strict=True))
    if isinstance(start, Weights):
        if start.is_constant:
            return (1,) * len(dims)
        return _of_list(start.as_array(), dims) if start.n <= LISTED else dims
    if isinstance(start, np.ndarray) and start.size <= LISTED:
        return _of_list(start, dims)
    return dims


def _of_list(values: FloatArray, dims: tuple[int, ...]) -> Periods:
    """Return the least periods of numbers that are given one by one: equal numbers are equal."""
    found = []
    for axis, size in enumerate(dims):
        rows = np.moveaxis(values.reshape(dims), axis, 0)
        divisors = (period for period in range(1, size) if size % period == 0)
        fits = (period for period in divisors if np.array_equal(rows[period:], rows[:-period]))
        found.append(next(fits, size))
    return tuple(found)


def _of_node(node: Node, dims: tuple[int, ...], sizes: Mapping[str, Fraction]) -> Periods:
    """Return periods, which need not divide the extents."""
    if isinstance(node, Constant):
        return (1,) * len(dims)
    if isinstance(node, Symbol):
        return _along(node.name, dims, None)
    if node.name in ("walsh", "bit", "bent", "interval"):
        index = node.parts[0]
        assert isinstance(index, Symbol)
        if node.name in ("bent", "interval"):
            return _along(index.name, dims, None)
        number = whole(node.parts[1], sizes_of(dims), "an argument")
        return _along(index.name, dims, 2 ** (number + 1 if node.name == "bit" else number.bit_length()))
    if node.name in ("cos", "sin"):
        wave = _of_wave(node.parts[0], dims, sizes)
        if wave is not None:
            return wave
    parts = [_of_node(part, dims, sizes) for part in node.parts]
    return tuple(math.lcm(*along) for along in zip(*parts, strict=True))


def _along(name: str, dims: tuple[int, ...], period: int | None) -> Periods:
    """Return a period along the axis of an index; of a size, and elsewhere, 1."""
    return tuple(
        (size if period is None else period) if INDICES[axis] == name else 1 for axis, size in enumerate(dims)
    )


def _of_wave(phase: Node, dims: tuple[int, ...], sizes: Mapping[str, Fraction]) -> Periods | None:
    """Return the periods of a wave whose phase is linear; None for another."""
    form = _form(phase, sizes)
    if form is None:
        return None
    periods = []
    for axis, size in enumerate(dims):
        name = INDICES[axis]
        plain, turns = form.get((0, name), Fraction(0)), form.get((1, name), Fraction(0)) / 2
        periods.append(size if plain else turns.denominator)
    return tuple(periods)


def _form(node: Node, sizes: Mapping[str, Fraction]) -> _Form | None:
    """Return a node as a sum of rational multiples of indices and 1, with pi or without; None where it is none."""
    if isinstance(node, Constant):
        return {(1, ""): Fraction(1)} if node.value == math.pi else {(0, ""): as_exact(node.value)}
    if isinstance(node, Symbol):
        return {(0, node.name): Fraction(1)} if node.name in INDICES else {(0, ""): sizes[node.name]}
    parts = [_form(part, sizes) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or node.name not in ("+", "*", "/"):
        return None
    first, second = known[0], known[1]
    if node.name == "+":
        return {
            key: first.get(key, Fraction(0)) + second.get(key, Fraction(0))
            for key in first.keys() | second.keys()
        }
    if node.name == "/":
        if set(second) != {(0, "")} or not second[0, ""]:
            return None
        return {key: value / second[0, ""] for key, value in first.items()}
    product: _Form = {}
    for (power, name), value in first.items():
        for (other, index), factor in second.items():
            if power + other > 1 or (name and index):
                return None
            key = power + other, name + index
            product[key] = product.get(key, Fraction(0)) + value * factor
    return product


def _exact_sizes(dims: tuple[int, ...]) -> dict[str, Fraction]:
    sizes = {f"n{axis}": Fraction(size) for axis, size in enumerate(dims, start=1)}
    return {**sizes, "n": Fraction(math.prod(dims))}
