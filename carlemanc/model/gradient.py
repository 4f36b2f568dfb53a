"""The pass from a loss to its gradient-descent map: theta <- theta - eta grad L(theta), about a center.

The loss becomes a polynomial in u = theta - center; the monomial c u_1 .. u_{l+1} gives the row of each
distinct index r in it the entry -eta c k on the remaining l indices, k being how often r occurs. That is
`F_l u^(x)l = -(eta/l!) grad^{l+1} L(center)[u^(x)l, .]` (THEORY section 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.evaluation import Boundary
from carlemanc.model.expression.scope import Scope
from carlemanc.model.expression.tree import Add, Expression, Number, uses_data
from carlemanc.model.lattice.shift import shift_stencils
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.stencil_gradient import MONOMIALS_PER_SITE, TooManyStencils, gradient_stencils
from carlemanc.model.lattice.sums import LatticeSum, split
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.negligible import without_negligible
from carlemanc.model.opened_expression import Parameter, open_expression
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials.batch_polynomial import MONOMIAL_LIMIT, Monomials
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.slopes import slopes
from carlemanc.model.sparse_tensor import SparseTensor, no_entries
from carlemanc.model.weights import Weights
from carlemanc.model.weights import as_exact as as_exact


def derive_map(
    expression: Expression,
    *,
    n: int,
    learning_rate: float | Fraction,
    center: npt.ArrayLike | Weights,
    parameters: Mapping[str, Parameter] | None = None,
    data: DataSet | None = None,
    boundary: Boundary = "periodic",
    dims: Sequence[int] | None = None,
    source: str = "loss",
) -> PolynomialMap:
    """Return the map of gradient descent on a loss.

    Sums over sites become stencils, whatever n is; everything else is written out entry by entry. Numbers
    are exact as they are printed (0.1 is 1/10): literals, scalar parameters, the learning rate and the
    center. Floats enter with data and array parameters; only then has `SparseTensor.exact` no value.

    Args:
        expression: the loss.
        n: number of weights.
        learning_rate: eta > 0.
        center: (n,) expansion point theta_0.
        parameters: name -> number, or array for `J[i]`.
        data: x and y; needed where the loss uses x, y or m.
        boundary: what theta outside 0..n-1 means inside a Sum: modulo n, or zero.
        dims: axes of a lattice with theta[i, j], their product n; the loss may name them n1, n2, n3.
        source: where the loss comes from, in words.

    Raises:
        InputError: names without a value, indices out of range, division by zero, overflow.
        TooLarge: more than five million monomials outside lattice sums.
    """
    opened = open_expression(
        expression, n=n, center=center, parameters=parameters, data=data, boundary=boundary, dims=dims
    )
    lattice, evaluator, point = opened.lattice, opened.evaluator, opened.center
    eta = as_exact(learning_rate)
    sums: list[LatticeSum] = []
    rest: list[Expression] = []
    if _is_local(expression, point):
        scalars = {name: values.fractions() or [] for name, values in evaluator.scalars.items()}
        sums, rest = split(expression, lattice, {name: value[0] for name, value in scalars.items() if value})
    with np.errstate(all="ignore"):
        try:
            stencils = gradient_stencils(sums, lattice, evaluator, eta)
        except TooManyStencils:
            if n > MONOMIAL_LIMIT:
                raise _too_many_stencils() from None
            sums, stencils = [], {}
        remainder = Add((*rest, Number(Fraction(0)))) if sums else expression
        loss = evaluator.polynomial(remainder, Scope.outermost())
    tensors = {
        degree - 1: _differentiate(part, n, degree - 1, eta) for degree, part in loss.parts.items() if degree
    }
    operators = _combined(tensors, stencils, lattice, point)
    for operator in operators.values():
        if not _is_finite(operator):
            raise InputError("The loss cannot be evaluated.", [_overflow()])
    return without_negligible(
        PolynomialMap(
            n=n,
            center=point,
            tensors=operators,
            learning_rate=float(learning_rate),
            source=source,
            samples=_samples(data, n),
        )
    )


def _samples(data: DataSet | None, n: int) -> FloatArray | None:
    """Return the vectors that an inner product with the weights may meet: features, or features and 1."""
    if data is None or n - data.x.shape[1] not in (0, 1):
        return None
    return np.hstack((data.x, np.ones((data.samples, n - data.x.shape[1]))))


def _too_many_stencils() -> TooLarge:
    return TooLarge(
        "the loss",
        size=f"its lattice sums have over {MONOMIALS_PER_SITE:,} monomials at every site",
        limit=f"{MONOMIALS_PER_SITE:,}",
        instead="Use a lower degree or fewer offsets.",
    )


def _is_local(expression: Expression, center: Weights) -> bool:
    """Return whether to look for lattice sums: not about a center that differs at most sites."""
    few = len(center.sites) <= max(center.n // 4, 1) or center.n > MONOMIAL_LIMIT
    return few and (not uses_data(expression) or center.n > MONOMIAL_LIMIT)


def _combined(
    tensors: Mapping[int, SparseTensor],
    stencils: Mapping[int, Sequence[Stencil]],
    lattice: Lattice,
    center: Weights,
) -> dict[int, SparseTensor | LatticeTensor]:
    """Return every F_l about the center: entry by entry, or stencils with explicit entries beside them."""
    if not stencils and lattice.n <= MONOMIAL_LIMIT:
        return dict(tensors)
    parts = {degree: LatticeTensor.build(lattice, degree, found) for degree, found in stencils.items()}
    if parts and not center.is_zero:
        parts = shift_stencils(list(parts.values()), center)
    bare = LatticeTensor.build(lattice, 0, [])
    return {
        degree: parts.get(degree, replace(bare, degree=degree, entries=no_entries(lattice.n, degree))).plus(
            tensors.get(degree)
        )
        for degree in sorted(parts.keys() | tensors.keys())
    }


def _is_finite(operator: SparseTensor | LatticeTensor) -> bool:
    if isinstance(operator, SparseTensor):
        return bool(np.all(np.isfinite(operator.vals)))
    return operator.is_finite


def _overflow() -> Problem:
    return Problem(
        where="loss",
        found="a coefficient that is not finite",
        allowed="data, parameters and powers within the range of floats",
    )


def _differentiate(monomials: Monomials, n: int, degree: int, eta: Fraction) -> SparseTensor:
    """Return F_l, l = `degree`, from the monomials of degree l + 1."""
    entries = slopes(monomials.cols)
    minus_eta = Coefficients.constant(-eta, 1).take(np.zeros(len(entries.rows), dtype=np.int64))
    multiplicity = Coefficients.integers(entries.times)
    values = monomials.coefficients.take(entries.monomials) * multiplicity * minus_eta
    return SparseTensor.build(
        n=n,
        degree=degree,
        rows=entries.rows,
        cols=entries.rests,
        vals=values.floats(),
        exact=values.fractions(),
        errors=values.errors,
    )
