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

from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import InputError, InternalError, Problem, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.evaluation import Boundary, Evaluator
from carlemanc.model.expression.scope import Scope
from carlemanc.model.expression.tree import (
    DATA,
    RESERVED,
    Add,
    Expression,
    Number,
    array_names,
    free_names,
    sum_indices,
    unbound_names,
    uses_data,
)
from carlemanc.model.lattice.shift import shift_stencils
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.stencil_gradient import MONOMIALS_PER_SITE, TooManyStencils, gradient_stencils
from carlemanc.model.lattice.sums import LatticeSum, split
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.negligible import without_negligible
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials.batch_polynomial import MONOMIAL_LIMIT, Monomials
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.exact_point import ExactPoint
from carlemanc.model.polynomials.slopes import slopes
from carlemanc.model.sparse_tensor import SparseTensor, no_entries
from carlemanc.model.weights import Weights
from carlemanc.model.weights import as_exact as as_exact

SITE_LIMIT = 2**60
"""The most weights whose indices are numbered."""

Parameter = float | int | Fraction | Array


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
    given = {name: _plain(value) for name, value in (parameters or {}).items()}
    lattice = Lattice(dims=tuple(dims or (n,)), periodic=boundary == "periodic")
    if n > SITE_LIMIT:
        raise TooLarge("the model", size=f"n = {n}", limit="2^60 weights", instead="Use fewer weights.")
    if lattice.n != n:
        raise InternalError(f"{n} weights on a lattice {lattice.dims}")
    sizes = {f"n{axis}": size for axis, size in enumerate(lattice.dims, start=1)} if dims else {}
    taken = given.keys() | sum_indices(expression)
    given = {name: size for name, size in sizes.items() if name not in taken} | given
    problems = _problems(expression, given, n, center, data)
    if problems:
        raise InputError("The loss cannot be evaluated.", problems)
    point = Weights.of(center)
    eta = as_exact(learning_rate)
    evaluator = _evaluator(lattice, point, given, data, boundary)
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


def _plain(value: Parameter) -> Parameter:
    """Return an array of no dimension as the number it is."""
    return float(value) if isinstance(value, np.ndarray) and not value.ndim else value


def _evaluator(
    lattice: Lattice,
    center: Weights,
    given: Mapping[str, Parameter],
    data: DataSet | None,
    boundary: Boundary,
) -> Evaluator:
    scalars = {name: as_exact(value) for name, value in given.items() if not isinstance(value, np.ndarray)}
    scalars["n"] = Fraction(lattice.n)
    if data is not None:
        scalars["m"] = Fraction(len(data.y))
    return Evaluator(
        n=lattice.n,
        dims=lattice.dims,
        center=ExactPoint.of(center),
        scalars={name: Coefficients.constant(value, 1) for name, value in scalars.items()},
        arrays={
            name: value.astype(np.float64) for name, value in given.items() if isinstance(value, np.ndarray)
        },
        data=data,
        boundary=boundary,
    )


def _problems(
    expression: Expression,
    given: Mapping[str, Parameter],
    n: int,
    center: npt.ArrayLike | Weights,
    data: DataSet | None,
) -> list[Problem]:
    """Return what does not fit together, before any arithmetic."""
    problems = []
    indexed, names = array_names(expression), unbound_names(expression)
    for name in sorted(free_names(expression)):
        if name not in given:
            known = ", ".join(sorted({*given, *sum_indices(expression)})) or "none"
            problems.append(_problem(f"the name {name!r}", f"a parameter or a Sum index; known: {known}"))
        elif isinstance(given[name], np.ndarray) != (name in indexed):
            kind, example = ("a number", name) if name in indexed else ("an array", f"{name}[i]")
            problems.append(_problem(f"{name!r} is {kind}, used otherwise", f"it is written {example}"))
    for name in sorted(given.keys() & (RESERVED | sum_indices(expression))):
        problems.append(_problem(f"a parameter named {name!r}", "names that are not reserved or a Sum index"))
    for name, value in sorted(given.items()):
        if not np.all(np.isfinite(np.asarray(value, dtype=np.float64))):
            problems.append(_problem(f"the parameter {name!r} with NaN or infinity", "finite numbers"))
    if data is None and (indexed & DATA or "m" in names):
        used = ", ".join(sorted((indexed & DATA) | (names & {"m"})))
        problems.append(_problem(f"{used} without data", "a [data] table, or a loss without x, y and m"))
    shape = (center.n,) if isinstance(center, Weights) else np.shape(center)
    values = [*center.values, center.fill] if isinstance(center, Weights) else center
    if shape != (n,) or not np.all(np.isfinite(np.asarray(values, dtype=np.float64))):
        problems.append(_problem(f"a center of shape {shape}", f"{n} finite numbers"))
    return problems


def _problem(found: str, allowed: str) -> Problem:
    return Problem(where="loss", found=found, allowed=allowed)


def _overflow() -> Problem:
    return _problem(
        "a coefficient that is not finite", "data, parameters and powers within the range of floats"
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
