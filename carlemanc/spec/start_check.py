"""What can be said about `training.initial = { function = ... }` from the text alone: grammar, indices, constants."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.core.errors import Problem
from carlemanc.model.expression.parser import ExpressionError
from carlemanc.model.starts.grammar import parse_start
from carlemanc.model.starts.tree import Refused, check
from carlemanc.spec.expression_check import placed
from carlemanc.spec.written import Written

_KEY = "training.initial.function"


def check_start(spec: Written) -> Iterator[Problem]:
    """Yield the problems of a start that is a function; its rank is found where it is built."""
    text = spec.text(_KEY)
    if text is None:
        return
    try:
        node = parse_start(text)
    except ExpressionError as error:
        yield from (placed(problem, text, spec.origin.where(_KEY)) for problem in error.problems)
        return
    n = spec.weights if "network" not in spec and not spec.is_pruned else None
    dims = spec.dims or (None if n is None or n < 1 else (n,))
    if dims is None:
        return
    try:
        check(node, dims)
    except Refused as error:
        yield spec.problem(_KEY, error.found, error.allowed, error.help)
