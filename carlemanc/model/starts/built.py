"""From the tree of a start to its tensor train: exact where ranks are known, from samples elsewhere, then checked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.starts.crossed import around, crossed
from carlemanc.model.starts.exact_trains import Grid
from carlemanc.model.starts.train import Train
from carlemanc.model.starts.tree import (
    INDICES,
    ON_BITS,
    Apply,
    Constant,
    Node,
    Refused,
    Symbol,
    affine,
    constant_value,
    is_constant,
    sizes_of,
    walk,
    whole,
)
from carlemanc.model.starts.values import values_at

MOST_RANK = 32
"""The largest rank that is loaded: 1,024 rotations a bit."""
CHECKED = 2_000
"""Random sites at which a train is compared with its function, beside those around its special sites."""
AGREEMENT = 1e-12
"""How far it may be off there, as a share of the 2-norm: the error of an amplitude. A wave of many radians is known
less well in double precision, by one rounding of its phase, and may be off by four of these."""
_ULP = 2.0**-52
_SEED = 20240616
_WAY_ON = (
    "write it with functions of small rank (see carlemanc schema), or give the list of values (a .npy file), which "
    "is priced by lookup where only counts are asked"
)


def train_of(node: Node, dims: tuple[int, ...]) -> Train:
    """Return the train of a start on all bits of a lattice, 0 beyond its sites, rounded.

    Raises Refused where it has no low rank, no finite value somewhere, or the lattice no such bits.
    """
    for axis, extent in enumerate(dims[1:], start=1):
        if extent & extent - 1:
            raise Refused(
                f"an extent of {extent} along {INDICES[axis]}",
                "powers of two for all axes but the first: then sites are bits",
            )
    builder = _Builder(Grid(dims=dims))
    train = builder.build(node)
    if dims[0] < 1 << builder.grid.bits_of_axes[0]:
        train = train.times(builder.grid.interval("i", 0, dims[0]))
    train = builder.limited(train)
    builder.check(node, train)
    return train


class _Builder:
    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._dims, self._sizes = grid.dims, sizes_of(grid.dims)

    def build(self, node: Node) -> Train:
        """Return the train of a node, rounded."""
        if is_constant(node):
            return self.grid.constant(constant_value(node, self._sizes))
        line = affine(node, self._sizes)
        if line is not None:
            return self.grid.affine(line)
        assert isinstance(node, Apply)
        if node.name in ON_BITS:
            index = node.parts[0]
            assert isinstance(index, Symbol)
            numbers = [whole(part, self._sizes, "an argument") for part in node.parts[1:]]
            return self.grid.on_bits(node.name, index.name, numbers)
        match node.name:
            case "+":
                return self.limited(self.build(node.parts[0]).plus(self.build(node.parts[1])))
            case "*":
                return self.limited(self.build(node.parts[0]).times(self.build(node.parts[1])))
            case "/" if is_constant(node.parts[1]):
                return self.build(node.parts[0]).scaled(1.0 / constant_value(node.parts[1], self._sizes))
            case "**":
                return self._power(node)
            case "exp" | "cos" | "sin" | "sign":
                return self._of_line(node)
        return self._sampled(node)

    def _power(self, node: Apply) -> Train:
        base, exponent = node.parts
        if is_constant(base):
            value = constant_value(base, self._sizes)
            if value <= 0.0:
                raise Refused(
                    f"{value:g} to the power of something", "a base above 0", "(-1)**i is walsh(i, 1)"
                )
            return self.build(Apply("exp", (Apply("*", (Constant(float(np.log(value))), exponent)),)))
        count = whole(exponent, self._sizes, "an exponent")
        train, power = self.grid.constant(1.0), self.build(base)
        for _ in range(count):
            train = self.limited(train.times(power))
        return train

    def _of_line(self, node: Apply) -> Train:
        """A function of an affine argument has a known train; of any other it is sampled."""
        line = affine(node.parts[0], self._sizes)
        if line is None:
            return self._sampled(node)
        if node.name == "exp":
            return self.grid.exponential(line)
        if node.name == "sign":
            moving = [name for name in line if name and line[name]]
            return self._step(node, moving[0], line[moving[0]]) if len(moving) == 1 else self._sampled(node)
        phase = line.get("", 0.0) - (np.pi / 2 if node.name == "sin" else 0.0)
        return self.grid.cosine({**line, "": float(phase)})

    def _step(self, node: Apply, index: str, slope: float) -> Train:
        """The sign of a line along one axis, which changes at most once."""
        axis = INDICES.index(index)
        extent, stride = self._dims[axis], int(np.prod(self._dims[axis + 1 :], dtype=object))

        def first(least: int) -> int:
            """Return the first place where the sign, times that of the slope, is at least so much."""
            low, high = 0, extent
            while low < high:
                middle = (low + high) // 2
                sign = float(values_at(node, self._dims, np.array([middle * stride]))[0])
                low, high = (low, middle) if sign * np.sign(slope) >= least else (middle + 1, high)
            return low

        zero, above = first(0), first(1)
        train = self.grid.constant(0.0)
        for low, high, value in ((above, extent, 1.0), (0, zero, -1.0)):
            if low < high:
                train = train.plus(self.grid.interval(index, low, high).scaled(value * float(np.sign(slope))))
        return self.limited(train)

    def _sampled(self, node: Node) -> Train:
        found = crossed(lambda sites: self._values(node, sites), self.grid.bits, self._special(node))
        if isinstance(found, int):
            raise self._no_circuit(found)
        return self.limited(found)

    def _values(self, node: Node, sites: IntArray) -> FloatArray:
        """Values at the sites of all bits; beyond the first axis those of its last site."""
        inner = int(np.prod(self._dims[1:], dtype=object))
        outer = np.minimum(sites // inner, self._dims[0] - 1)
        return values_at(node, self._dims, outer * inner + sites % inner)

    def _special(self, node: Node) -> Iterator[int]:
        """Sites where a part of the function changes sign or scale: zeros of its lines, one axis at a time."""
        for part in walk(node):
            line = None if is_constant(part) else affine(part, self._sizes)
            if line is None:
                continue
            for axis, extent in enumerate(self._dims):
                slope = line.get(INDICES[axis], 0.0)
                place = -line.get("", 0.0) / slope if slope else 0.0
                if 0 <= place < extent:
                    yield int(place) * int(np.prod(self._dims[axis + 1 :], dtype=object))

    def _phase(self, node: Node) -> float:
        """The most radians that a wave in a function goes through."""
        waves = [
            part.parts[0] for part in walk(node) if isinstance(part, Apply) and part.name in ("cos", "sin")
        ]
        lines = [affine(wave, self._sizes) or {} for wave in waves]
        ends = [
            abs(line.get(i, 0.0)) * extent
            for line in lines
            for i, extent in zip(INDICES, self._dims, strict=False)
        ]
        return max([*ends, *[abs(line.get("", 0.0)) for line in lines]], default=0.0)

    def limited(self, train: Train) -> Train:
        """Return the train rounded. Raises Refused where its rank is beyond `MOST_RANK`."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                rounded = train.rounded()
        except OverflowError:
            raise Refused("numbers beyond 1e308", "finite numbers") from None
        if rounded.rank > MOST_RANK:
            raise self._no_circuit(rounded.rank)
        return rounded

    def _no_circuit(self, rank: int) -> Refused:
        most = 2 ** (self.grid.bits // 2)
        found = f"a function of rank {rank} or more (of {most:,} at most) between the bits of the site"
        return Refused(found, f"rank {MOST_RANK} at most: no short circuit is known for more", _WAY_ON)

    def check(self, node: Node, train: Train) -> None:
        """Compare the train with the function at random sites, and around its special ones."""
        n = int(np.prod(self._dims, dtype=object))
        bits = self.grid.bits
        near = around([0, n - 1, *self._special(node)], bits)
        drawn = np.random.default_rng(_SEED).integers(n, size=CHECKED)
        sites = np.concatenate([near[near < n], drawn]) if n > CHECKED else np.arange(n)
        wanted = values_at(node, self._dims, sites)
        off = float(np.abs(train.at(sites) - wanted).max())
        size = max(train.norm(), float(np.abs(wanted).max()))
        if off > AGREEMENT * size + 4 * _ULP * self._phase(node) * float(np.abs(wanted).max()):
            raise Refused(
                f"samples that rank {train.rank} does not explain: off by {off / max(size, 1e-300):.1e} of the norm",
                "a function that few ranks describe everywhere",
                _WAY_ON,
            )
