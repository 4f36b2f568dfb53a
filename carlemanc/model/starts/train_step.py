"""Gradient descent on a lattice while theta is a tensor train: one step, its error, its cost; nothing of size n.

Stencils shift a train (an addition on the bits of an axis, rank 2), products of trains are trains, and each is rounded
back. Smooth and periodic starts keep small ranks while they are trained; others end here, and bounds go on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.lattice.sites import Box, Offset
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.starts.exact_trains import Grid
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.train import Train
from carlemanc.model.starts.train_tally import Tally
from carlemanc.model.starts.tree import INDICES
from carlemanc.model.weights import DenseWeights, check_array_size

TOLERANCE = 1e-8
"""Share of the norm that a rounding leaves out at each cut."""
MOST_RANK = 48
"""Ranks beyond which a train is followed no further."""
_CALL = 20_000.0
"""What a factorization of a small core costs, whatever its size."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainWeights(DenseWeights):
    """Weights within `error` of a train.

    Attributes:
        dims: extents of the lattice.
        train: on the bits of the site.
        error: bound of the 2-norm of what the train lacks, by the sums of what was rounded away.
        largest: bound of the maximum norm.
        flops: of the steps that led here.
        followed_rank: the largest rank of a train on the way.
    """

    dims: tuple[int, ...]
    train: Train
    error: float
    largest: float
    flops: int = 0
    followed_rank: int = 1

    def norm(self, kind: str = "2") -> float:
        """Return an upper bound of the norm, within `error` of it for the 2-norm."""
        two = self.train.norm() + self.error
        return two if kind == "2" else min(two, self.largest)

    def as_array(self) -> FloatArray:
        """Return all n values of the train. Raises TooLarge above `ARRAY_LIMIT`."""
        check_array_size(self.n)
        return self.train.at(np.arange(self.n))


def train_weights(start: FunctionWeights) -> TrainWeights:
    """Return a start in the form that `train_step` takes."""
    train = start.train.rounded(TOLERANCE)
    return TrainWeights(
        n=start.n,
        dims=start.dims,
        train=train,
        error=TOLERANCE * math.sqrt(train.bits) * start.norm(),
        largest=start.norm("inf"),
        followed_rank=train.rank,
    )


def has_trains(map: PolynomialMap) -> bool:
    """Return whether `train_step` has this map: stencils alone, on extents that bits count."""
    lattice = map.lattice
    if map.is_shaped or lattice is None or any(extent & extent - 1 for extent in lattice.dims):
        return False
    return all(
        isinstance(operator, LatticeTensor)
        and not operator.entries.nnz
        and all(item.profile is None for item in operator.stencils)
        for operator in map.operators.values()
    )


def train_work(map: PolynomialMap, u: TrainWeights) -> float:
    """Return about how many operations a step takes, in units of those on arrays: a core is one call of a library."""
    terms = {
        degree: len(item.stencils)
        for degree, item in map.operators.items()
        if isinstance(item, LatticeTensor)
    }
    products = sum(count * max(degree - 1, 0) for degree, count in terms.items())
    rank = u.train.rank + 1.0
    return u.train.bits * (products * rank**6 + sum(terms.values()) * (rank**3 + _CALL))


def train_step(map: PolynomialMap, u: TrainWeights, largest: float, growth: float) -> TrainWeights | None:
    """Return the weights after a step, None where their rank is beyond `MOST_RANK`.

    Args:
        map: as `has_trains` says.
        u: the weights before it.
        largest: bound of the maximum norm after it.
        growth: bound of how much the step can stretch the distance of two such weights.
    """
    grid, size = Grid(dims=u.dims), u.norm("inf")
    after, lost, rank = u.train, 0.0, u.followed_rank
    tally = Tally(tolerance=TOLERANCE)
    for degree, coefficient, term in train_terms(map, u, tally):
        after = tally.rounded(after.plus(term.scaled(coefficient)))
        lost += (1 + 2 * degree) * abs(coefficient) * size ** max(degree - 1, 0)
        rank = max(rank, after.rank, term.rank)
        if rank > MOST_RANK:
            return None
    rounding = TOLERANCE * math.sqrt(grid.bits)
    error = growth * u.error + rounding * ((1 + lost) * u.norm() + after.norm())
    return TrainWeights(
        n=u.n,
        dims=u.dims,
        train=after,
        error=error,
        largest=largest,
        flops=u.flops + tally.flops,
        followed_rank=rank,
    )


def train_terms(map: PolynomialMap, u: TrainWeights, tally: Tally) -> Iterator[tuple[int, float, Train]]:
    """Yield l, the coefficient and the product of shifted trains on its rows, for every stencil of F_l."""
    grid = Grid(dims=u.dims)
    shifted: dict[Offset, Train] = {}
    for operator in map.operators.values():
        assert isinstance(operator, LatticeTensor)
        for item in operator.stencils:
            term = grid.constant(1.0)
            for offset in item.offsets:
                if offset not in shifted:
                    shifted[offset] = tally.rounded(_shift(u.train, grid, offset))
                term = tally.rounded(tally.product(term, shifted[offset]))
            if not _is_full(item.box, u.dims):
                term = tally.product(term, _mask(grid, item.box))
            yield operator.degree, float(item.coefficient), term


def _is_full(box: Box, dims: tuple[int, ...]) -> bool:
    return all(low == 0 and high == extent - 1 for (low, high), extent in zip(box, dims, strict=True))


def _mask(grid: Grid, box: Box) -> Train:
    mask = grid.constant(1.0)
    for index, (low, high) in zip(INDICES, box, strict=False):
        mask = mask.times(grid.interval(index, low, high + 1))
    return mask.rounded()


def _shift(train: Train, grid: Grid, offset: Offset) -> Train:
    """Return f(. + offset), around the ends; boxes leave out what an open lattice has no neighbor for."""
    cores, start = list(train.cores), 0
    for bits, step in zip(grid.bits_of_axes, offset, strict=True):
        if step % (1 << bits):
            cores[start : start + bits] = _added(cores[start : start + bits], step % (1 << bits))
        start += bits
    return Train(cores=tuple(cores))


def _added(cores: list[FloatArray], step: int) -> list[FloatArray]:
    """Return the cores of x -> f(x + step mod 2^bits): y = x + step, its carry beside the bond, lowest bit last."""
    found = []
    for position, core in enumerate(cores):
        own = step >> (len(cores) - 1 - position) & 1
        rows, _, columns = core.shape
        made = np.zeros((2, rows, 2, 2, columns))  # carry out, bond, x, carry in, bond
        for bit in (0, 1):
            for carry in (0, 1):
                total = bit + own + carry
                made[total >> 1, :, bit, carry] += core[:, total & 1]
        found.append(made.reshape(2 * rows, 2, 2 * columns))
    rows = cores[0].shape[0]
    found[0] = found[0][:rows] + found[0][rows:]  # around the end: either carry
    found[-1] = found[-1][:, :, : cores[-1].shape[2]]  # none comes in below
    return found
