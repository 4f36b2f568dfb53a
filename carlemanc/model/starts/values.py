"""A start at sites, one number each, and an upper bound of it at all sites: numpy, nothing of size n."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.starts.tree import (
    INDICES,
    Apply,
    Constant,
    Node,
    Refused,
    Symbol,
    constant_value,
    is_constant,
    sizes_of,
    whole,
)

Range = tuple[float, float]
_NUMPY: dict[str, Callable[[FloatArray], FloatArray]] = {
    "exp": np.exp,
    "cos": np.cos,
    "sin": np.sin,
    "tanh": np.tanh,
    "sign": np.sign,
}


def values_at(node: Node, dims: tuple[int, ...], sites: IntArray) -> FloatArray:
    """Return the values at sites of any shape. Raises Refused where one is not finite."""
    parts = np.unravel_index(np.asarray(sites, dtype=np.int64), dims) if len(dims) > 1 else (sites,)
    places = {name: np.asarray(part, dtype=np.int64) for name, part in zip(INDICES, parts, strict=False)}
    with np.errstate(all="ignore"):
        found = np.asarray(_evaluated(node, sizes_of(dims), places), dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(found.reshape(-1)))
    if wrong.size:
        site = int(np.broadcast_to(sites, found.shape).reshape(-1)[wrong[0]])
        raise Refused(f"{found.reshape(-1)[wrong[0]]:g} at site {site}", "a finite number at every site")
    return np.array(np.broadcast_to(found, np.shape(sites)))


def _evaluated(node: Node, sizes: Mapping[str, float], places: Mapping[str, IntArray]) -> FloatArray:
    match node:
        case Constant(value):
            return np.asarray(value, dtype=np.float64)
        case Symbol(name):
            return np.asarray(places.get(name, sizes.get(name)), dtype=np.float64)
    if node.name in ("walsh", "bent", "interval", "bit"):
        index = node.parts[0]
        assert isinstance(index, Symbol)
        numbers = [whole(part, sizes, "an argument") for part in node.parts[1:]]
        return _on_bits(node.name, places[index.name], numbers)
    values = [_evaluated(part, sizes, places) for part in node.parts]
    match node.name:
        case "+":
            return np.asarray(reduce(np.add, values))
        case "*":
            return np.asarray(reduce(np.multiply, values))
        case "/":
            return np.asarray(values[0] / values[1])
        case "**":
            return np.asarray(np.power(values[0], values[1]))
        case _:
            return np.asarray(_NUMPY[node.name](values[0]))


def _on_bits(name: str, index: IntArray, numbers: list[int]) -> FloatArray:
    if name == "interval":
        return ((index >= numbers[0]) & (index < numbers[1])).astype(np.float64)
    if name == "bit":
        return (index >> numbers[0] & 1).astype(np.float64)
    if name == "walsh":
        shared = index & numbers[0]
    else:  # bit 2k of i & i >> 1 is [bits 2k and 2k + 1 are both 1]
        shared = index & index >> 1 & 0x5555_5555_5555_5555
    return np.asarray(1.0 - 2.0 * (np.bitwise_count(shared) & 1), dtype=np.float64)


def largest(node: Node, dims: tuple[int, ...]) -> float:
    """Return an upper bound of |f| over all sites, by interval arithmetic: proved; inf where none is found.

    It is the maximum itself for a product or a sum whose parts reach theirs together.
    """
    with np.errstate(all="ignore"):
        low, high = _range(node, dims, sizes_of(dims))
    bound = max(abs(low), abs(high))
    return bound if math.isfinite(bound) else math.inf


def _range(node: Node, dims: tuple[int, ...], sizes: Mapping[str, float]) -> Range:
    if is_constant(node):
        value = constant_value(node, sizes)
        return value, value
    if isinstance(node, Symbol):
        return 0.0, float(dims[INDICES.index(node.name)] - 1)
    assert isinstance(node, Apply)
    if node.name in ("interval", "bit"):
        return 0.0, 1.0
    if node.name in ("walsh", "bent", "sign"):
        return -1.0, 1.0
    parts = [_range(part, dims, sizes) for part in node.parts]
    try:
        return _combined(node, parts)
    except OverflowError:
        return -math.inf, math.inf


def _combined(node: Apply, parts: list[Range]) -> Range:
    (low, high), *rest = parts
    match node.name:
        case "+":
            return low + rest[0][0], high + rest[0][1]
        case "*":
            ends = [a * b for a in (low, high) for b in rest[0]]
            return _ends(ends)
        case "/":
            if rest[0][0] <= 0.0 <= rest[0][1]:
                return -math.inf, math.inf
            return _ends([a / b for a in (low, high) for b in rest[0]])
        case "**" if is_constant(node.parts[0]):
            return _ends([low**exponent for exponent in rest[0]])
        case "**":
            exponent = int(rest[0][0])
            ends = [low**exponent, high**exponent]
            return _ends([*ends, 0.0] if low < 0.0 < high else ends)
        case "exp":
            return math.exp(low), math.exp(high)
        case "tanh":
            return math.tanh(low), math.tanh(high)
        case _:
            return -1.0, 1.0


def _ends(values: list[float]) -> Range:
    if any(math.isnan(value) for value in values):
        return -math.inf, math.inf
    return min(values), max(values)
