"""The tree of a start written as a function of the site, and what its text alone decides.

Standard library only, so that a spec can be checked without numpy: constants are evaluated here, indices are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

INDICES = ("i", "j", "k")
"""The index of the first, second and third axis of the lattice."""
SMOOTH = {"exp": math.exp, "cos": math.cos, "sin": math.sin, "tanh": math.tanh}
"""Functions of a number."""
ON_BITS = {"walsh": 2, "bent": 1, "interval": 3, "bit": 2}
"""Functions of an index and of constants, and how many arguments they have."""
FUNCTIONS = {name: 1 for name in (*SMOOTH, "sign")} | ON_BITS
USAGE = {
    "walsh": "walsh(i, w): -1 where i and the constant w share an odd number of bits, else 1",
    "bent": "bent(i): -1 where an odd number of the bit pairs (0, 1), (2, 3), ... of i are both 1, else 1",
    "interval": "interval(i, a, b): 1 where a <= i < b, else 0; 0 <= a < b <= the extent of the axis",
    "bit": "bit(i, k): bit k of i, 0 or 1",
    "sign": "sign(x): -1, 0 or 1",
}


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, pi included."""

    value: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """An index, or the number of sites `n` (`n1`, ... of an axis)."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """`+`, `*`, `/`, `**` or a function of its parts; a power with a whole number keeps it as a `Constant`."""

    name: str
    parts: tuple[Node, ...]


Node: TypeAlias = Constant | Symbol | Apply


class Refused(ValueError):
    """A start that has no meaning, or no short circuit: what was found, and what would do."""

    def __init__(self, found: str, allowed: str, help: str = "") -> None:
        super().__init__(found)
        self.found, self.allowed, self.help = found, allowed, help


def walk(node: Node) -> Iterator[Node]:
    """Yield every node, parents before their parts."""
    yield node
    if isinstance(node, Apply):
        for part in node.parts:
            yield from walk(part)


def symbols(node: Node) -> frozenset[str]:
    """Return every name in use."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Symbol))


def is_constant(node: Node) -> bool:
    """Return whether no index occurs: the same number at every site."""
    return not symbols(node) & frozenset(INDICES)


def sizes_of(dims: tuple[int, ...]) -> dict[str, float]:
    """Return what n, n1, n2, ... stand for. Raises Refused beyond the range of a double."""
    extents = {f"n{axis}": extent for axis, extent in enumerate(dims, start=1)}
    try:
        return {name: float(size) for name, size in {**extents, "n": math.prod(dims)}.items()}
    except OverflowError:
        raise Refused("n beyond 1e308", "a number of sites that a double holds") from None


def constant_value(node: Node, sizes: Mapping[str, float]) -> float:
    """Return the value of a node without indices. Raises Refused where it has none, or no finite one."""
    match node:
        case Constant(value):
            return value
        case Symbol(name):
            return sizes[name]
    values = [constant_value(part, sizes) for part in node.parts]
    try:
        value = _applied(node.name, values)
    except OverflowError:
        value = math.inf
    except ZeroDivisionError:
        raise Refused("a division by zero", "divisors that are nowhere zero") from None
    if not math.isfinite(value):
        raise Refused("a number beyond 1e308", "finite numbers")
    return value


def _applied(name: str, values: list[float]) -> float:
    match name:
        case "+":
            return math.fsum(values)
        case "*":
            return math.prod(values)
        case "/":
            return values[0] / values[1]
        case "**":
            return _power(*values)
        case "sign":
            return float((values[0] > 0) - (values[0] < 0))
        case _:
            return SMOOTH[name](values[0])


def _power(base: float, exponent: float) -> float:
    if base < 0 and not exponent.is_integer():
        raise Refused(f"{base:g} to the power of {exponent:g}", "a power that is real")
    return float(base**exponent)


def whole(node: Node, sizes: Mapping[str, float], what: str) -> int:
    """Return the whole number that a constant argument is. Raises Refused elsewhere."""
    if not is_constant(node):
        raise Refused(f"{what} that depends on the site", "a constant")
    value = constant_value(node, sizes)
    if not value.is_integer():
        raise Refused(f"{what} of {value:g}", "a whole number")
    return int(value)


def affine(node: Node, sizes: Mapping[str, float]) -> dict[str, float] | None:
    """Return c of c[""] + sum c[index] index where a node is that, None elsewhere."""
    if is_constant(node):
        return {"": constant_value(node, sizes)}
    if isinstance(node, Symbol):
        return {node.name: 1.0, "": 0.0}
    if not isinstance(node, Apply):
        return None
    if node.name == "+":
        terms = [affine(part, sizes) for part in node.parts]
        known = [term for term in terms if term is not None]
        if len(known) < len(terms):
            return None
        return {name: math.fsum(t.get(name, 0.0) for t in known) for name in {n for t in known for n in t}}
    if node.name in ("*", "/"):
        moving = [part for part in node.parts if not is_constant(part)]
        rest = Apply(node.name, tuple(Constant(1.0) if part is moving[0] else part for part in node.parts))
        if len(moving) > 1 or not is_constant(rest) or (node.name == "/" and moving[0] is node.parts[1]):
            return None
        inner, factor = affine(moving[0], sizes), constant_value(rest, sizes)
        return None if inner is None else {name: factor * value for name, value in inner.items()}
    return None


def check(node: Node, dims: tuple[int, ...]) -> None:
    """Raise Refused where a constant has no value, an argument on bits no place, or an index no axis."""
    sizes = sizes_of(dims)
    for part in walk(node):
        if isinstance(part, Symbol) and part.name in INDICES[len(dims) :]:
            raise Refused(
                f"the index {part.name} of a lattice with {len(dims)} {'axis' if len(dims) == 1 else 'axes'}",
                f"the indices {', '.join(INDICES[: len(dims)])}",
                "give the extents of the lattice: model.dims",
            )
        if not isinstance(part, Apply):
            continue
        if is_constant(part):
            constant_value(part, sizes)
        elif part.name == "/" and is_constant(part.parts[1]) and constant_value(part.parts[1], sizes) == 0:
            raise Refused("a division by zero", "divisors that are nowhere zero")
        elif part.name in ON_BITS:
            _check_bits(part, dims, sizes)


def _check_bits(node: Apply, dims: tuple[int, ...], sizes: Mapping[str, float]) -> None:
    index = node.parts[0]
    assert isinstance(index, Symbol)
    extent = dims[INDICES.index(index.name)]
    bits = (extent - 1).bit_length()
    numbers = [whole(part, sizes, f"an argument of {node.name}") for part in node.parts[1:]]
    if node.name == "walsh" and not 0 <= numbers[0] < 1 << bits:
        raise Refused(
            f"walsh with w = {numbers[0]}", f"w from 0 to {(1 << bits) - 1}, the bits of {index.name}"
        )
    if node.name == "bit" and not 0 <= numbers[0] < max(bits, 1):
        raise Refused(f"bit {numbers[0]} of {index.name}", f"bits 0 to {max(bits, 1) - 1}")
    if node.name == "interval":
        low, high = numbers
        if not 0 <= low < high <= extent:
            kind = "the empty interval" if low >= high else "the interval"
            raise Refused(f"{kind} from {low} to {high}", f"0 <= a < b <= {extent}")
