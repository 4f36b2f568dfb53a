"""`run` end to end: theta(T) within epsilon of an independent dense Carleman iterate, on every back end."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

import carlemanc
from tests.fixed import fixed
from tests.reference import carleman_iterate, descend, gradient_map

a, b = sympy.symbols("a b")
_WELLS = {
    "quartic-pair": ((a**2 + b**2) / 2 + (a**4 + b**4) / 4 - sympy.Rational(3, 10) * a * b, 0.1, 3, 4),
}

_BOWL = "theta[0]**2 - theta[0]*theta[1]/4 + theta[1]**2 + theta[0]/5"
_THREE = "theta[0]**2/2 + theta[1]**2 + theta[2]**2/3 + theta[0]*theta[2]/9 - theta[1]/4"


def _check(result: carlemanc.commands.run.Run) -> None:
    assert result.failure is None
    distance = np.linalg.norm(result.theta_carleman - result.center)
    assert np.linalg.norm(result.theta - result.theta_carleman) <= result.epsilon * distance + 1e-12
    assert result.truncation_error <= result.truncation_bound * (1 + 1e-12) + 1e-15
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=0.02)


@pytest.mark.parametrize(
    "name",
    [
        "quartic-pair",
        "cubic-pair",
        "ridge-diabetes",
        "quartic-ridge-diabetes",
        "logistic-map-scalar",
        "burgers-map",
        "quartic-ring",
    ],
)
def test_example_runs_within_its_own_bounds(name: str) -> None:
    _check(carlemanc.run(fixed(name)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:the system is divergent")
def test_divergent_example_runs_with_a_finite_certificate() -> None:
    result = carlemanc.run(fixed("double-well-chain"))
    _check(result)
    assert math.isfinite(result.truncation_bound)


@pytest.mark.parametrize("name", list(_WELLS))
def test_theta_against_dense_kronecker_carleman(name: str) -> None:
    loss, eta, order, steps = _WELLS[name]
    result = carlemanc.run(fixed(name))
    spec = carlemanc.load_spec(name)
    start = np.array(spec.training.initial_value)
    tensors = gradient_map(loss, [a, b], eta, [0, 0])
    np.testing.assert_allclose(
        result.theta_carleman, carleman_iterate(tensors, start, order, steps), atol=1e-14
    )
    np.testing.assert_allclose(result.theta_classical, descend(tensors, start, steps), atol=1e-14)


@pytest.mark.parametrize("backend", ["aer", "cirq", "matrix"])
def test_back_ends_agree_with_the_sparse_one(backend: str) -> None:
    reference = carlemanc.run(fixed("logistic-map-scalar"))
    result = carlemanc.run(fixed("logistic-map-scalar"), backend=backend)
    np.testing.assert_allclose(result.theta, reference.theta, atol=1e-10)
    assert result.success_probability == pytest.approx(reference.success_probability, abs=1e-10)


@pytest.mark.parametrize("name", ["quartic-pair", "cubic-pair", "ridge-diabetes", "quartic-ridge-diabetes"])
def test_matrix_back_end_applies_the_same_polynomial(name: str) -> None:
    exact = carlemanc.run(fixed(name), backend="matrix")
    np.testing.assert_allclose(exact.theta, carlemanc.run(fixed(name)).theta, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["qsvt", "kernel"])
def test_real_data_on_aer(method: str) -> None:
    overrides = ["training.steps=2", f"solver.method={method}"]
    result = carlemanc.run(fixed("ridge-diabetes", overrides), backend="aer")
    np.testing.assert_allclose(
        result.theta, carlemanc.run(fixed("ridge-diabetes", overrides)).theta, atol=1e-10
    )


@pytest.mark.parametrize(
    ("expression", "n", "center", "initial", "order", "steps", "padding"),
    [
        (
            "theta[0]**2 - theta[0]*theta[1]/4 + theta[1]**2 + theta[0]/5 + theta[1]**3/6",
            2,
            "zero",
            [0.2, 0.1],
            2,
            3,
            0,
        ),
        (_BOWL, 2, "initial", [0.3, -0.2], 2, 2, 1),
        (
            "theta[0]**2/2 + theta[1]**2 + theta[2]**2/3 + theta[0]*theta[2]/9 - theta[1]/4",
            3,
            "zero",
            [0.1, 0, -0.4],
            1,
            3,
            0,
        ),
        ("theta[0]**2/2 + theta[0]**4/4 - theta[0]/3", 1, [0.1], [0.4], 3, 2, 2),
        ("theta[0]**2/2 + theta[0]**3/5 + theta[0]/10", 1, "zero", [0], 2, 4, 0),
    ],
)
def test_other_specs(
    expression: str, n: int, center: object, initial: list[float], order: int, steps: int, padding: int
) -> None:
    spec = carlemanc.ModelSpec.from_dict(
        {
            "name": "other",
            "loss": {"expression": expression},
            "model": {"n": n},
            "training": {"learning_rate": 0.1, "steps": steps, "initial": initial, "center": center},
            "carleman": {"order": order, "padding": padding},
        }
    )
    result = carlemanc.run(fixed(spec))
    _check(result)
    symbols = [sympy.Symbol(f"t{i}") for i in range(n)]
    text = expression
    for i in range(n):
        text = text.replace(f"theta[{i}]", f"t{i}")
    middle = {"zero": [0] * n, "initial": initial}.get(center, center) if isinstance(center, str) else center
    tensors = gradient_map(sympy.sympify(text, rational=True), symbols, 0.1, middle)
    u = np.array(initial, dtype=float) - np.array(middle, dtype=float)
    expected = np.array(middle) + carleman_iterate(tensors, u, order, steps)
    np.testing.assert_allclose(result.theta_carleman, expected, atol=1e-12)
    np.testing.assert_allclose(
        result.theta_classical, np.array(middle) + descend(tensors, u, steps), atol=1e-12
    )
