"""What the names of a loss stand for: parameters, data, lattice and center, checked before any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError, InternalError, Problem, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.evaluation import Boundary, Evaluator
from carlemanc.model.expression.tree import (
    DATA,
    RESERVED,
    Expression,
    array_names,
    free_names,
    sum_indices,
    unbound_names,
)
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.exact_point import ExactPoint
from carlemanc.model.weights import Weights, as_exact

SITE_LIMIT = 2**60
"""The most weights whose indices are numbered."""

Parameter = float | int | Fraction | Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedExpression:
    """An expression with everything that its names stand for.

    Attributes:
        lattice: how the weights are numbered.
        center: the expansion point.
        evaluator: makes polynomials in u = theta - center.
    """

    lattice: Lattice
    center: Weights
    evaluator: Evaluator


def open_expression(
    expression: Expression,
    *,
    n: int,
    center: npt.ArrayLike | Weights,
    parameters: Mapping[str, Parameter] | None,
    data: DataSet | None,
    boundary: Boundary,
    dims: Sequence[int] | None,
) -> OpenedExpression:
    """Return the expression with its names; the arguments are those of `derive_map`.

    Raises InputError for names without a value, TooLarge for more weights than are numbered.
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
    return OpenedExpression(
        lattice=lattice, center=point, evaluator=_evaluator(lattice, point, given, data, boundary)
    )


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
