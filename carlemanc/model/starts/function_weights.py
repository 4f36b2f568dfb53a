"""Initial weights that are a function of the site: values at any sites, norms and the train of a loader, at any n."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.starts.built import train_of
from carlemanc.model.starts.train import Train
from carlemanc.model.starts.tree import (
    INDICES,
    Apply,
    Constant,
    Node,
    Symbol,
    check,
    constant_value,
    is_constant,
    sizes_of,
    whole,
)
from carlemanc.model.starts.values import largest, values_at
from carlemanc.model.weights import DenseWeights, Weights, check_array_size

LISTED = 1 << 16
"""Up to this many sites a start that is zero elsewhere is also known by its list."""
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class FunctionWeights(DenseWeights):
    """theta_s(0) = f(s).

    Attributes:
        dims: extents of the lattice; (n,) where there is none.
        text: as it was written, for messages.
        node: f.
        train: f on the bits of the site, 0 beyond n.
    """

    dims: tuple[int, ...]
    text: str
    node: Node
    train: Train

    def at(self, sites: IntArray) -> FloatArray:
        """Return the values at sites, each from the function itself."""
        return values_at(self.node, self.dims, sites)

    def norm(self, kind: str = "2") -> float:
        """Return the 2-norm by contraction, or for `kind` = "inf" an upper bound of the maximum (proved)."""
        return self._norms[kind]

    @cached_property
    def _norms(self) -> dict[str, float]:
        two = self.train.norm()
        return {"2": two, "inf": min(two, largest(self.node, self.dims))}

    def as_array(self) -> FloatArray:
        """Return all n values. Raises TooLarge above `ARRAY_LIMIT`."""
        check_array_size(self.n)
        starts = range(0, self.n, _CHUNK)
        return np.concatenate([self.at(np.arange(first, min(first + _CHUNK, self.n))) for first in starts])

    @property
    def interval(self) -> tuple[int, int, int] | None:
        """(low, high, sign) where the function is a constant times one interval of a chain, None elsewhere."""
        constants, rest, pending = [], [], [self.node]
        while pending:
            node = pending.pop()
            if isinstance(node, Apply) and node.name == "*":
                pending += node.parts
            elif is_constant(node):
                constants.append(constant_value(node, sizes_of(self.dims)))
            else:
                rest.append(node)
        if len(rest) != 1 or len(self.dims) > 1:
            return None
        found = rest[0]
        if not isinstance(found, Apply) or found.name != "interval":
            return None
        ((low, high),) = _box(found, self.dims)
        return low, high, -1 if sum(value < 0 for value in constants) % 2 else 1

    def prominent(self) -> tuple[int, float]:
        """Return the site that is reached by taking, bit after bit, the half with more weight, and its value."""
        row, site = np.ones((1, 1)), 0
        for core in self.train.cores:
            halves = [row @ core[:, bit] for bit in (0, 1)]
            bit = int(np.linalg.norm(halves[1]) > np.linalg.norm(halves[0]) * (1 + 1e-9))
            row, site = halves[bit], 2 * site + bit
        return site, float(self.at(np.array([site]))[0])

    def minus_constant(self, value: float) -> FunctionWeights:
        """Return the function less a number."""
        if not value:
            return self
        node = Apply("+", (self.node, Constant(-value)))
        return replace(self, text=f"{self.text} - {value:g}", node=node, train=train_of(node, self.dims))

    def sparse(self) -> Weights | None:
        """Return the values by site where intervals leave `LISTED` at most, None elsewhere."""
        return self._sparse

    @cached_property
    def _sparse(self) -> Weights | None:
        box = _box(self.node, self.dims)
        count = 1
        for low, high in box:
            count *= high - low
        if not 0 < count <= min(LISTED, self.n - 1):
            return None
        sites: IntArray = np.zeros(1, dtype=np.int64)
        for (low, high), extent in zip(box, self.dims, strict=True):
            sites = (sites[:, None] * extent + np.arange(low, high)).reshape(-1)
        values = self.at(sites)
        live = np.flatnonzero(values)
        return Weights(n=self.n, fill=0.0, sites=sites[live], values=values[live])


def function_weights(text: str, node: Node, dims: tuple[int, ...]) -> FunctionWeights | Weights:
    """Return the weights of an accepted start; plain ones where it is the same everywhere, or nothing.

    Raises Refused where it has no meaning or no low rank.
    """
    check(node, dims)
    n = 1
    for extent in dims:
        n *= extent
    if is_constant(node) or n == 1:
        return Weights.constant(n, float(values_at(node, dims, np.zeros(1, dtype=np.int64))[0]))
    train = train_of(node, dims)
    if train.norm() == 0.0:
        return Weights.constant(n)
    return FunctionWeights(n=n, dims=dims, text=text, node=node, train=train)


def _box(node: Node, dims: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return intervals, one an axis, outside of which a function is zero by its intervals."""
    whole_box = [(0, extent) for extent in dims]
    if not isinstance(node, Apply):
        return whole_box
    if node.name == "interval":
        index = node.parts[0]
        assert isinstance(index, Symbol)
        low, high = (whole(part, sizes_of(dims), "an argument") for part in node.parts[1:])
        whole_box[INDICES.index(index.name)] = (low, high)
        return whole_box
    boxes = [_box(part, dims) for part in node.parts]
    if node.name == "*":
        return [(max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(*boxes, strict=True)]
    if node.name == "/":
        return boxes[0]
    if node.name == "+":
        return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(*boxes, strict=True)]
    return whole_box
