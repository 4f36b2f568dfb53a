"""The whitelist parser of loss expressions: text in, a frozen tree or one error with every problem out.

Grammar (CONTRACT section 1, "Meaning"): numbers, names, `+ - * /`, `**` with a literal non-negative integer,
the arrays `theta[i]`, `x[a, k]`, `y[a]` and parameters `J[i]`, and `Sum(body, (i, low, high), ...)`. The text
is only ever given to `ast.parse`, which builds a syntax tree and runs nothing; whatever is not on the list is
refused. Standard library only.
"""

from __future__ import annotations

import ast
import re
import warnings

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.expression.syntax import MAX_DEPTH, MAX_NODES, Converter, problem_at
from carlemanc.model.expression.tree import (
    Expression,
    Name,
    array_names,
    degree_bound,
    size_bound,
    walk,
)

MAX_LENGTH = 20_000
MAX_DEGREE = 32
MAX_PROBLEMS = 20
MAX_BITS = 20_000

_SYMBOLS = frozenset("+-*/()[],._ \t\r\n")
_OPERATOR_HELP = {"^": "write ** for a power", "=": "an expression has no assignment"}


class ExpressionError(InputError):
    """An expression that the grammar refuses; `problems` lists everything wrong with it."""

    def __init__(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        more = len(problems) - MAX_PROBLEMS
        title = "The expression is not accepted."
        if more > 0:
            title += f" (The first {MAX_PROBLEMS} problems; {more} more.)"
        super().__init__(title, problems[:MAX_PROBLEMS])


def parse_expression(text: str) -> Expression:
    """Return the tree of `text`.

    Raises:
        ExpressionError: with every problem found, in the order of the text.
    """
    problems = problems_of_text(text)
    if problems:
        raise ExpressionError(problems)
    line = re.sub(r"\s", " ", text).strip()
    offset = len(text) - len(text.lstrip())
    converter = Converter(line, offset)
    tree = converter.convert(syntax_tree(line, offset))
    if not converter.problems:
        converter.problems.extend(_problems_of_tree(tree))
    if converter.problems:
        raise ExpressionError(converter.problems)
    return tree


def problems_of_text(text: str) -> list[Problem]:
    """Return what can be seen before parsing: length, characters, bracket depth."""
    if not text.strip():
        return [problem_at(None, "an empty expression")]
    if len(text) > MAX_LENGTH:
        return [problem_at(None, f"{len(text)} characters", f"at most {MAX_LENGTH} characters")]
    problems: list[Problem] = []
    seen: set[str] = set()
    depth = 0
    for column, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth > MAX_DEPTH:
            return [*problems, problem_at(column, "deeper nesting", f"brackets at most {MAX_DEPTH} deep")]
        plain = character in _SYMBOLS or (character.isascii() and character.isalnum())
        if not plain and character not in seen:
            seen.add(character)
            hint = _OPERATOR_HELP.get(character, "")
            problems.append(problem_at(column, f"the character {character!a}", help=hint))
    return problems


def syntax_tree(line: str, offset: int) -> ast.expr:
    """Parse without evaluating; every way in which `ast.parse` can fail becomes an ExpressionError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        column = max((error.offset or 1) - 1, 0)
        found = f"{error.msg}, at {line[column : column + 20]!r}"
        raise ExpressionError([problem_at(column + offset, found)]) from None
    except (RecursionError, MemoryError):
        allowed = f"at most {MAX_NODES} operations, nested at most {MAX_DEPTH} deep"
        raise ExpressionError([problem_at(None, "too many nested operations", allowed)]) from None
    except ValueError as error:
        raise ExpressionError([problem_at(None, str(error))]) from None


def _problems_of_tree(tree: Expression) -> list[Problem]:
    problems = []
    if degree_bound(tree) > MAX_DEGREE:
        found = f"degree {degree_bound(tree)} in theta"
        problems.append(problem_at(None, found, f"degree at most {MAX_DEGREE}"))
    if size_bound(tree) > MAX_BITS:
        found = "powers or products that make huge numbers"
        problems.append(problem_at(None, found, f"numbers of at most {MAX_BITS} bits"))
    scalars = {node.name for node in walk(tree) if isinstance(node, Name)}
    for name in sorted(scalars & array_names(tree)):
        problems.append(problem_at(None, f"{name!r} with and without an index", "one of the two"))
    return problems
