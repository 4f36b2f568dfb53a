"""The loss of a dense network as a polynomial in its surviving weights, about a center, up to a degree.

Layer by layer, each unit is a sparse polynomial in the survivors with one coefficient for each sample; the
activation is composed with it through its Taylor coefficients at the value it has at the center. Polynomial
activations are thereby exact once the cap reaches their degree, smooth ones give exact derivatives up to the
cap (jets). The last layer is taken one output at a time and summed over the samples as moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import task
from carlemanc.model.network.activation import ScalarFunction
from carlemanc.model.network.dense_layers import Edges, surviving_edges
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.polynomials.batch_polynomial import (
    BatchPolynomial,
    Monomials,
    in_blocks,
    merge_cols,
)
from carlemanc.model.polynomials.grouping import concatenated_ranges
from carlemanc.model.polynomials.sample_polynomials import SamplePart, SamplePolynomials, constants
from carlemanc.model.polynomials.sample_sums import (
    Moments,
    expanded,
    merge,
    moments_of_function,
)
from carlemanc.model.polynomials.slopes import slopes
from carlemanc.model.polynomials.truncated import Terms, assemble, compose
from carlemanc.model.sparse_tensor import SparseTensor, frobenius


def loss_polynomial(network: DenseNetwork, center: FloatArray, mask: Mask, cap: int) -> BatchPolynomial:
    """Return the loss in u = theta - center over the survivors 0..s-1: the degrees 1 to `cap`.

    Args:
        network: with functions whose Taylor coefficients are known.
        center: (s,) of the survivors; every other weight is zero.
        mask: (weights,) True where a weight survives.
        cap: the largest degree kept; the network's own degree gives all of it.

    Raises:
        InputError: a coefficient that is not finite on the way.
        TooLarge: more monomials than `batch_polynomial` allows.
    """
    edges = [surviving_edges(place, mask) for place in network.places]
    total = in_blocks(network.samples, lambda block: merge(_outputs(network, center, edges, cap, block)))
    return total.without_sizes()


def gradient_tensors(loss: BatchPolynomial, learning_rate: float) -> dict[int, SparseTensor]:
    """Return F_l = -eta grad of the part of degree l + 1, in canonical form (THEORY section 1)."""
    return {
        degree - 1: _differentiated(part, loss.n, degree - 1, learning_rate)
        for degree, part in loss.parts.items()
        if degree
    }


def _outputs(
    network: DenseNetwork, center: FloatArray, edges: list[Edges], cap: int, block: int
) -> Iterator[BatchPolynomial]:
    """Yield the loss of each output, with coefficients (sum, sum of absolute values)."""
    blocks = range(0, network.samples, block)
    units = range(len(network.targets))
    waiting: list[list[Moments]] = [[] for _ in units]
    with task("loss of the network", len(blocks) * len(units)) as progress:
        for start in blocks:
            samples = slice(start, start + block)
            hidden = _hidden(network, center, edges, samples, cap)
            for unit in units:
                z = _pre_activation(edges[-1].of_output(unit), hidden, center, 1, cap)
                _collect(waiting[unit], _output_moments(network, z, unit, samples, cap))
                progress.advance()
                if samples.stop >= network.samples:
                    yield expanded(len(center), waiting[unit])
                    waiting[unit] = []


def _collect(known: list[Moments], fresh: list[Moments]) -> None:
    """Add the moments of a block of samples to those of the blocks before."""
    for place, moments in enumerate(fresh):
        both = known[place].plus(moments) if place < len(known) else None
        if both is None:
            known.insert(place, moments)
        else:
            known[place] = both


def _hidden(
    network: DenseNetwork, center: FloatArray, edges: list[Edges], samples: slice, cap: int
) -> SamplePolynomials:
    """Return the inputs of the last layer: one polynomial for each unit."""
    result = constants(len(center), np.ascontiguousarray(network.x[samples].T))
    for place, edge, activation in zip(network.places[:-1], edges, network.activations, strict=False):
        z = _pre_activation(edge, result, center, place.outputs, cap)
        result = _activated(z, activation, cap)
    return result


def _pre_activation(
    edges: Edges, inputs: SamplePolynomials, center: FloatArray, outputs: int, cap: int
) -> SamplePolynomials:
    """Return W a + b: each monomial of a comes with the center of a weight and with the weight itself."""
    terms: dict[int, list[Terms]] = {}
    for degree, part in inputs.parts.items():
        edge, rows = _meetings(edges.inputs, part, inputs.size)
        member, weight = edges.outputs[edge], edges.weights[edge]
        fixed = np.flatnonzero(center[weight])
        terms.setdefault(degree, []).append(
            Terms(
                member=member[fixed],
                cols=part.cols[rows[fixed]],
                rows=rows[fixed],
                weights=center[weight[fixed]],
                source=part.values,
            )
        )
        if degree < cap:
            cols = merge_cols(part.cols[rows], weight[:, None])
            ones = np.ones(len(rows))
            free = Terms(member=member, cols=cols, rows=rows, weights=ones, source=part.values)
            terms.setdefault(degree + 1, []).append(free)
    ones = np.ones((1, inputs.samples))
    count = len(edges.biases)
    first = np.zeros(count, dtype=np.int64)
    for degree, cols, weights in (
        (0, np.zeros((count, 0), dtype=np.int64), center[edges.biases]),
        (1, edges.biases[:, None], np.ones(count)),
    ):
        bias = Terms(member=edges.bias_outputs, cols=cols, rows=first, weights=weights, source=ones)
        terms.setdefault(degree, []).append(bias)
    empty = SamplePolynomials(n=len(center), size=outputs, samples=inputs.samples, parts={})
    return assemble(empty, terms)


def _meetings(wanted: IntArray, part: SamplePart, size: int) -> tuple[IntArray, IntArray]:
    """Return every (edge, row of the part) where the row belongs to the member that the edge wants."""
    counts = np.bincount(part.member, minlength=size)
    starts = np.cumsum(counts) - counts
    repeats = counts[wanted]
    return np.repeat(np.arange(len(wanted)), repeats), concatenated_ranges(starts[wanted], repeats)


def _activated(z: SamplePolynomials, activation: ScalarFunction, cap: int) -> SamplePolynomials:
    constant, rest = z.split()
    series = activation.series(constant, _order(activation.degree, cap))
    check_finite([series, *(part.values for part in rest.parts.values())])
    return compose(series, rest, cap)


def _output_moments(
    network: DenseNetwork, z: SamplePolynomials, unit: int, samples: slice, cap: int
) -> list[Moments]:
    activation = network.activations[-1]
    f = z if activation.name == "identity" else _activated(z, activation, cap)
    constant, rest = f.split()
    order = _order(network.error.degree, cap)
    series = network.error.series(constant[0], network.targets[unit, samples], order)
    check_finite([series, *(part.values for part in rest.parts.values())])
    return moments_of_function(series / network.samples, rest, cap)


def check_finite(found: Iterable[FloatArray]) -> None:
    """Raise InputError for a network whose loss leaves the range of floats, before more work is spent on it."""
    if all(np.isfinite(values).all() for values in found):
        return
    problem = Problem(
        where="network", found="a coefficient that is not finite", allowed="data and weights within floats"
    )
    raise InputError("The network cannot be derived.", [problem])


def _order(degree: int | None, cap: int) -> int:
    return cap if degree is None else min(degree, cap)


def _differentiated(part: Monomials, n: int, degree: int, learning_rate: float) -> SparseTensor:
    """Return F_l, l = `degree`: each monomial gives one entry for each distinct index in it.

    The entries are distinct because the monomials are: only their order has to be made.
    """
    entries, values, errors = slopes(part.cols), part.coefficients.floats(), part.coefficients.errors
    vals = -learning_rate * values[entries.monomials] * entries.times
    lost = 0.0 if errors is None else frobenius(learning_rate * errors[entries.monomials] * entries.times)
    order = np.lexsort((*entries.rests.T[::-1], entries.rows))
    order = order[vals[order] != 0]
    return SparseTensor(
        n=n,
        degree=degree,
        rows=entries.rows[order],
        cols=entries.rests[order],
        vals=vals[order],
        lost=lost,
    )
