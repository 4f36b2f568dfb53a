"""The spectrum of the Hessian of a spec, read from its map: F_1 = -eta H(center), exactly (THEORY section 1).

No PyTorch. A lattice that is periodic with the same stencil everywhere has its eigenvalues in closed form, the
Fourier symbol sum_o c_o exp(i k . o) at every wave vector of the lattice; other maps are taken as a sparse
matrix, exactly up to `DENSE_LIMIT` weights and by Lanczos quadrature beyond. Either way F_1 is first compared
with its transpose, entry by entry: a map whose linear part is not symmetric is the gradient step of no loss.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.training.hessian.checked import Checked, Deviation
from carlemanc.training.hessian.quadrature import Quadrature, estimated_spectrum
from carlemanc.training.hessian.spectrum import Spectrum, exact_spectrum

DENSE_LIMIT = 2000
"""Weights up to which all eigenvalues of a sparse Hessian are computed."""
SYMBOL_LIMIT = 1 << 20
"""Sites up to which the symbol is evaluated at every wave vector."""
SPARSE_LIMIT = 1 << 20
"""Weights up to which Lanczos vectors are kept."""
_SYMMETRIC = 1e-9


def map_spectrum(
    maps: tuple[PolynomialMap, ...], shares: tuple[float, ...], quadrature: Quadrature, *, where: str
) -> tuple[Spectrum, Checked]:
    """Return the spectrum of H = -F_1/eta, F_1 the mean over the batches, and how symmetric F_1 is.

    Args:
        maps: of each batch, about the same center.
        shares: their weights in the mean, summing to 1.
        quadrature: how it is estimated where n is large.
        where: the spec, for messages.

    Raises InputError where F_1 is not symmetric (no loss has this map), TooLarge for too many weights.
    """
    rate, linear = maps[0].learning_rate, maps[0].operators.get(1)
    if len(maps) == 1 and isinstance(linear, LatticeTensor) and _is_invariant(linear):
        checked = _symmetric(*_stencil_skew(linear), where)
        return exact_spectrum(_symbol(linear) / -rate, "fourier"), checked
    matrix = _linear_part(maps, shares, rate, where)
    checked = _symmetric(abs(matrix - matrix.T).max(), abs(matrix).max(), where)
    matrix = 0.5 * (matrix + matrix.T)
    if matrix.shape[0] <= DENSE_LIMIT:
        return exact_spectrum(np.linalg.eigvalsh(matrix.toarray()), "dense"), checked
    found = estimated_spectrum(
        lambda rows: np.asarray((matrix @ rows.T.astype(np.float64)).T), matrix.shape[0], quadrature
    )
    return found, checked


def _symmetric(skew: float, largest: float, where: str) -> Checked:
    """Return the finding about an F_1. Raises InputError where it is not symmetric."""
    found = Deviation(value=float(skew) / float(largest) if skew else 0.0, allowed=_SYMMETRIC)
    if not found.passes:
        problem = Problem(
            where=where,
            found=f"a linear part that is not symmetric (by {float(skew):.3g})",
            allowed="the gradient of a loss, whose F_1 is -eta H",
        )
        raise InputError("There is no Hessian.", [problem])
    return Checked(symmetry=found)


def _stencil_skew(linear: LatticeTensor) -> tuple[float, float]:
    """Return the largest |c_o - c_-o| and the largest |c_o| of a periodic stencil."""
    dims = linear.lattice.dims
    table: dict[tuple[int, ...], float] = {}
    for item in linear.stencils:
        place = tuple(step % size for step, size in zip(item.offsets[0], dims, strict=True))
        table[place] = table.get(place, 0.0) + float(item.coefficient)
    mirrored = {place: tuple(-step % size for step, size in zip(place, dims, strict=True)) for place in table}
    skew = max((abs(value - table.get(mirrored[place], 0.0)) for place, value in table.items()), default=0.0)
    return skew, max((abs(value) for value in table.values()), default=0.0)


def _is_invariant(linear: LatticeTensor) -> bool:
    lattice = linear.lattice
    return (
        lattice.periodic
        and not linear.entries.nnz
        and all(item.profile is None and item.box == lattice.full for item in linear.stencils)
    )


def _symbol(linear: LatticeTensor) -> FloatArray:
    """Return the symbol at all wave vectors; real where the stencil is symmetric, as that of a Hessian is."""
    dims = linear.lattice.dims
    if math.prod(dims) > SYMBOL_LIMIT:
        raise TooLarge(
            "the spectrum",
            size=f"{math.prod(dims):,} sites",
            limit=f"{SYMBOL_LIMIT:,}",
            instead="A smaller lattice of the same stencil has the same density: --set model.n=1048576.",
        )
    waves = np.meshgrid(*[2 * np.pi * np.arange(size) / size for size in dims], indexing="ij", sparse=True)
    total = np.zeros(dims)
    for item in linear.stencils:
        phase = sum(step * wave for step, wave in zip(item.offsets[0], waves, strict=True))
        total = total + float(item.coefficient) * np.cos(phase)
    return np.asarray(total.reshape(-1))


def _linear_part(maps: tuple[PolynomialMap, ...], shares: tuple[float, ...], rate: float, where: str) -> Any:
    """Return -F_1/eta as a sparse matrix."""
    from scipy import sparse

    n = maps[0].n
    if n > SPARSE_LIMIT:
        raise TooLarge(
            "the Hessian",
            size=f"{n:,} weights",
            limit=f"{SPARSE_LIMIT:,}",
            instead="A smaller model.n of the same loss has a similar density.",
        )
    matrix = sparse.csr_matrix((n, n))
    for item, share in zip(maps, shares, strict=True):
        linear = item.operators.get(1)
        if isinstance(linear, ShapedTensor):
            found, allowed = "a map known by its shape alone", "a map with values"
            raise InputError("There is no Hessian.", [Problem(where=where, found=found, allowed=allowed)])
        if linear is not None:
            matrix = matrix - (share / rate) * sparse.csr_matrix(written_out(linear).to_sparse())
    return matrix
