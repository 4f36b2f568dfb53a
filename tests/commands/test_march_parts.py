"""Marching a packaged example from its spec, on three back ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.access.access import Reading
from carlemanc.access.steps import steps
from carlemanc.backends.registry import simulate
from carlemanc.commands.opening import open_spec
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.march import March
from carlemanc.programs.emitter import emit
from tests.commands.lifting import lifted
from tests.fixed import fixed


@pytest.mark.parametrize("name", ["logistic-map-scalar", "quartic-pair"])
@pytest.mark.parametrize("amplified", ["yes", "no"])
def test_examples_march_to_the_carleman_iterate(name, amplified):
    training, method = lifted(name, ["training.steps=2"]), March(amplified=amplified)
    access = steps(training, Reading(), None)
    plan = method.plan(access.facts, 1e-3 * math.sqrt(access.facts.readout_probability))
    state = simulate(emit(method.circuit(plan, access)), "sparse")
    expected = training.carleman_iterate() - training.center
    indices, vector = access.answer.indices(), method.amplitudes(plan, access)
    for amplitudes in (state.at(indices)[0], access.answer.pick(vector)[0]):
        found = training.gamma * plan.solution(amplitudes, state.success_probability).real
        assert np.linalg.norm(found - expected) <= 1e-3 * np.linalg.norm(expected)
    assert state.success_probability == pytest.approx(plan.success_probability, rel=1e-2)
    share = float(np.square(np.abs(state.at(indices))).sum()) / state.success_probability
    assert share == pytest.approx(access.facts.readout_probability, rel=5e-3)


def test_a_history_too_large_to_solve_is_planned_from_the_lift(monkeypatch):
    overrides = ['solver.method="march"', "training.steps=6"]
    small = lifted("quartic-ring", overrides)
    assert small.end_sizes is None
    solved = steps(small, Reading(), None).facts
    monkeypatch.setattr(Lifted, "is_solvable", False)
    large = lifted("quartic-ring", overrides)
    assert large.end_sizes is not None
    planned = steps(large, Reading(), None).facts
    for name in ("start_norm", "end_norm", "readout_probability"):
        assert getattr(planned, name) == pytest.approx(getattr(solved, name), rel=1e-3)


@pytest.mark.parametrize("n", [1 << 10, 1 << 27])
def test_the_plan_does_not_depend_on_the_number_of_weights(n):
    found = open_spec(fixed("quartic-ring", [f"model.n={n}", "training.steps=100", 'solver.method="march"']))
    assert found.counted.plan.queries_L == 100
    assert found.counted.plan.success_probability == pytest.approx(7.2297e-3, rel=1e-3)
