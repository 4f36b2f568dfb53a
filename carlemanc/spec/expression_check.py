"""What can be said about `[loss]` from its text alone: grammar, and that every name has a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.model.expression.parser import (
    RESERVED,
    Expression,
    ExpressionError,
    array_names,
    free_names,
    parse_expression,
    sum_indices,
    uses_data,
    uses_weight,
    walk,
)
from carlemanc.model.expression.tree import Index
from carlemanc.spec.problems import Origin, nearest, shown
from carlemanc.spec.tables import dims_at, table_at, text_at

_KEY = "loss.expression"
_FIXED = ("theta", "x", "y", "n", "m", "Sum")
"""The reserved names in the order messages list them."""


def check_expression(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    """Yield the problems of the loss and of the names of its parameters."""
    parameters = table_at(tables, "loss.parameters")
    yield from _parameter_names(parameters, origin)
    text = text_at(tables, _KEY)
    if text is None:
        return
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        yield from (_placed(problem, text, origin.where(_KEY)) for problem in error.problems)
        return
    where = origin.where(_KEY)
    yield from _subject(expression, "data" in tables, where)
    dims = dims_at(tables)
    yield from _axes(expression, 1 if dims is None else len(dims), where)
    yield from _unknown_names(expression, parameters, axis_names(dims), where)
    yield from _scalars_and_arrays(expression, parameters, origin)


def _placed(problem: Problem, text: str, key: str) -> Problem:
    """Return a problem of the grammar with the key in front of its column, and what is written there."""
    place = problem.where.removeprefix("expression")
    found = problem.found
    column = place.removeprefix(", column ")
    if column.isdigit() and found.startswith("the character"):
        start = max(int(column) - 16, 0)
        found += f" in {shown(text[start : int(column) + 15])}"
    return Problem(where=f"{key}{place}", found=found, allowed=problem.allowed, help=problem.help)


def _parameter_names(parameters: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    for name in parameters:
        if (
            name in RESERVED
            or name == "Sum"
            or name.startswith("_")
            or not (name.isidentifier() and name.isascii())
        ):
            yield Problem(
                where=origin.where(f"loss.parameters.{name}"),
                found=f"the name {shown(name)}",
                allowed=f"a name that begins with a letter, other than {', '.join(_FIXED)}",
            )


def _subject(expression: Expression, has_data: bool, where: str) -> Iterator[Problem]:
    if not uses_weight(expression):
        yield Problem(where=where, found="no theta", allowed="a loss that depends on the weights theta[i]")
    if uses_data(expression) and not has_data:
        yield Problem(
            where=where,
            found="x, y or m, and the spec has no [data]",
            allowed="x, y and m beside a table [data]",
        )


def axis_names(dims: tuple[int, ...] | None) -> tuple[str, ...]:
    """Return n1, n2, ...: what a loss may call the extents of its lattice."""
    return tuple(f"n{axis}" for axis in range(1, len(dims or ()) + 1))


def _axes(expression: Expression, axes: int, where: str) -> Iterator[Problem]:
    written = sorted(
        {len(node.indices) for node in walk(expression) if isinstance(node, Index) and node.name == "theta"}
    )
    example = f"theta[{', '.join('ijk'[:axes])}]"
    for count in written:
        if count != axes:
            advice = "give the extents of the lattice: model.dims" if axes == 1 else ""
            yield Problem(
                where=where,
                found=f"theta with {count} {'index' if count == 1 else 'indices'}",
                allowed=f"{example}, as many indices as model.dims" if axes > 1 else example,
                help=advice,
            )


def _unknown_names(
    expression: Expression, parameters: Mapping[str, Any], sizes: tuple[str, ...], where: str
) -> Iterator[Problem]:
    known = ", ".join(parameters) or "none given"
    for name in sorted(free_names(expression) - parameters.keys() - set(sizes)):
        close = nearest(name, [*parameters, *sizes, *_FIXED])
        if name in sum_indices(expression):
            advice = f"{name} has a value only inside its Sum"
        else:
            advice = (
                f'did you mean "{close}"?' if close else f"give it a value: parameters = {{ {name} = 1.0 }}"
            )
        yield Problem(
            where=where,
            found=f'the name "{name}", which nothing defines',
            allowed=f"theta, x, y, n, m, the indices of Sum, and loss.parameters ({known})",
            help=advice,
        )


def _scalars_and_arrays(
    expression: Expression, parameters: Mapping[str, Any], origin: Origin
) -> Iterator[Problem]:
    indexed = array_names(expression)
    for name, value in parameters.items():
        if name in RESERVED:
            continue
        if name in indexed and isinstance(value, int | float):
            allowed = f'the name of a .npy file, because the expression writes "{name}[...]"'
        elif name in free_names(expression) - indexed and isinstance(value, str):
            allowed = f'a number, because the expression writes "{name}" without an index'
        else:
            continue
        yield Problem(where=origin.where(f"loss.parameters.{name}"), found=shown(value), allowed=allowed)
