"""The Taylor polynomial of the loss of any PyTorch model about a center, by automatic differentiation.

The partial derivatives of order k + 1 are the gradients of those of order k (reverse mode over reverse mode;
no interpolation, no differences). One gradient is taken for each ascending index tuple of the surviving
weights, comb(s + k - 1, k) of order k, and only its entries from the last index on are read: every derivative
once. A derivative divided by the factorials of the multiplicities of its indices is the coefficient of its
monomial. Only exact zeros are dropped.

Neither nested forward mode nor batches of gradients are used: measured with PyTorch 2.13, both fail or are
wrong for some operations. Because a formula of PyTorch may be wrong from the third derivative on, and because
a loss need not be smooth, `check` compares the polynomial with the gradient of the model near the center: what
is left must shrink like h^degree. (Derived here; a sampled check, not a proof.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import CheckFailed, TooLarge
from carlemanc.core.progress import Reporter, task
from carlemanc.model.network.polynomial import gradient_tensors
from carlemanc.model.network.torch_module import one_line, refused, require_torch
from carlemanc.model.network.torch_network import TorchNetwork
from carlemanc.model.polynomials.batch_polynomial import BatchPolynomial, Monomials
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.grouping import multiplicities
from carlemanc.model.sparse_tensor import SparseTensor

if TYPE_CHECKING:
    from torch import Tensor


DERIVATIVE_LIMIT = 2_000_000
"""The most coefficients, comb(s + d, d) for s weights and degree d."""
DEGREE_LIMIT = 6
"""The largest degree: the work of one derivative doubles to quadruples with each order (measured)."""

_DIRECTIONS = 2
_HALVINGS = 40
_ROUNDING = 1e-9
"""Rounding of a gradient is at most this part of the largest one seen; a larger rest counts as real."""


def taylor_tensors(
    network: TorchNetwork, *, degree: int, center: FloatArray, mask: Mask, learning_rate: float
) -> dict[int, SparseTensor]:
    """Return F_0..F_(degree - 1) of the surviving weights, from the Taylor polynomial of the loss.

    Args:
        network: the model, its loss and data.
        degree: of the Taylor polynomial, at least 1.
        center: (weights,) the expansion point; every weight outside the mask is held at zero.
        mask: (weights,) True where a weight is trained.
        learning_rate: eta.

    Raises:
        TooLarge: more than DERIVATIVE_LIMIT coefficients, or a degree beyond DEGREE_LIMIT.
        InputError: an operation without derivatives of that order, or a loss without a gradient.
        CheckFailed: the polynomial is not the Taylor polynomial of the loss (`check`).
    """
    survivors = int(mask.sum())
    _check_size(survivors, degree)
    tensors = gradient_tensors(_polynomial(network, degree, center, mask), learning_rate)
    check(network, tensors, degree=degree, center=center, mask=mask, learning_rate=learning_rate)
    return tensors


def check(
    network: TorchNetwork,
    tensors: dict[int, SparseTensor],
    *,
    degree: int,
    center: FloatArray,
    mask: Mask,
    learning_rate: float,
) -> None:
    """Raise CheckFailed unless sum F_l u^l + eta grad L(center + u) shrinks like |u|^degree as u -> 0.

    Along each of two random directions |u| is halved down to where rounding rules, which is measured at the
    smallest |u|; at the last halving clearly above it the rest must shrink by more than 2^(degree - 1/2). A wrong
    derivative of an order up to `degree`, or a kink at the center, shrinks it by 2^(degree - 1) at most.
    """
    rng = np.random.default_rng(0)
    for _ in range(_DIRECTIONS):
        direction = np.where(mask, rng.normal(size=len(mask)), 0.0)
        direction /= np.linalg.norm(direction)
        rest, scale = np.empty(_HALVINGS), 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for halving in range(_HALVINGS):
                u = direction * 0.5**halving
                true = learning_rate * network.gradient(np.where(mask, center, 0.0) + u)[mask]
                scale = max(scale, float(np.linalg.norm(true)))
                rest[halving] = np.linalg.norm(
                    sum((tensor.apply(u[mask]) for tensor in tensors.values()), true)
                )
        rounding = min(8 * float(rest[-4:].max()), _ROUNDING * scale) + np.finfo(np.float64).tiny
        above = np.flatnonzero(rest[:-1] > 16 * 2.0**degree * rounding)
        last = int(above[-1]) if len(above) else None
        if last is not None and not rest[last] > 2 ** (degree - 0.5) * rest[last + 1]:
            raise CheckFailed(
                f"The Taylor polynomial of degree {degree} of {network.module.text} does not follow its gradient "
                "near the expansion point: the loss is not smooth there, or PyTorch's derivatives of an operation "
                "are wrong. Take another center or a lower degree, or write the operation out."
            )


def _check_size(survivors: int, degree: int) -> None:
    if degree > DEGREE_LIMIT:
        raise TooLarge(
            "the Taylor polynomial of the model",
            size=f"degree {degree}",
            limit=f"degree {DEGREE_LIMIT}",
            instead="Lower network.approximation.degree.",
        )
    count = math.comb(survivors + degree, degree)
    if count > DERIVATIVE_LIMIT:
        raise TooLarge(
            "the Taylor polynomial of the model",
            size=f"comb({survivors} + {degree}, {degree}) = {count:,} derivatives in {survivors} weights",
            limit=f"{DERIVATIVE_LIMIT:,}",
            instead="Keep fewer weights (model.sparsity) or lower network.approximation.degree.",
        )


def _polynomial(network: TorchNetwork, degree: int, center: FloatArray, mask: Mask) -> BatchPolynomial:
    """Return the loss in u = theta - center of the survivors, the degrees 1 to `degree`."""
    torch = require_torch()
    survivors = int(mask.sum())
    cols: dict[int, list[IntArray]] = {order: [] for order in range(1, degree + 1)}
    vals: dict[int, list[FloatArray]] = {order: [] for order in range(1, degree + 1)}
    gradients = math.comb(survivors + degree - 1, degree - 1)
    with torch.enable_grad(), task("derivatives of the model", gradients) as progress:
        for index, values in _derivatives(torch, network, degree, center, mask, progress):
            first = index[-1] if index else 0
            live = np.flatnonzero(values[first:]) + first
            prefix = np.broadcast_to(np.array(index, dtype=np.int64), (len(live), len(index)))
            cols[len(index) + 1].append(np.column_stack((prefix, live)))
            vals[len(index) + 1].append(values[live])
    parts = {
        order: _monomials(np.concatenate(cols[order]), np.concatenate(vals[order]))
        for order in cols
        if cols[order]
    }
    return BatchPolynomial(
        n=survivors, size=1, parts={order: part for order, part in parts.items() if part.count}
    )


def _derivatives(
    torch: ModuleType, network: TorchNetwork, degree: int, center: FloatArray, mask: Mask, progress: Reporter
) -> Iterator[tuple[tuple[int, ...], FloatArray]]:
    """Yield (ascending index tuple, gradient of that partial derivative), in lexicographic order of depth first."""
    survivors = torch.tensor(np.flatnonzero(mask))
    point = torch.tensor(center[mask], requires_grad=True)
    theta = torch.zeros(len(mask), dtype=torch.float64).index_copy(0, survivors, point)
    value = network.objective(theta)
    if not value.requires_grad:
        raise refused(
            f"{network.module.text} has no gradient in its weights", "outputs that depend on the weights"
        )

    def visit(index: tuple[int, ...], value: Tensor) -> Iterator[tuple[tuple[int, ...], FloatArray]]:
        order = len(index) + 1
        try:
            (slope,) = torch.autograd.grad(
                value, point, create_graph=order < degree, retain_graph=True, materialize_grads=True
            )
        except (RuntimeError, NotImplementedError) as error:
            found = f"derivative {order} of {network.module.text} raises {one_line(error)}"
            raise refused(found, "operations with derivatives of that order, or a lower degree") from error
        yield index, slope.detach().numpy()
        progress.advance()
        if order < degree and slope.requires_grad:
            for weight in range(index[-1] if index else 0, len(slope)):
                yield from visit((*index, weight), slope[weight])

    yield from visit((), value)


def _monomials(cols: IntArray, derivatives: FloatArray) -> Monomials:
    """Return the terms: each derivative over the product of the factorials of how often its indices occur."""
    factorials = math.factorial(cols.shape[1]) / multiplicities(cols)
    coefficients = Coefficients(values=derivatives / factorials)
    return Monomials(batch=np.zeros(len(cols), dtype=np.int64), cols=cols, coefficients=coefficients)
