"""Which Chebyshev series answers a question, on which weights: the degree, what is left out, and the flops."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from carlemanc.carleman.trajectory import sizes_along
from carlemanc.classical.nonlinear_part import RUN, nonlinear_shift
from carlemanc.classical.power_series import Interval, geometric, power
from carlemanc.classical.question import Question
from carlemanc.classical.spectral_interval import is_symmetric, spectral_interval
from carlemanc.classical.state_error import EndSizes, end_sizes, state_error
from carlemanc.classical.value_sites import asked_sites
from carlemanc.core.arrays import IntArray
from carlemanc.core.rounding import rounded_down, rounded_up
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.cone import light_cone
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import DenseWeights, NormalWeights, Point, Weights, point_norm

_LARGEST_LOG = 600.0
"""ln of the most that the steps may stretch a vector by in all."""
_HEAD = 16
"""First steps that tell whether nonlinear terms can be left out at all."""
_FOLLOWED = 2_000_000
"""Flops up to which the norm of theta(T) from few weights is taken from a run, and not from the spectrum."""
_MEASURED = 256
"""Steps, at most, that are run for a lower bound of that norm elsewhere."""

Way = Literal["all", "start", "values"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesPlan:
    """A series that answers a question.

    Attributes:
        interval: that holds the spectrum of I + F_1.
        degree: K.
        product: 2 (B - c I) / h, whose half is y of the series.
        way: all weights, those that K products reach from the start, or those that reach what is asked for.
        seeds: the weights that the last two start from; None for all weights.
        sites: how many weights are held.
        flops: of all series.
        shift: bound of what leaving out F_l, l >= 2, does to u(T), 2-norm; 0 for a quadratic loss.
        allowed: 2-norm by which u(T) may be off in all.
    """

    interval: Interval
    degree: int
    product: Operator
    way: Way
    seeds: IntArray | None
    sites: int
    flops: int
    shift: float
    allowed: float

    def steps(self, lifted: Lifted) -> MapSequence:
        """Return K steps that reach as far as the K products."""
        return _steps(lifted, self.product, self.degree)


@lru_cache(maxsize=16)
def plan_series(question: Question) -> SeriesPlan | str:
    """Return the cheapest series, or why there is none."""
    lifted, sequence = question.lifted, question.lifted.sequence
    if lifted.is_shaped:
        return "the entries of a map known by its shape are not known"
    if not sequence.is_constant:
        return "batches or noise change the step from one to the next"
    if 1 in sequence.map.operators and not is_symmetric(sequence.map.operators[1]):
        return "F_1 is not known to be symmetric"
    interval = spectral_interval(sequence.map.linear())
    if sequence.steps * math.log(max(interval.largest, 1.0)) > _LARGEST_LOG:
        return "the steps stretch a vector beyond the range of doubles"
    found = _allowed(question, interval)
    if isinstance(found, str):
        return found
    shift, allowed = found
    degree = _degree(lifted, interval, allowed - shift)
    if degree is None:
        return f"no degree is within {allowed - shift:.2g} of theta(T) beyond the rounding of doubles"
    return _cheapest(question, interval, degree, shift, allowed)


def _allowed(question: Question, interval: Interval) -> tuple[float, float] | str:
    """Return what the nonlinear terms do and what u(T) may be off by, or why the first is too much."""
    lifted = question.lifted
    if not question.values and _is_moved_at_once(question, interval):
        return f"leaving out F_l, l >= 2, moves theta(T) by more than is allowed in {_HEAD} steps already"
    shift = rounded_up(nonlinear_shift(lifted.sequence, lifted.displacement, interval.largest))
    if not math.isfinite(shift):
        return "F_l, l >= 2, is not known to be small along the way"
    allowed = state_error(question, _end_sizes(question, interval, shift))
    if allowed <= shift:
        if not allowed:
            return "no error of theta(T) is known to be allowed, or one below the rounding of doubles alone"
        return (
            f"leaving out F_l, l >= 2, may move theta(T) by {shift:.2g}, more than the {allowed:.2g} allowed"
        )
    return shift, allowed


def _is_moved_at_once(question: Question, interval: Interval) -> bool:
    """Return whether the first steps alone are too much, which spares a run: a comparison asks at many n.

    The nonlinear shift must be below epsilon ||u(T)||, and u(T) is within it of the linear steps.
    """
    lifted = question.lifted
    if lifted.sequence.degree < 2:
        return False
    head = MapSequence.constant(lifted.map, min(lifted.steps, _HEAD))
    start, drive = _norms(lifted)
    steps, left = lifted.steps, lifted.steps - head.steps
    most = interval.largest**steps * start + geometric(interval, steps).whole * drive
    moved = nonlinear_shift(head, lifted.displacement, interval.largest) * interval.largest**left
    return moved * (1.0 - question.epsilon) > question.epsilon * most


def _end_sizes(question: Question, interval: Interval, shift: float) -> EndSizes:
    """Return bounds of u(T), from the run where planning has it, else from the spectrum."""
    lifted = question.lifted
    start, drive = _norms(lifted)
    steps = lifted.steps
    most = interval.largest**steps * start + geometric(interval, steps).whole * drive + shift
    least = 0.0 if drive or interval.low <= 0 else max(0.0, interval.low**steps * start - shift)
    cone = lifted.light_cone
    is_long = not question.values and cone.support < lifted.n and cone.flops > _FOLLOWED
    if is_long and not drive:
        least = max(least, _least_by_convexity(lifted) - shift)
    if is_long or (lifted.sequence.map.is_listed and lifted.sequence.flops > RUN):
        return EndSizes(at_least=least, at_most=most, largest=most)
    run = end_sizes(question)
    return EndSizes(
        at_least=max(least, run.at_least), at_most=min(most, run.at_most), largest=min(most, run.largest)
    )


def _least_by_convexity(lifted: Lifted) -> float:
    """Return a lower bound of ||B^T u(0)|| from k steps: ||u|| (||B^k u|| / ||u||)^(T / k), k <= T; proved.

    ||B^k u||^2 / ||u||^2 is the mean of x^(2k) over the spectral measure of u, and T / k-th powers are convex (Jensen).
    """
    linear, steps = lifted.sequence.linear_part.map, min(lifted.steps, _MEASURED)
    head = MapSequence.constant(linear, steps)
    while steps > 1 and light_cone(head, lifted.displacement).flops > _FOLLOWED:
        steps //= 2
        head = MapSequence.constant(linear, steps)
    sizes = sizes_along(head, lifted.displacement)
    if not sizes[0]:
        return 0.0
    return float(sizes[0] * (sizes[-1] / sizes[0]) ** (lifted.steps / head.steps)) * (1.0 - 1e-9)


def _norms(lifted: Lifted) -> tuple[float, float]:
    """Return ||u(0)|| and ||F_0||, rounded up."""
    drive = lifted.map.operators.get(0)
    return point_norm(lifted.displacement) * (1 + 1e-9), 0.0 if drive is None else drive.norm2 * (1 + 1e-9)


def _degree(lifted: Lifted, interval: Interval, error: float) -> int | None:
    """Return the least degree whose remainder is within an error, None where rounding alone is above it."""
    (start, drive), steps = _norms(lifted), lifted.steps
    powers, sums = power(interval, steps), geometric(interval, steps) if drive else None
    within = rounded_down(error)
    for degree in range(len(powers.remainders)):
        left = powers.remainder(degree) * start + (sums.remainder(degree) * drive if sums else 0.0)
        if rounded_up(left) <= within:
            return degree
    return None


def _cheapest(
    question: Question, interval: Interval, degree: int, shift: float, allowed: float
) -> SeriesPlan | str:
    lifted = question.lifted
    product = _product(lifted.map.linear(), interval)
    series = 1 + (0 in lifted.map.operators)
    prepared = product.nnz if isinstance(product, SparseTensor) else 0
    each = lifted.n + degree * (2 * product.nnz + 2 * lifted.n)
    found: list[tuple[int, int, Way, IntArray | None]] = [(prepared + series * each, lifted.n, "all", None)]
    for way, seeds in _seeds(question):
        reached = light_cone(_steps(lifted, product, degree), _ones(lifted.n, seeds))
        held = reached.support
        flops = series * (held + reached.flops + degree * 2 * held) + min(prepared, reached.flops)
        found.append((flops, held, way, seeds))
    best = min(found, key=lambda item: item[0])
    if best[0] >= lifted.sequence.flops:
        return f"it would save nothing: degree {degree} for {lifted.steps} steps"
    return SeriesPlan(
        interval=interval,
        degree=degree,
        product=product,
        way=best[2],
        seeds=best[3],
        sites=best[1],
        flops=best[0],
        shift=shift,
        allowed=allowed,
    )


def _product(linear: Operator, interval: Interval) -> Operator:
    """Return 2 (B - c I) / h; B itself, which is not used, where the interval is a point."""
    middle, half = interval.middle, interval.half
    if not half:
        return linear
    if not middle:
        return linear.scale(2.0 / half)
    return linear.scale(-1.0 / middle).plus_identity().scale(-2.0 * middle / half)


def _steps(lifted: Lifted, product: Operator, degree: int) -> MapSequence:
    return MapSequence.constant(lifted.map.with_tensors({1: product}), degree)


def _seeds(question: Question) -> Iterator[tuple[Way, IntArray]]:
    """Yield the few weights that a start, or what is asked for, consists of."""
    lifted = question.lifted
    start, driven = _nonzeros(lifted.displacement), _driven(lifted)
    if start is not None and driven is not None and len(start) + len(driven) < lifted.n:
        yield "start", np.union1d(start, driven)
    asked = asked_sites(question)
    if asked is not None and len(asked) < lifted.n and not isinstance(lifted.displacement, NormalWeights):
        yield "values", asked


def _nonzeros(start: Point) -> IntArray | None:
    """Return the weights that are not zero, None where these are most."""
    few = start.sparse() if isinstance(start, DenseWeights) else start
    if few is None or (isinstance(few, Weights) and few.fill):
        return None
    return few.sites[np.flatnonzero(few.values)] if isinstance(few, Weights) else np.flatnonzero(few)


def _driven(lifted: Lifted) -> IntArray | None:
    """Return the rows of F_0, None where stencils give them."""
    drive = lifted.map.operators.get(0)
    if drive is None:
        return np.zeros(0, dtype=np.int64)
    if isinstance(drive, LatticeTensor):
        return None if drive.stencils else drive.entries.rows
    return written_out(drive).rows


def _ones(n: int, sites: IntArray) -> Weights:
    return Weights(n=n, fill=0.0, sites=sites, values=np.ones(len(sites)))
