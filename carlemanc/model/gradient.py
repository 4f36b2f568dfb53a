"""The pass from a loss to its gradient-descent map: theta <- theta - eta grad L(theta), about a center.

The loss becomes a polynomial in u = theta - center; the monomial c u_1 .. u_{l+1} gives the row of each
distinct index r in it the entry -eta c k on the remaining l indices, k being how often r occurs. That is
`F_l u^(x)l = -(eta/l!) grad^{l+1} L(center)[u^(x)l, .]` (THEORY section 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.batch_polynomial import MONOMIAL_LIMIT, Monomials, too_many
from carlemanc.model.coefficients import Coefficients
from carlemanc.model.data import DataSet
from carlemanc.model.evaluation import Boundary, Evaluator
from carlemanc.model.expression_tree import (
    DATA,
    RESERVED,
    Expression,
    array_names,
    free_names,
    sum_indices,
    unbound_names,
)
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.scope import Scope
from carlemanc.model.sparse_tensor import FloatArray, SparseTensor

Parameter = float | int | Fraction | npt.NDArray[Any]


def derive_map(
    expression: Expression,
    *,
    n: int,
    learning_rate: float | Fraction,
    center: npt.ArrayLike,
    parameters: Mapping[str, Parameter] | None = None,
    data: DataSet | None = None,
    boundary: Boundary = "periodic",
    source: str = "loss",
) -> PolynomialMap:
    """Return the map of gradient descent on a loss.

    Numbers are exact as they are printed (0.1 is 1/10): literals, scalar parameters, the learning rate
    and the center. Floats enter with data and array parameters; only then has `SparseTensor.exact` no
    value.

    Args:
        expression: the loss.
        n: number of weights.
        learning_rate: eta > 0.
        center: (n,) expansion point theta_0.
        parameters: name -> number, or array for `J[i]`.
        data: x and y; needed where the loss uses x, y or m.
        boundary: what theta outside 0..n-1 means inside a Sum: modulo n, or zero.
        source: where the loss comes from, in words.

    Raises:
        InputError: names without a value, indices out of range, division by zero, overflow.
        TooLarge: more than five million monomials.
    """
    if n > MONOMIAL_LIMIT:
        raise too_many(n)
    given = {name: _plain(value) for name, value in (parameters or {}).items()}
    center = np.asarray(center, dtype=np.float64)
    problems = _problems(expression, given, n, center, data)
    if problems:
        raise InputError("The loss cannot be evaluated.", problems)
    evaluator = _evaluator(n, center, given, data, boundary)
    with np.errstate(all="ignore"):
        loss = evaluator.polynomial(expression, Scope.outermost())
    eta = as_exact(learning_rate)
    tensors = {
        degree - 1: _differentiate(part, n, degree - 1, eta) for degree, part in loss.parts.items() if degree
    }
    for tensor in tensors.values():
        if not np.all(np.isfinite(tensor.vals)):
            raise InputError("The loss cannot be evaluated.", [_overflow()])
    return PolynomialMap(
        n=n, center=center, tensors=tensors, learning_rate=float(learning_rate), source=source
    )


def as_exact(value: float | int | Fraction) -> Fraction:
    """Return the rational that a number is printed as: 0.1 becomes 1/10."""
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)))


def _exact_center(center: FloatArray) -> Coefficients:
    """Return the center as rationals, at a cost that grows with its nonzero entries only."""
    sites = np.flatnonzero(center)
    known = Coefficients.exact([as_exact(value) for value in center[sites].tolist()])
    values = np.zeros(len(center), dtype=known.values.dtype)
    values[sites] = known.values
    return Coefficients(values=values, denominator=known.denominator)


def _plain(value: Parameter) -> Parameter:
    """Return an array of no dimension as the number it is."""
    return float(value) if isinstance(value, np.ndarray) and not value.ndim else value


def _evaluator(
    n: int, center: FloatArray, given: Mapping[str, Parameter], data: DataSet | None, boundary: Boundary
) -> Evaluator:
    scalars = {name: as_exact(value) for name, value in given.items() if not isinstance(value, np.ndarray)}
    scalars["n"] = Fraction(n)
    if data is not None:
        scalars["m"] = Fraction(len(data.y))
    return Evaluator(
        n=n,
        center=_exact_center(center),
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
    center: FloatArray,
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
    if center.shape != (n,) or not np.all(np.isfinite(center)):
        problems.append(_problem(f"a center of shape {center.shape}", f"{n} finite numbers"))
    return problems


def _problem(found: str, allowed: str) -> Problem:
    return Problem(where="loss", found=found, allowed=allowed)


def _overflow() -> Problem:
    return _problem(
        "a coefficient that is not finite", "data, parameters and powers within the range of floats"
    )


def _differentiate(monomials: Monomials, n: int, degree: int, eta: Fraction) -> SparseTensor:
    """Return F_l, l = `degree`, from the monomials of degree l + 1."""
    cols = monomials.cols
    rows, rests, picks, factors = [], [], [], []
    for slot in range(degree + 1):
        fresh = cols[:, slot] != cols[:, slot - 1] if slot else np.ones(len(cols), dtype=bool)
        pick = np.flatnonzero(fresh)
        rows.append(cols[pick, slot])
        rests.append(np.delete(cols[pick], slot, axis=1))
        picks.append(pick)
        factors.append((cols[pick] == cols[pick, slot : slot + 1]).sum(axis=1))
    minus_eta = Coefficients.constant(-eta, 1).take(np.zeros(sum(map(len, picks)), dtype=np.int64))
    multiplicity = Coefficients.integers(np.concatenate(factors))
    values = monomials.coefficients.take(np.concatenate(picks)) * multiplicity * minus_eta
    return SparseTensor.build(
        n=n,
        degree=degree,
        rows=np.concatenate(rows),
        cols=np.concatenate(rests),
        vals=values.floats(),
        exact=values.fractions(),
    )
