"""From Python's syntax tree of a loss expression to ours: one node kind after the other, or a problem.

Whatever is not on the whitelist is recorded as a `Problem` with its column; nothing is ever evaluated. The
limits below keep the time and memory of a hostile text bounded. Standard library only.
"""

from __future__ import annotations

import ast
from fractions import Fraction

from carlemanc.core.errors import Problem
from carlemanc.model.expression.tree import (
    DATA,
    RESERVED,
    WEIGHT,
    Add,
    Expression,
    Index,
    Inverse,
    Mul,
    Name,
    Neg,
    Number,
    Pow,
    Sum,
    array_names,
    free_names,
    sum_indices,
    uses_weight,
)

MAX_NODES = 5_000
MAX_DEPTH = 50
MAX_EXPONENT = 64
MAX_DECIMAL_EXPONENT = 300
ALLOWED = "numbers, names, + - * / **, indexing, Sum"

_WIDTH = {WEIGHT: (1, 2, 3), "y": (1,), "x": (2,)}
_PLACEHOLDER = Number(Fraction(1))


def problem_at(column: int | None, found: str, allowed: str = ALLOWED, help: str = "") -> Problem:
    """Return a problem of the expression at a column counted from 0 (None: of the expression as a whole)."""
    where = "expression" if column is None else f"expression, column {column + 1}"
    return Problem(where=where, found=found, allowed=allowed, help=help)


class SyntaxReader:
    """Where a pass over Python's syntax tree stands in the text, and what it found wrong."""

    def __init__(self, line: str, offset: int) -> None:
        self.line = line
        self.offset = offset
        self.problems: list[Problem] = []

    def record(self, node: ast.AST, found: str, allowed: str, help: str = "") -> None:
        """Keep a problem of a node, with its column."""
        column = getattr(node, "col_offset", 0) + self.offset
        self.problems.append(problem_at(column, found, allowed, help))

    def source(self, node: ast.expr) -> str:
        """Return the text of a node, shortened, in quotes."""
        text = self.line[node.col_offset : node.end_col_offset]
        return repr(text if len(text) <= 40 else text[:37] + "...")


class Converter(SyntaxReader):
    """One pass from Python's syntax tree to ours, collecting problems on the way.

    A bad part is replaced by the number one, so that the rest is still looked at.
    """

    def __init__(self, line: str, offset: int) -> None:
        super().__init__(line, offset)
        self.nodes = 0
        self.depth = 0
        self.bound: list[str] = []

    def refuse(self, node: ast.AST, found: str, allowed: str = ALLOWED, help: str = "") -> Expression:
        self.record(node, found, allowed, help)
        return _PLACEHOLDER

    def convert(self, node: ast.expr) -> Expression:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            return self._stop(node, "too many operations", f"at most {MAX_NODES} operations")
        if self.depth >= MAX_DEPTH:
            return self._stop(node, "deeper nesting", f"operations nested at most {MAX_DEPTH} deep")
        self.depth += 1
        result = self._dispatch(node)
        self.depth -= 1
        return result

    def _stop(self, node: ast.expr, found: str, allowed: str) -> Expression:
        if not any(problem.found == found for problem in self.problems):
            self.refuse(node, found, allowed)
        return _PLACEHOLDER

    def _dispatch(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node)
            case ast.Subscript():
                return self._index(node)
            case ast.UnaryOp(op=ast.USub()):
                return Neg(self.convert(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.convert(node.operand)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._add(node)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self._multiply(node)
            case ast.BinOp(op=ast.Pow()):
                return self._power(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self.refuse(node, f"attribute access {self.source(node)}")
            case ast.BinOp():
                return self.refuse(node, f"the operator in {self.source(node)}")
            case _:
                return self.refuse(node, self.source(node))

    def _number(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.refuse(node, self.source(node))
        allowed = f"numbers between 1e-{MAX_DECIMAL_EXPONENT} and 1e{MAX_DECIMAL_EXPONENT} in size"
        if isinstance(value, int):
            if value.bit_length() > 3 * MAX_DECIMAL_EXPONENT:
                return self.refuse(node, "a huge number", allowed)
            return Number(Fraction(value))
        text = self.line[node.col_offset : node.end_col_offset].replace("_", "").lower()
        mantissa, _, exponent = text.partition("e")
        if abs(int(exponent or 0)) > MAX_DECIMAL_EXPONENT or len(mantissa) > MAX_DECIMAL_EXPONENT:
            return self.refuse(node, f"the number {self.source(node)}", allowed)
        return Number(Fraction(text))

    def _name(self, node: ast.Name) -> Expression:
        if node.id == "Sum" or (node.id not in self.bound and (node.id == WEIGHT or node.id in DATA)):
            example = {"Sum": "Sum(body, (i, low, high))", "x": "x[a, k]"}.get(node.id, f"{node.id}[i]")
            return self.refuse(node, f"{node.id!r} alone", f"it is written {example}")
        if node.id.startswith("_"):
            return self.refuse(node, f"the name {node.id!r}", "names that begin with a letter")
        return Name(node.id)

    def _index(self, node: ast.Subscript) -> Expression:
        if not isinstance(node.value, ast.Name):
            return self.refuse(node, f"indexing of {self.source(node.value)}", "indexing of a name")
        name = node.value.id
        if name in self.bound or name in {"n", "m", "Sum"} or name.startswith("_"):
            return self.refuse(node, f"indexing of {name!r}", "theta[i], x[a, k], y[a], a parameter J[i]")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        indices = tuple(self._integer(part, "an index") for part in parts)
        if len(indices) not in _WIDTH.get(name, (1, 2, 3)):
            example = {"x": "x[a, k]", "y": "y[a]", WEIGHT: "theta[i]"}.get(name, f"{name}[i]")
            return self.refuse(
                node, f"{self.source(node)} with {len(indices)} indices", f"it is written {example}"
            )
        return Index(name, indices)

    def _integer(self, node: ast.expr, what: str) -> Expression:
        """Convert an index or a bound: integers, Sum indices, n, m and scalar parameters, no arrays."""
        before = len(self.problems)
        tree = self.convert(node)
        if len(self.problems) > before:
            return tree
        fraction = isinstance(tree, Number) and tree.value.denominator != 1
        if array_names(tree) or sum_indices(tree) or fraction:
            return self.refuse(node, f"{what} {self.source(node)}", "integers, Sum indices, n, m, + - *")
        return tree

    def _spine(
        self, node: ast.expr, kinds: tuple[type[ast.operator], ...]
    ) -> list[tuple[ast.operator | None, ast.expr]]:
        """Return the operands of a chain of equal precedence, left to right, without recursion."""
        chain: list[tuple[ast.operator | None, ast.expr]] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
            chain.append((node.op, node.right))
            node = node.left
        chain.append((None, node))
        return chain[::-1]

    def _add(self, node: ast.BinOp) -> Expression:
        terms = []
        for operator, operand in self._spine(node, (ast.Add, ast.Sub)):
            term = self.convert(operand)
            terms.append(Neg(term) if isinstance(operator, ast.Sub) else term)
        return Add(tuple(terms))

    def _multiply(self, node: ast.BinOp) -> Expression:
        factors = []
        for operator, operand in self._spine(node, (ast.Mult, ast.Div)):
            factor = self.convert(operand)
            factors.append(self._inverse(operand, factor) if isinstance(operator, ast.Div) else factor)
        return Mul(tuple(factors))

    def _inverse(self, node: ast.expr, factor: Expression) -> Expression:
        if uses_weight(factor):
            return self.refuse(
                node, f"division by {self.source(node)}", "division by expressions without theta"
            )
        if factor == Number(Fraction(0)):
            return self.refuse(node, "division by zero", "a nonzero divisor")
        return Inverse(factor)

    def _power(self, node: ast.BinOp) -> Expression:
        base, exponent = self.convert(node.left), node.right
        value = exponent.value if isinstance(exponent, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int):
            allowed = f"an integer from 0 to {MAX_EXPONENT}, written as a number"
            return self.refuse(exponent, f"the exponent {self.source(exponent)}", allowed)
        if value > MAX_EXPONENT:
            return self.refuse(
                exponent, f"the exponent {self.source(exponent)}", f"an exponent of at most {MAX_EXPONENT}"
            )
        return Pow(base, value)

    def _call(self, node: ast.Call) -> Expression:
        if not (isinstance(node.func, ast.Name) and node.func.id == "Sum"):
            hint = "write Sum(body, (i, low, high))" if self.source(node.func) == "'sum'" else ""
            return self.refuse(node, f"a call of {self.source(node.func)}", "the only function is Sum", hint)
        if node.keywords or len(node.args) < 2 or any(isinstance(arg, ast.Starred) for arg in node.args):
            return self.refuse(node, self.source(node), "Sum(body, (i, low, high), ...)")
        variables = [self._variable(limits) for limits in node.args[1:]]
        if None in variables:
            return _PLACEHOLDER
        names = [name for name in variables if name]
        self.bound.extend(names)
        limits = [limits.elts for limits in node.args[1:] if isinstance(limits, ast.Tuple)]
        ranges = {
            name: (self._integer(elements[1], "a bound"), self._integer(elements[2], "a bound"))
            for name, elements in zip(names, limits, strict=True)
        }
        body = self.convert(node.args[0])
        del self.bound[len(self.bound) - len(names) :]
        return self._nest(node, body, ranges)

    def _variable(self, node: ast.expr) -> str | None:
        """Return the index that a range `(i, low, high)` binds, or None after recording the problem."""
        if not (isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[0], ast.Name)):
            self.refuse(node, f"the range {self.source(node)}", "(i, low, high)")
            return None
        name = node.elts[0].id
        if name in RESERVED or name == "Sum" or name.startswith("_"):
            self.refuse(node, f"the Sum index {name!r}", f"a name other than {', '.join(sorted(RESERVED))}")
            return None
        if name in self.bound:
            self.refuse(node, f"the Sum index {name!r} inside a Sum over {name!r}", "a name not in use")
            return None
        return name

    def _nest(
        self, node: ast.Call, body: Expression, ranges: dict[str, tuple[Expression, Expression]]
    ) -> Expression:
        """Nest the ranges, in whatever order they are written: a bound uses indices of Sums outside it."""
        if len(ranges) < len(node.args) - 1:
            return self.refuse(
                node, f"an index bound twice in {self.source(node)}", "one range for each index"
            )
        outer: list[str] = []
        pending = dict(ranges)
        while pending:
            ready = [name for name, bounds in pending.items() if not _names(bounds) & pending.keys()]
            if not ready:
                return self.refuse(
                    node, f"ranges of {self.source(node)} that need each other", "nested ranges"
                )
            outer.append(ready[0])
            del pending[ready[0]]
        for name in reversed(outer):
            body = Sum(body, name, *ranges[name])
        return body


def _names(bounds: tuple[Expression, Expression]) -> frozenset[str]:
    return free_names(bounds[0]) | free_names(bounds[1])
