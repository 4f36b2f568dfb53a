"""Random specs and observables: circuits against the truncated value and gradient descent, draws of every estimator.

Forty losses of up to eight weights and degree 4, orders 1 to 4, centers at zero, at the start and anywhere, so that
F_0 need not vanish; each is read by exact probabilities of its emitted circuits, and drawn by one estimator in turn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.spec.loading import load_spec
from tests.fixed import fixed

SPECS = 40
ESTIMATORS = ("sampling", "maximum-likelihood", "phase-estimation", "tomography", "amplified sampling")
PRECISION = 0.1
_draws: dict[str, list[bool]] = {}


def _spec(seed: int) -> tuple[dict[str, Any], dict[str, str]]:
    """A random loss near a well, and observables of it that its order has the levels for."""
    rng = np.random.default_rng(seed)
    n, order, degree = (
        int(rng.choice([2, 2, 3, 3, 4, 5, 8])),
        int(rng.integers(1, 5)),
        int(rng.choice([2, 3, 4])),
    )
    order = min(order, 4 if n == 2 else 2)  # for the simulator's sake
    degree = min(degree, order + 1)
    terms = [f"theta[{i}]**2*{0.4 + rng.random():.3f}" for i in range(n)]
    for _ in range(int(rng.integers(1, 4))):
        picked = rng.integers(0, n, size=int(rng.integers(1, degree + 1)))
        terms.append(f"({0.3 * rng.normal():.3f})*" + "*".join(f"theta[{i}]" for i in picked))
    start = [round(float(value), 3) for value in 0.4 * rng.normal(size=n)]
    center: Any = ["zero", "initial", [round(float(value), 3) for value in 0.2 * rng.normal(size=n)]][
        seed % 3
    ]
    steps = int(rng.integers(1, 4))
    tables: dict[str, Any] = {
        "name": f"random-{seed}",
        "loss": {"expression": " + ".join(terms)},
        "model": {"n": n},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": start, "center": center},
        "carleman": {"order": order},
        "solver": {"method": "march"},
    }
    wanted = {
        "loss": "loss",
        "slope": "gradient_norm",
        "one": f"theta[{int(rng.integers(0, n))}]",
        "size": f"Sum(theta[i]**2, (i, 0, {n - 1}))",
        "pair": f"theta[0]*theta[{n - 1}] + ({rng.normal():.2f})*theta[1]",
    }
    return tables, wanted


def _by_hand(tables: Mapping[str, Any], text: str, theta: np.ndarray) -> float:
    """The value of an observable by Python's own arithmetic; the gradient by central differences."""

    def value(expression: str, at: np.ndarray) -> float:
        def total(body: str, high: int) -> float:
            return sum(eval(body, {"theta": at, "i": i}) for i in range(high + 1))

        if expression.startswith("Sum("):
            body, rest = expression[4:].split(", (i, 0, ")
            return float(total(body, int(rest.rstrip(")"))))
        return float(eval(expression, {"theta": at}))

    loss = tables["loss"]["expression"]
    if text == "gradient_norm":
        moves = 1e-5 * np.eye(len(theta))
        return math.hypot(*((value(loss, theta + move) - value(loss, theta - move)) / 2e-5 for move in moves))
    return value(loss if text == "loss" else text, theta)


def _run(tables: Mapping[str, Any], readout: Mapping[str, Any], **options: Any):
    spec = load_spec({**tables, "readout": readout})
    return carlemanc.run(fixed(spec), **options)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(SPECS))
def test_a_random_spec_is_read_as_it_is(seed: int) -> None:
    tables, wanted = _spec(seed)
    estimator = ESTIMATORS[seed % len(ESTIMATORS)]
    readout = {"target": "observables", "observables": wanted, "precision": PRECISION}
    method = "march" if seed % 8 else "qsvt"
    tables["solver"] = {"method": method}
    done = _run(tables, readout)
    assert done.failure is None
    for one in done.observables:
        assert one.carleman is not None
        assert one.classical is not None
        assert one.classical == pytest.approx(
            _by_hand(tables, one.expression, done.theta_classical), rel=1e-6, abs=1e-8
        )
        assert abs(one.value - one.carleman) <= one.allowed <= PRECISION * one.scale
        if one.certificate is not None:
            assert abs(one.value - one.classical) <= one.certificate + one.allowed
    hits = _draws.setdefault(estimator, [])
    if estimator in ("tomography", "amplified sampling"):
        way = {"method": "tomography"} if estimator == "tomography" else {}
        amplified = {} if way else {"amplification": True}
        tables["solver"] = {"method": method, "epsilon": 0.05, **amplified}
        drawn = _run(tables, way, shots=0, seed=seed)
        assert drawn.failure is None or "relative" in drawn.failure
        assert drawn.readout is not None
        off = float(np.linalg.norm(drawn.theta - drawn.theta_carleman))
        distance = float(np.linalg.norm(drawn.theta_carleman - drawn.center))
        hits.append(off <= drawn.readout.error_bound + drawn.solver_share * distance)
        return
    drawn = _run(tables, readout | {"method": estimator}, shots=0, seed=seed)
    for one in drawn.observables:
        assert one.carleman is not None
        hits.append(abs(one.value - one.carleman) <= one.error_bar + one.allowed)


def test_the_draws_cover_as_they_say() -> None:
    """Of each estimator's draws at least 95 %, but for what a binomial of so many allows once in a thousand."""
    assert set(_draws) == set(ESTIMATORS)
    for hits in _draws.values():
        missed = len(hits) - sum(hits)
        assert missed <= 0.05 * len(hits) + 3.1 * math.sqrt(0.05 * 0.95 * len(hits)) + 1
