"""The whitelist grammar of a start: text in, a frozen tree or one error with every problem out.

Numbers, the indices i, j, k, the sizes n, n1, n2, n3, pi, `+ - * /`, `**`, and the functions of `tree.FUNCTIONS`. The
text is only ever given to `ast.parse`, which builds a syntax tree and runs nothing. Standard library only.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import replace

from carlemanc.core.errors import Problem
from carlemanc.model.expression.parser import ExpressionError, problems_of_text, syntax_tree
from carlemanc.model.expression.syntax import ALLOWED as OF_A_LOSS
from carlemanc.model.expression.syntax import MAX_DEPTH, SyntaxReader, problem_at
from carlemanc.model.starts.tree import (
    FUNCTIONS,
    INDICES,
    ON_BITS,
    USAGE,
    Apply,
    Constant,
    Node,
    Symbol,
    is_constant,
)

MAX_LENGTH = 2_000
MAX_NODES = 500
MAX_EXPONENT = 64
MAX_SIZE = 1e300
SIZES = ("n", "n1", "n2", "n3")
ALLOWED = f"numbers, i, j, k, n, pi, + - * / **, {', '.join(FUNCTIONS)}"


def parse_start(text: str) -> Node:
    """Return the tree of a start. Raises ExpressionError with every problem found."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            [problem_at(None, f"{len(text)} characters", f"at most {MAX_LENGTH} characters")]
        )
    problems = problems_of_text(text)
    if problems:
        raise ExpressionError([_of_a_start(problem) for problem in problems])
    line, offset = re.sub(r"\s", " ", text).strip(), len(text) - len(text.lstrip())
    try:
        tree = syntax_tree(line, offset)
    except ExpressionError as error:
        raise ExpressionError([_of_a_start(problem) for problem in error.problems]) from None
    converter = _Converter(line, offset)
    node = converter.convert(tree)
    if converter.problems:
        raise ExpressionError(converter.problems)
    return node


def _of_a_start(problem: Problem) -> Problem:
    return replace(problem, allowed=ALLOWED) if problem.allowed == OF_A_LOSS else problem


class _Converter(SyntaxReader):
    """One pass over Python's syntax tree; a bad part is replaced by 1, so that the rest is still looked at."""

    def __init__(self, line: str, offset: int) -> None:
        super().__init__(line, offset)
        self._nodes = self._depth = 0

    def convert(self, node: ast.expr) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES or self._depth >= MAX_DEPTH:
            if not any(problem.found == "too many operations" for problem in self.problems):
                allowed = f"at most {MAX_NODES} operations, nested at most {MAX_DEPTH} deep"
                self._refuse(node, "too many operations", allowed)
            return Constant(1.0)
        self._depth += 1
        result = self._dispatch(node)
        self._depth -= 1
        return result

    def _refuse(self, node: ast.AST, found: str, allowed: str = ALLOWED, help: str = "") -> Node:
        self.record(node, found, allowed, help)
        return Constant(1.0)

    def _dispatch(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name(id="pi"):
                return Constant(math.pi)
            case ast.Name():
                if node.id in (*INDICES, *SIZES):
                    return Symbol(node.id)
                usage = USAGE.get(node.id, f"{node.id}(x)") if node.id in FUNCTIONS else ""
                return self._refuse(node, f"the name {node.id!r}", usage or ALLOWED)
            case ast.UnaryOp(op=ast.USub()):
                return Apply("*", (Constant(-1.0), self.convert(node.operand)))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.convert(node.operand)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                return self._chain(node)
            case ast.BinOp(op=ast.Pow()):
                return self._power(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self._refuse(node, f"attribute access {self.source(node)}")
            case ast.BinOp():
                return self._refuse(node, f"the operator in {self.source(node)}")
            case _:
                return self._refuse(node, self.source(node))

    def _number(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._refuse(node, self.source(node))
        if abs(value) > MAX_SIZE or value != value:
            return self._refuse(node, "a huge number", f"numbers of at most {MAX_SIZE:g} in size")
        return Constant(float(value))

    def _chain(self, node: ast.BinOp) -> Node:
        """Convert a chain of one precedence from the left, without recursion along it."""
        kinds = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
        chain: list[tuple[ast.operator, ast.expr]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and isinstance(first.op, kinds):
            chain.append((first.op, first.right))
            first = first.left
        result = self.convert(first)
        for operator, operand in reversed(chain):
            part = self.convert(operand)
            match operator:
                case ast.Add():
                    result = Apply("+", (result, part))
                case ast.Sub():
                    result = Apply("+", (result, Apply("*", (Constant(-1.0), part))))
                case ast.Mult():
                    result = Apply("*", (result, part))
                case _:
                    if part == Constant(0.0):
                        self._refuse(operand, "division by zero", "a nonzero divisor")
                    result = Apply("/", (result, part))
        return result

    def _power(self, node: ast.BinOp) -> Node:
        base, exponent = self.convert(node.left), self.convert(node.right)
        if is_constant(base) and not (isinstance(exponent, Constant) and exponent.value.is_integer()):
            return Apply("**", (base, exponent))
        whole = isinstance(exponent, Constant) and exponent.value.is_integer()
        if not whole or not isinstance(exponent, Constant) or not 0 <= exponent.value <= MAX_EXPONENT:
            allowed = f"a whole number from 0 to {MAX_EXPONENT}; or a constant to the power of anything"
            return self._refuse(node.right, f"the exponent {self.source(node.right)}", allowed)
        return Apply("**", (base, exponent))

    def _call(self, node: ast.Call) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in FUNCTIONS:
            allowed = f"the functions {', '.join(FUNCTIONS)}"
            return self._refuse(node, f"a call of {self.source(node.func)}", allowed)
        usage = USAGE.get(name, f"{name}(x)")
        if node.keywords or len(node.args) != FUNCTIONS[name]:
            return self._refuse(node, self.source(node), usage)
        parts = tuple(self.convert(argument) for argument in node.args)
        if name in ON_BITS and not (isinstance(parts[0], Symbol) and parts[0].name in INDICES):
            return self._refuse(node, self.source(node), f"an index first, as in {usage}")
        return Apply(name, parts)
