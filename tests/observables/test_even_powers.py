"""Even powers as squares of half their degree: from which level, by which events, how far off."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.observables.observe import observe
from tests.observables.questions import asked_of, levels_of, spec_of, truncated_value
from tests.observables.runs import loaded_run, read

P = {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0}
CUBIC = P | {"g": 0.2, "lam": 0.0}
SITES = "(i, 0, n-1)"
CASES = {
    "fourth powers from level 2": (CUBIC, 2, f"Sum(theta[i]**4, {SITES})", lambda t: sum(x**4 for x in t), 1),
    "sixth powers from level 3": (P, 3, f"Sum(theta[i]**6, {SITES})", lambda t: sum(x**6 for x in t), 1),
    "pairs of squares": (
        CUBIC,
        2,
        f"-Sum(theta[i]**2*theta[i+1]**2, {SITES})",
        lambda t: -sum(t[i] ** 2 * t[(i + 1) % len(t)] ** 2 for i in range(len(t))),
        1,
    ),
    "a box": (CUBIC, 2, "Sum(theta[i]**4, (i, 1, 2))", lambda t: t[1] ** 4 + t[2] ** 4, 1),
    "single weights of both signs": (
        CUBIC,
        2,
        "2*theta[0]**4 - theta[3]**4 + theta[1]**4",
        lambda t: 2 * t[0] ** 4 - t[3] ** 4 + t[1] ** 4,
        2,
    ),
    "with what is no square": (
        CUBIC,
        3,
        f"Sum(theta[i]**4 + theta[i]**3*theta[i+1], {SITES})",
        lambda t: sum(t[i] ** 4 + t[i] ** 3 * t[(i + 1) % len(t)] for i in range(len(t))),
        3,
    ),
}


@pytest.mark.parametrize("marches", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_events_add_up(name, marches):
    parameters, order, expression, function, events = CASES[name]
    start = [0.4, -0.3, 0.2, 0.1]
    lifted, vocabulary = asked_of(spec_of(4, order, 2, parameters=parameters, start=start, padding=1))
    found = observe(lifted, "it", expression, vocabulary, precision=1e-9)
    assert len(found.events) == events
    assert found.least_order == order
    exact = truncated_value(lifted, function, levels_of(lifted))
    assert found.truncated == pytest.approx(exact, abs=1e-13)
    run, access, scale = loaded_run(lifted, marches)
    assert read(found, run, access, scale) == pytest.approx(exact, abs=1e-9)
    classical = function(lifted.classical().tolist())
    assert found.classical == pytest.approx(classical, abs=1e-13)
    assert abs(exact - classical) <= found.certificate


def test_a_square_is_closer_than_a_product_with_level_one():
    """Its error is that of level 2 of 3, not of the top level; and it costs what it is, not what ||u||^2 is."""
    start = [0.4, 0.0, 0.0, 0.0]
    lifted, vocabulary = asked_of(spec_of(4, 3, 8, parameters=P | {"g": 0.1}, start=start))
    expression = f"Sum(theta[i]**4, {SITES})"
    square = observe(lifted, "it", expression, vocabulary)
    levels, u = levels_of(lifted), lifted.classical()
    product = sum(levels[1][i] * levels[3][i, i, i] for i in range(4))
    assert abs(square.truncated - square.classical) < 0.7 * abs(product - square.classical)
    (event,) = square.events
    assert event.share == pytest.approx(lifted.gamma**2 * np.sqrt(np.sum(u**4)), rel=1e-9)
    assert event.share < 0.7 * lifted.gamma**2 * np.linalg.norm(u)
