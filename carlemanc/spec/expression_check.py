"""What can be said about `[loss]` and observables from their text alone: grammar, and that every name has a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from carlemanc.core.errors import Problem
from carlemanc.model.expression.parser import ExpressionError, parse_expression
from carlemanc.model.expression.tree import (
    GRADIENT_NORM,
    LOSS,
    RESERVED,
    Expression,
    Index,
    array_names,
    free_names,
    sum_indices,
    uses_data,
    uses_weight,
    walk,
)
from carlemanc.spec.problems import nearest, shown
from carlemanc.spec.written import Written

_KEY = "loss.expression"
_OBSERVABLES = "readout.observables"
NAMED = (LOSS, GRADIENT_NORM)
"""Observables that are no expressions."""
_FIXED = ("theta", "x", "y", "n", "m", "Sum")
"""The reserved names in the order messages list them."""


def check_expression(spec: Written) -> Iterator[Problem]:
    """Yield the problems of the loss and of the names of its parameters."""
    parameters = spec.table("loss.parameters") or {}
    yield from _parameter_names(spec, parameters)
    text = spec.text(_KEY)
    if text is None:
        return
    expression, problems = _parsed(spec, _KEY, text)
    yield from problems
    if expression is not None:
        yield from _checked(spec, _KEY, "a loss", expression)
        yield from _scalars_and_arrays(spec, expression, parameters)


def check_observables(spec: Written) -> Iterator[Problem]:
    """Yield the problems of what is to be read: none, names that nothing can be called, polynomials that are none."""
    given = spec.table(_OBSERVABLES) or {}
    if spec.text("readout.target") == "observables":
        yield from _readable(spec, given)
    for name, text in given.items():
        key = f"{_OBSERVABLES}.{name}"
        if not (name.isidentifier() and name.isascii()):
            allowed = "a name of letters, digits and underscores that begins with a letter"
            yield spec.problem(key, f"the name {shown(name)}", allowed)
        elif isinstance(text, str) and text not in NAMED:
            expression, problems = _parsed(spec, key, text)
            yield from problems
            if expression is not None:
                yield from _checked(spec, key, "an observable", expression)


def _readable(spec: Written, given: Mapping[str, object]) -> Iterator[Problem]:
    if not given and isinstance(spec.get(_OBSERVABLES, {}), Mapping):
        allowed = 'a table of expressions, such as { loss = "loss", first = "theta[0]" }'
        yield spec.problem(_OBSERVABLES, 'nothing, and readout.target = "observables"', allowed)
    if "system" in spec:
        allowed = '"theta": of a [system] x itself is read'
        yield spec.problem("readout.target", '"observables" beside [system]', allowed)
    for name, text in given.items() if "map" in spec else ():
        if text in NAMED:
            found, allowed = f"{shown(text)} of a [map]", "an expression: a map comes without a loss"
            yield spec.problem(f"{_OBSERVABLES}.{name}", found, allowed)


def _parsed(spec: Written, key: str, text: str) -> tuple[Expression | None, list[Problem]]:
    try:
        return parse_expression(text), []
    except ExpressionError as error:
        return None, [placed(problem, text, spec.origin.where(key)) for problem in error.problems]


def _checked(spec: Written, key: str, what: str, expression: Expression) -> Iterator[Problem]:
    yield from _subject(spec, key, what, expression)
    yield from _axes(spec, key, expression)
    yield from _unknown_names(spec, key, expression, spec.table("loss.parameters") or {})


def placed(problem: Problem, text: str, key: str) -> Problem:
    """Return a problem of the grammar with the key in front of its column, and what is written there."""
    place = problem.where.removeprefix("expression")
    found = problem.found
    column = place.removeprefix(", column ")
    if column.isdigit() and found.startswith("the character"):
        start = max(int(column) - 16, 0)
        found += f" in {shown(text[start : int(column) + 15])}"
    return replace(problem, where=f"{key}{place}", found=found)


def _parameter_names(spec: Written, parameters: Mapping[str, object]) -> Iterator[Problem]:
    allowed = f"a name that begins with a letter, other than {', '.join(_FIXED)}"
    for name in parameters:
        plain = name.isidentifier() and name.isascii() and not name.startswith("_")
        if not plain or name in RESERVED or name == "Sum":
            yield spec.problem(f"loss.parameters.{name}", f"the name {shown(name)}", allowed)


def _subject(spec: Written, key: str, what: str, expression: Expression) -> Iterator[Problem]:
    if not uses_weight(expression):
        yield spec.problem(key, "no theta", f"{what} that depends on the weights theta[i]")
    if uses_data(expression) and "data" not in spec:
        found = "x, y or m, and the spec has no [data]"
        yield spec.problem(key, found, "x, y and m beside a table [data]")


def axis_names(dims: tuple[int, ...] | None) -> tuple[str, ...]:
    """Return n1, n2, ...: what a loss may call the extents of its lattice."""
    return tuple(f"n{axis}" for axis in range(1, len(dims or ()) + 1))


def _axes(spec: Written, key: str, expression: Expression) -> Iterator[Problem]:
    axes = 1 if spec.dims is None else len(spec.dims)
    weights = (node for node in walk(expression) if isinstance(node, Index) and node.name == "theta")
    example = f"theta[{', '.join('ijk'[:axes])}]"
    allowed = f"{example}, as many indices as model.dims" if axes > 1 else example
    advice = "give the extents of the lattice: model.dims" if axes == 1 else ""
    for count in sorted({len(node.indices) for node in weights} - {axes}):
        found = f"theta with {count} {'index' if count == 1 else 'indices'}"
        yield spec.problem(key, found, allowed, advice)


def _unknown_names(
    spec: Written, key: str, expression: Expression, parameters: Mapping[str, object]
) -> Iterator[Problem]:
    known, sizes = ", ".join(parameters) or "none given", axis_names(spec.dims)
    allowed = f"theta, x, y, n, m, the indices of Sum, and loss.parameters ({known})"
    for name in sorted(free_names(expression) - parameters.keys() - set(sizes)):
        close = nearest(name, [*parameters, *sizes, *_FIXED])
        if name in sum_indices(expression):
            advice = f"{name} has a value only inside its Sum"
        elif close:
            advice = f'did you mean "{close}"?'
        else:
            advice = f"give it a value: parameters = {{ {name} = 1.0 }}"
        yield spec.problem(key, f'the name "{name}", which nothing defines', allowed, advice)


def _scalars_and_arrays(
    spec: Written, expression: Expression, parameters: Mapping[str, object]
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
        yield spec.problem(f"loss.parameters.{name}", shown(value), allowed)
