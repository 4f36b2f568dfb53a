"""The rescaling gamma: theta = center + gamma y_1, chosen once per spec (THEORY 5.4).

A small gamma makes G_l gamma^(l-1) and so the subnormalization and ||L^-1|| small; a large one puts the
weight of the history on level 1, where it is read. `choose_sequence_gamma` minimizes

    objective(gamma) = (1 + alpha_B) * ||L^-1|| / sqrt(P)

over a logarithmic grid from max_t ||u(t)|| (for T steps of gradient descent) to rho_+, the largest radius
on which the majorant does not grow, and on to `BEYOND` times that where it is better by `_GAIN`; all capped
at `SPAN` times the start. Where the start is above rho_+ already, as from a dense start on a long lattice, whose
||u|| grows like sqrt(n) while no weight does, the grid is also searched below it, down to ||u||/sqrt(n): there the
objective weighs a rising ||L^-1|| against a fading readout, and its minimum depends on no n. In it

- alpha_B is a model of the encoding's subnormalization: per slot i the sum over degrees l <= N - i + 1 of
  sqrt(largest degree of the bipartite graph row/first index) times the largest row 2-norm of G_l gamma^(l-1),
  multiplied over slots, the largest over levels, times (1 + ||F_0||/gamma)^N (CONSTRUCTION 15-17, estimated);
- ||L^-1|| is the sum over t <= T of ||b_N^t||_F, b_N the majorant matrix of the encoded norms, plus p (a proved
  bound);
- P is the readout probability of the exact lift on the computed trajectory (THEORY 5.4).

The result is rounded up to three significant digits, so that it is the same on every machine. The choice is a
heuristic, and no correctness depends on it: on the packaged examples it is within 2 % of the best gamma of a scan with
the alpha of the circuit, the computed ||L^-1|| and P (measured; tests/benchmarks/rescaling.py). It costs
O(T nnz) + O(T N^3) on a grid of `POINTS`. For a sequence of maps the trajectory is that of the sequence, and each
degree's norm and subnormalization is the largest over the maps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.flattening import balance
from carlemanc.carleman.majorant import powers
from carlemanc.carleman.map_norms import distinct_without_drive
from carlemanc.carleman.regime import contraction_radius
from carlemanc.carleman.system import kept_levels
from carlemanc.carleman.trajectory import sizes_along, steps_run
from carlemanc.core.arrays import Vector
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.model.weights import Point, point_norm

POINTS = 48
"""Grid size."""
SPAN = 16.0
"""The grid ends at most at this multiple of max_t ||u(t)||."""
BEYOND = 4.0
"""How far beyond rho_+ is looked."""
_GAIN = 0.02
"""A gamma outside the first grid must be better by this share."""
_TIE = 1e-6
"""Candidates this close to the best count as equal; the smallest is taken."""
_STEPS = 2000
"""The sum of ||b_N^t|| stops here: its tail only decides between values of gamma that hardly differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _EncodingCosts:
    """Per degree, in u units: norms of the encoded G_l and estimates of their subnormalization, l <= N."""

    norms: list[float]
    alphas: list[float]
    all_norms: list[float]
    """g_l for every l = 0..q, in the canonical flattening."""


def choose_sequence_gamma(
    sequence: MapSequence, u_in: npt.ArrayLike | Point, order: int, *, padding: int = 0
) -> float:
    """Return gamma for the sequence run from `u_in` (about the center) at the given order.

    At least max_t ||u(t)||, over the steps that can be run where a lattice has too many weights, unless the majorant
    grows there and a smaller one is better; at least max_t ||u(t)||/sqrt(n) then. If u never leaves the center, 1.0;
    if gradient descent overflows within T steps, ||u_in|| (or 1.0), since no choice helps there.
    """
    sizes = sizes_along(sequence, u_in, kind="2")
    sizes = np.minimum(sizes, sizes[: steps_run(sequence, u_in) + 1].max())
    if not np.all(np.isfinite(sizes)) or sizes.max() > 1e30:
        size = point_norm(u_in)
        return _round_up(size) if 0.0 < size < 1e30 else 1.0
    largest = float(sizes.max())
    if largest < 1e-30:
        return 1.0
    levels = kept_levels(sequence, order)
    costs = _largest_costs(sequence, levels[-1])
    end = _end(costs.all_norms, largest)
    gamma, value = _best(costs, levels, sizes, padding, _grid(largest, end, POINTS))
    beyond = []
    farthest = min(BEYOND * end, SPAN * largest)
    if farthest > end and math.isfinite(value):
        beyond.append(_grid(end, farthest, POINTS // 2))
    if not largest <= contraction_radius(costs.all_norms) and sequence.n > 1:
        beyond.append(_grid(largest / math.sqrt(sequence.n), largest, POINTS))
    for grid in beyond:
        other, lower = _best(costs, levels, sizes, padding, grid)
        if lower < (1.0 - _GAIN) * value:
            gamma, value = other, lower
    return gamma


def _best(
    costs: _EncodingCosts, levels: tuple[int, ...], sizes: Vector, padding: int, grid: Vector
) -> tuple[float, float]:
    """Return the least gamma of the least objective, and that; the start and inf where none is finite."""
    objective = _objective(costs, levels, sizes, padding, grid)
    least = float(objective.min())
    if not math.isfinite(least):
        return float(grid[0]), math.inf
    return float(grid[np.flatnonzero(objective <= least * (1.0 + _TIE))[0]]), least


def _end(norms: list[float], largest: float) -> float:
    """Return rho_+ within largest..SPAN * largest, twice the start where there is none; `norms` are all g_l."""
    radius = contraction_radius(norms)
    return min(max(radius, largest), SPAN * largest) if not math.isnan(radius) else 2.0 * largest


def _grid(first: float, last: float, points: int) -> Vector:
    """Return the candidates, ascending, each rounded up to three digits."""
    return np.unique([_round_up(float(value)) for value in np.geomspace(first, last, points)])


def _objective(
    costs: _EncodingCosts, levels: tuple[int, ...], sizes: Vector, padding: int, grid: Vector
) -> Vector:
    """Return (1 + alpha_B) ||L^-1|| / sqrt(P) for every gamma of the grid (inf where it overflows)."""
    steps = len(sizes) - 1
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        alpha = np.array([_alpha(costs.alphas, levels, float(gamma)) for gamma in grid])
        inverse = padding + _inverse_norms(costs.norms, levels, min(steps, _STEPS), grid)
        probability = readout_probability(sizes[:, None] / grid[None, :], levels, padding)
        value = (1.0 + alpha) * inverse / np.sqrt(probability)
    return np.where(np.isfinite(value), value, np.inf)


def _largest_costs(sequence: MapSequence, order: int) -> _EncodingCosts:
    """Return the largest cost of each degree over the maps; those that differ in F_0 alone are priced once."""
    found = [_costs(item, order) for item in distinct_without_drive(sequence.maps)]
    drive = max(item.operators[0].norm2 if 0 in item.operators else 0.0 for item in sequence.maps)
    return _EncodingCosts(
        norms=[drive, *_largest([cost.norms[1:] for cost in found])],
        alphas=[drive, *_largest([cost.alphas[1:] for cost in found])],
        all_norms=[drive, *_largest([cost.all_norms[1:] for cost in found])],
    )


def _largest(rows: list[list[float]]) -> list[float]:
    """Return the largest entry of each column; short rows end in zeros."""
    return [max(column) for column in zip_longest(*rows, fillvalue=0.0)]


def _costs(map: PolynomialMap, order: int) -> _EncodingCosts:
    encoded: dict[int, Operator] = {}
    if map.is_listed:
        listed = {**map.tensors, 1: map.G1()}
        encoded.update({degree: balance(tensor) for degree, tensor in listed.items() if degree <= order})
    else:
        encoded.update({**map.operators, 1: map.linear()})
    encoded = {degree: operator for degree, operator in encoded.items() if operator.nnz}
    return _EncodingCosts(
        norms=[encoded[d].encoded_norm2 if d in encoded else 0.0 for d in range(order + 1)],
        alphas=[_leaf_alpha(encoded[d]) if d in encoded else 0.0 for d in range(order + 1)],
        all_norms=list(map.norms),
    )


def _leaf_alpha(tensor: Operator) -> float:
    """Estimate the subnormalization of a tensor: sqrt(colors) times the largest row norm (F_0: its norm)."""
    if isinstance(tensor, LatticeTensor):
        if tensor.degree == 0:
            return tensor.norm2
        return math.sqrt(tensor.row_sparsity) * tensor.largest_row_norm
    if isinstance(tensor, ShapedTensor):
        return tensor.alpha
    if tensor.degree == 0:
        return float(np.linalg.norm(tensor.vals))
    colors = max(int(np.bincount(tensor.rows).max()), int(np.bincount(tensor.cols[:, 0]).max()))
    row_squares = np.bincount(tensor.rows, tensor.vals**2)
    return math.sqrt(colors * float(row_squares.max()))


def _alpha(alphas: list[float], levels: tuple[int, ...], gamma: float) -> float:
    order = levels[-1]
    product, weights = 1.0, []
    for slot in range(order):
        product *= sum(alphas[d] * gamma ** (d - 1) for d in range(1, order - slot + 1))
        weights.append(product)
    stretch = (1.0 + alphas[0] / gamma) ** order if order > 1 else 1.0
    return max(weights[level - 1] for level in levels) * stretch


def _inverse_norms(norms: list[float], levels: tuple[int, ...], steps: int, grid: Vector) -> Vector:
    """Return the sum over t <= steps of the Frobenius norms of b_N^t, one per gamma."""
    order = levels[-1]
    kept = np.array(levels) - 1
    table = powers(norms, order)[:, 1 : order + 1][np.ix_(kept, kept)]
    shift = np.array(levels)[None, :] - np.array(levels)[:, None]
    step = table[None] * grid[:, None, None] ** shift[None]
    power = np.broadcast_to(np.eye(len(levels)), step.shape)
    total = np.ones(len(grid))
    for _ in range(steps):
        power = power @ step
        total = total + np.sqrt(np.square(power).sum(axis=(1, 2)))
    return total


def readout_probability(z: Vector, levels: tuple[int, ...], padding: int) -> Vector:
    """Return P(t >= T, level 1) of the exact lift; z has shape (T + 1, grid), z = ||u(t)||/gamma."""
    weights = np.sum([z ** (2 * level) for level in levels], axis=0)
    copies = padding + 1
    return np.asarray(copies * z[-1] ** 2 / (weights[:-1].sum(axis=0) + copies * weights[-1]))


def _round_up(value: float) -> float:
    """Round up to three significant digits.

    >>> _round_up(0.44721), _round_up(1.0)
    (0.448, 1.0)
    """
    digits = 2 - math.floor(math.log10(value))
    rounded = float(f"{value:.2e}")
    return rounded if rounded >= value else float(f"{rounded + 10.0**-digits:.2e}")
