"""Questions for classical programs, and gradient descent by nothing but the text of a loss to compare them with."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from carlemanc.classical.question import Question, Value
from carlemanc.linear_system.lifted import Lift, Lifted
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.training import Training
from carlemanc.model.weights import Point
from carlemanc.observables.polynomial import polynomial_of
from carlemanc.sources.source import source_of
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec

Values = Mapping[str, str]


def asked(
    spec: str | Mapping[str, Any],
    *sets: str,
    values: Values | None = None,
    error: float | Mapping[str, float] = 1e-2,
) -> Question:
    """Ask a spec for the values of expressions, or for every weight."""
    model = load_spec(spec, sets)
    lifted = lifted_of(model)
    return Question(
        lifted=lifted,
        epsilon=1e-2,
        failure_probability=0.05,
        values=tuple(
            value_of(lifted, name, text, error if isinstance(error, float) else error[name])
            for name, text in (values or {}).items()
        ),
        source=source_of(model),
    )


def value_of(lifted: Lifted, name: str, text: str, error: float) -> Value:
    vocabulary = lifted.training.vocabulary
    assert vocabulary is not None
    polynomial = polynomial_of(lifted, name, text, vocabulary)
    return Value(name=name, expression=text, polynomial=polynomial, error=error, scale=1.0)


def asked_of_map(found: PolynomialMap, start: Point, steps: int) -> Question:
    """Ask a map for every weight."""
    sequence = MapSequence.constant(found, steps)
    training = Training(
        origin="test", sequence=sequence, start=start, batches=(found,), rows=(), batch_count=1, noise=None
    )
    return Question(
        lifted=Lifted(training=training, lift=Lift(order=1)), epsilon=1e-2, failure_probability=0.05
    )


class TextLoss:
    """A loss or an observable evaluated by Python from its text: independent of every map and stencil."""

    def __init__(
        self,
        text: str,
        dims: Sequence[int],
        boundary: str = "periodic",
        names: Mapping[str, Any] | None = None,
    ) -> None:
        self._dims, self._boundary = tuple(dims), boundary
        tree = _Sums().visit(ast.parse(text.strip(), mode="eval"))
        self._code = compile(ast.fix_missing_locations(tree), "loss", "eval")
        sizes = {f"n{axis}": size for axis, size in enumerate(dims, start=1)}
        self._names = {"n": int(np.prod(dims)), **sizes, **(names or {})}

    def __call__(self, theta: np.ndarray) -> complex:
        scope = {**self._names, "theta": _Sites(theta, self._dims, self._boundary), "__builtins__": _KNOWN}
        return complex(eval(self._code, scope))

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """By complex steps, which lose no digits."""
        step = 1e-30
        found = np.empty(len(theta))
        for place in range(len(theta)):
            moved = theta.astype(complex)
            moved[place] += 1j * step
            found[place] = self(moved).imag / step
        return found

    def descend(self, theta: np.ndarray, learning_rate: float, steps: int) -> np.ndarray:
        for _ in range(steps):
            theta = theta - learning_rate * self.gradient(theta)
        return theta


_KNOWN = {"sum": sum, "range": range}


class _Sums(ast.NodeTransformer):
    """Sum(body, (i, low, high), ...) as Python's own sum; x[a, k] stays."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        body, *ranges = (self.visit(part) for part in node.args)
        loops = []
        for given in ranges:
            name, low, high = given.elts
            stop = ast.BinOp(left=high, op=ast.Add(), right=ast.Constant(1))
            over = ast.Call(func=ast.Name("range", ast.Load()), args=[low, stop], keywords=[])
            loops.append(ast.comprehension(ast.Name(name.id, ast.Store()), over, [], 0))
        return ast.Call(
            func=ast.Name("sum", ast.Load()), args=[ast.GeneratorExp(elt=body, generators=loops)], keywords=[]
        )


class _Sites:
    def __init__(self, theta: np.ndarray, dims: tuple[int, ...], boundary: str) -> None:
        self._theta, self._dims, self._boundary = theta.reshape(dims), dims, boundary

    def __getitem__(self, place: int | tuple[int, ...]) -> complex:
        site = place if isinstance(place, tuple) else (place,)
        if self._boundary == "periodic":
            site = tuple(index % size for index, size in zip(site, self._dims, strict=True))
        elif any(not 0 <= index < size for index, size in zip(site, self._dims, strict=True)):
            return 0j
        return complex(self._theta[site])
