"""The loss of a dense network as a polynomial in its surviving weights, about a center, up to a degree.

Layer by layer, each unit is a sparse polynomial in the survivors with one coefficient for each sample; the
activation is composed with it through its Taylor coefficients at the value it has at the center. Polynomial
activations are thereby exact once the cap reaches their degree, smooth ones give exact derivatives up to the
cap (jets). The last layer is taken one output at a time and summed over the samples as moments.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from carlemanc.core.progress import task
from carlemanc.model.activation import ScalarFunction
from carlemanc.model.batch_polynomial import BatchPolynomial, Monomials, SampleBlockTooLarge, add
from carlemanc.model.dense_network import DenseNetwork
from carlemanc.model.network_layout import Edges, surviving_edges
from carlemanc.model.sample_sums import merge, sum_of_function, without_rounding
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.truncated import compose, constants, multiply, select, split_constant, variables

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def loss_polynomial(
    network: DenseNetwork, center: FloatArray, mask: npt.NDArray[np.bool_], cap: int
) -> BatchPolynomial:
    """Return the loss in u = theta - center over the survivors 0..s-1: the degrees 1 to `cap`.

    Args:
        network: with functions whose Taylor coefficients are known.
        center: (s,) of the survivors; every other weight is zero.
        mask: (weights,) True where a weight survives.
        cap: the largest degree kept; the network's own degree gives all of it.

    Raises:
        TooLarge: more monomials than `batch_polynomial` allows.
    """
    edges = [surviving_edges(place, mask) for place in network.places]
    block = network.samples
    while True:
        try:
            return without_rounding(merge(_pieces(network, center, edges, cap, block)))
        except SampleBlockTooLarge:
            block = (block + 1) // 2


def gradient_tensors(loss: BatchPolynomial, learning_rate: float) -> dict[int, SparseTensor]:
    """Return F_l = -eta grad of the part of degree l + 1, in canonical form (THEORY section 1)."""
    return {
        degree - 1: _differentiated(part, loss.n, degree - 1, learning_rate)
        for degree, part in loss.parts.items()
        if degree
    }


def _pieces(
    network: DenseNetwork, center: FloatArray, edges: list[Edges], cap: int, block: int
) -> Iterator[BatchPolynomial]:
    """Yield the loss of each output over each block of samples, as (sum, sum of absolute values)."""
    outputs = len(network.targets)
    blocks = range(0, network.samples, block)
    with task("loss of the network", len(blocks) * outputs) as progress:
        for start in blocks:
            samples = slice(start, start + block)
            hidden = _hidden(network, center, edges, samples, cap)
            for unit in range(outputs):
                chosen = edges[-1].of_output(unit)
                z = _pre_activation(chosen, hidden, center, 1, cap)
                yield _output_loss(network, z, unit, samples, cap)
                progress.advance()


def _hidden(
    network: DenseNetwork, center: FloatArray, edges: list[Edges], samples: slice, cap: int
) -> BatchPolynomial:
    """Return the inputs of the last layer: one polynomial for each unit."""
    inputs = network.x[samples]
    result = constants(len(center), inputs.T)
    for place, edge, activation in zip(network.places[:-1], edges, network.activations, strict=False):
        z = _pre_activation(edge, result, center, place.outputs, cap)
        result = _activated(z, activation, len(inputs), cap)
    return result


def _pre_activation(
    edges: Edges, inputs: BatchPolynomial, center: FloatArray, outputs: int, cap: int
) -> BatchPolynomial:
    """Return W a + b."""
    n = len(center)
    products = multiply(variables(n, edges.weights, center), select(inputs, edges.inputs), cap)
    biases = variables(n, edges.biases, center)
    return add([products.gathered(edges.outputs, outputs), biases.gathered(edges.bias_outputs, outputs)])


def _activated(z: BatchPolynomial, activation: ScalarFunction, samples: int, cap: int) -> BatchPolynomial:
    constant, rest = split_constant(z, samples)
    return compose(activation.series(constant, _order(activation.degree, cap)), rest, cap)


def _output_loss(
    network: DenseNetwork, z: BatchPolynomial, unit: int, samples: slice, cap: int
) -> BatchPolynomial:
    wanted = network.targets[unit, samples]
    activation = network.activations[-1]
    f = z if activation.name == "identity" else _activated(z, activation, len(wanted), cap)
    constant, rest = split_constant(f, len(wanted))
    series = network.error.series(constant[0], wanted, _order(network.error.degree, cap))
    return sum_of_function(series / network.samples, rest, cap)


def _order(degree: int | None, cap: int) -> int:
    return cap if degree is None else min(degree, cap)


def _differentiated(part: Monomials, n: int, degree: int, learning_rate: float) -> SparseTensor:
    """Return F_l, l = `degree`: each monomial gives one entry for each distinct index in it.

    The entries are distinct because the monomials are: only their order has to be made.
    """
    cols, values = part.cols, part.coefficients.floats()
    rows, rests, vals = [], [], []
    for slot in range(degree + 1):
        fresh = cols[:, slot] != cols[:, slot - 1] if slot else np.ones(len(cols), dtype=bool)
        chosen = cols[fresh]
        rows.append(chosen[:, slot])
        rests.append(np.delete(chosen, slot, axis=1))
        times = (chosen == chosen[:, slot : slot + 1]).sum(axis=1)
        vals.append(-learning_rate * values[fresh] * times)
    row, rest, value = np.concatenate(rows), np.concatenate(rests), np.concatenate(vals)
    order = np.lexsort((*rest.T[::-1], row))
    return SparseTensor(n=n, degree=degree, rows=row[order], cols=rest[order], vals=value[order])
