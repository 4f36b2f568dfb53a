"""How long the loss of a network gets when it is expanded, known before it is: monomials and products by degree.

In: which weights survive, the degrees of activations and loss, a cap. Out: upper bounds of the monomials of the loss
and of the products of coefficients that expanding it takes. Each unit is followed as a list of counts by degree, layer
by layer as `polynomial.py` works: z = W a + b adds the lists of its inputs, once as they are and once a degree
higher; sigma(z) has the multisets of 1 to K of the monomials of z, K the degree of sigma; and no list is longer than
that of all monomials in the weights that reach the unit. Multisets are an exact count where no two of them multiply
to one monomial, else an upper bound (derived here; within a factor of two of what is found, measured in the tests).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import TooLarge
from carlemanc.model.network.dense_layers import Edges, surviving_edges
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.polynomials.batch_polynomial import INDEX_LIMIT, MONOMIAL_LIMIT

Counts = FloatArray
"""By degree 0..cap."""
MAX_DEGREE = 40
"""Largest degree of the loss in the weights that is expanded; each layer raises it."""
MAX_OPERATIONS = 1e10
"""Most products of coefficients, sorting included, that are made: two or three minutes of one core."""
EASY_MONOMIALS, EASY_OPERATIONS = 500_000, 1e9
"""What is proposed instead stays within these: half a minute, and maps that the later stages hold with ease."""
_SORTING = 60.0
"""What finding the place of a product costs, in products of coefficients."""
_SLACK = 2.0
"""A forecast beyond a limit of the expansion by this factor is taken at its word; below it, the expansion counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Upper bounds, as floats: they may be beyond any integer that matters."""

    degree: int
    """Of the loss: the cap."""
    monomials: float
    """Of the loss, over all its outputs."""
    operations: float
    """Products of coefficients, and `_SORTING` for each pair of monomials."""
    indices: float
    """The longest list of indices of pairs that is formed: pairs of two degrees times the sum of the degrees."""

    @property
    def fits(self) -> bool:
        """Whether the expansion is begun."""
        return (
            self.degree <= MAX_DEGREE
            and self.monomials <= _SLACK * MONOMIAL_LIMIT
            and self.indices <= _SLACK * INDEX_LIMIT
            and self.operations <= MAX_OPERATIONS
        )

    @property
    def is_easy(self) -> bool:
        """Whether it is proposed instead of one that does not fit."""
        return self.fits and self.monomials <= EASY_MONOMIALS and self.operations <= EASY_OPERATIONS


def check_expansion(network: DenseNetwork, mask: Mask, center: Counts, cap: int) -> None:
    """Raise TooLarge where expanding the loss to degree `cap` takes too long; it names a degree that does not.

    Args:
        network: with functions whose degrees are known.
        mask: (weights,) True where a weight survives.
        center: (s,) of the survivors.
        cap: the largest degree kept.
    """
    size = f"degree {cap}" if cap <= 10 * MAX_DEGREE else f"a degree over {10 * MAX_DEGREE}"
    size += f" in {int(mask.sum()):,} weights"
    if cap <= MAX_DEGREE:
        ahead = forecast(network, mask, center, cap)
        if ahead.fits:
            return
        size += f", up to {ahead.monomials:.2g} monomials and {ahead.operations:.2g} operations to find them"
    lower = range(2, min(cap, MAX_DEGREE + 1))
    easy = bisect_left(lower, True, key=lambda d: not forecast(network, mask, center, d).is_easy)
    best = forecast(network, mask, center, lower[easy - 1]) if easy else None
    instead = "Use fewer weights (model.sparsity), units or layers"
    if best is not None:
        instead = (
            f"Set network.degree = {best.degree - 1}, the largest degree of F_l that is kept: up to "
            f"{best.monomials:.2g} monomials; or use fewer weights (model.sparsity), units or layers"
        )
    raise TooLarge(
        "the loss of the network",
        size=size,
        limit=f"degree {MAX_DEGREE}, {MONOMIAL_LIMIT:,} monomials and {MAX_OPERATIONS:.0e} operations",
        instead=f"{instead}.",
    )


def forecast(network: DenseNetwork, mask: Mask, center: Counts, cap: int) -> Forecast:
    """Return the forecast of the loss to degree `cap`; the arguments are those of `check_expansion`."""
    work = _Work(cap=cap, samples=network.samples)
    edges = [surviving_edges(place, mask) for place in network.places]
    units = np.zeros((network.places[0].inputs, cap + 1))
    units[:, 0] = 1.0
    reach, before = np.zeros(len(units)), 0.0
    for place, edge, activation in zip(network.places, edges, network.activations, strict=True):
        z = _pre_activation(edge, units, center, place.outputs, cap)
        reach = _reach(edge, reach, before, place.outputs)
        before += len(edge.outputs) + len(edge.biases)
        units = np.minimum(z, [work.every(weights) for weights in reach])
        if activation.name != "identity":
            order = cap if activation.degree is None else min(activation.degree, cap)
            units = work.composed(units, reach, order)
    error = network.error.degree
    monomials = work.losses(units, reach, cap if error is None else min(error, cap))
    return Forecast(
        degree=cap,
        monomials=monomials,
        operations=work.operations,
        indices=work.indices,
    )


def _pre_activation(edges: Edges, units: Counts, center: Counts, outputs: int, cap: int) -> Counts:
    """Return the counts of W a + b, (outputs, cap + 1), before equal monomials are added."""
    z = np.zeros((outputs, cap + 1))
    fixed = center[edges.weights] != 0
    np.add.at(z, edges.outputs[fixed], units[edges.inputs[fixed]])
    np.add.at(z[:, 1:], edges.outputs, units[edges.inputs, :-1])
    np.add.at(z[:, :2], edges.bias_outputs, np.ones(2))
    return z


def _reach(edges: Edges, inputs: Counts, before: float, outputs: int) -> Counts:
    """Bound how many weights reach each unit: those of its inputs and its own, at most all of the layers before."""
    own, passed = np.zeros(outputs), np.zeros(outputs)
    np.add.at(own, edges.outputs, 1.0)
    np.add.at(own, edges.bias_outputs, 1.0)
    np.add.at(passed, edges.outputs, inputs[edges.inputs])
    return np.asarray(np.minimum(passed, before) + own)


def _alike(units: Counts, reach: Counts) -> Iterator[tuple[Counts, float, IntArray]]:
    """Yield each distinct list of counts with the weights that reach it, and the units that have both."""
    together = np.column_stack([units, reach])
    rows, place = np.unique(together, axis=0, return_inverse=True)
    for number, row in enumerate(rows):
        yield row[:-1], float(row[-1]), np.flatnonzero(place.reshape(-1) == number)


class _Work:
    """The operations of an expansion, added up as the layers are followed."""

    def __init__(self, *, cap: int, samples: int) -> None:
        self.operations = self.indices = 0.0
        self._cap, self._samples = cap, samples

    def every(self, weights: float) -> Counts:
        """Return how many monomials there are of each degree in so many weights: binomial(w + d - 1, d)."""
        degrees = np.arange(1, self._cap + 1)
        return np.concatenate([[1.0], np.cumprod((weights + degrees - 1) / degrees)])

    def composed(self, z: Counts, reach: Counts, order: int) -> Counts:
        """Return the counts of sigma(z) for each unit (`truncated.compose`)."""
        result = np.empty_like(z)
        pairs = [np.zeros((self._cap + 1, self._cap + 1)) for _ in range(order)]
        for counts, weights, units in _alike(z, reach):
            inner = _without_constant(counts)
            sums = np.minimum(np.cumsum(_multisets(inner, order), axis=0), self.every(weights))
            result[units] = sums[order]
            for k in range(1, order):
                pairs[k] += len(units) * np.outer(inner, sums[order - k])
        for k in range(1, order):
            self._add(pairs[k], self._cap - k + 1)
        return result

    def losses(self, f: Counts, reach: Counts, order: int) -> float:
        """Return the monomials of the loss of all outputs (`sample_sums.moments_of_function`)."""
        monomials = 0.0
        for counts, weights, units in _alike(f, reach):
            inner, every = _without_constant(counts), self.every(weights)
            powers = np.minimum(_multisets(inner, order), every)
            monomials += len(units) * float(np.minimum(powers[1:].sum(axis=0), every)[1:].sum())
            half = max(order // 2, 1)
            rests = np.cumsum(powers, axis=0)
            for _ in units:  # an output at a time
                for k in range(1, half):
                    self._add(np.outer(inner, powers[k]), self._cap)
                for k in range(1, order - half):
                    self._add(np.outer(inner, rests[k]), self._cap - half)
                if order > 1:
                    self._add(np.outer(powers[half], rests[order - half]), self._cap)
        return monomials

    def _add(self, pairs: Counts, cap: int) -> None:
        """Count products of pairs of monomials, [i, j] of degrees i and j, up to a degree."""
        degrees = np.add.outer(np.arange(len(pairs)), np.arange(len(pairs)))
        formed = np.where(degrees <= cap, pairs, 0.0)
        self.operations += float(formed.sum()) * (self._samples + _SORTING)
        self.indices = max(self.indices, float((formed * np.maximum(degrees, 1)).max()))


def _without_constant(counts: Counts) -> Counts:
    inner = counts.copy()
    inner[0] = 0.0
    return inner


def _multisets(counts: Counts, order: int) -> Counts:
    """Return how many multisets of k = 0..order monomials there are, by degree: k h_k = sum_i p_i h_(k-i).

    >>> _multisets(np.array([0.0, 2.0, 0.0, 0.0]), 3)[:, 1:]
    array([[0., 0., 0.],
           [2., 0., 0.],
           [0., 3., 0.],
           [0., 0., 4.]])
    """
    length = len(counts)
    found, stretched = np.zeros((order + 1, length)), np.zeros((order + 1, length))
    found[0, 0] = 1.0
    for k in range(1, order + 1):
        kept = (length - 1) // k + 1
        stretched[k, : (kept - 1) * k + 1 : k] = counts[:kept]
        for i in range(1, k + 1):
            found[k] += np.convolve(stretched[i], found[k - i])[:length] / k
    return found
