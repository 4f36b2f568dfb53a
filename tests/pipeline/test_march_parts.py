"""Marching a packaged example from its spec, on three back ends."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.backends.registry import simulate
from carlemanc.circuit.emitter import emit
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.march_parts import MarchParts


@pytest.mark.parametrize("name", ["logistic-map-scalar", "quartic-pair"])
@pytest.mark.parametrize("amplified", ["yes", "no"])
def test_examples_march_to_the_carleman_iterate(name, amplified):
    circuits = Circuits(name, ["training.steps=2"])
    parts = MarchParts(history=circuits.history, amplified=amplified)
    plan = parts.plan(1e-3)
    state = simulate(emit(parts.circuit(plan)), "sparse")
    expected = circuits.carleman_iterate() - circuits.center
    for amplitudes in (state.at(parts.readout_indices)[0], parts.amplitudes(plan)):
        found = circuits.gamma * plan.solution(amplitudes, state.success_probability).real
        assert np.linalg.norm(found - expected) <= 1e-3 * np.linalg.norm(expected)
    assert state.success_probability == pytest.approx(plan.success_probability, rel=1e-2)
    share = float(np.square(np.abs(state.at(parts.readout_indices))).sum()) / state.success_probability
    assert share == pytest.approx(parts.readout_probability, rel=5e-3)


def test_a_history_too_large_to_solve_is_planned_from_the_lift(monkeypatch):
    solved = Circuits("quartic-ring", ['solver.method="march"', "training.steps=6"])
    lifted = Circuits("quartic-ring", ['solver.method="march"', "training.steps=6"])
    monkeypatch.setattr(Circuits, "is_solvable", False)
    assert lifted.march.sizes is not None
    monkeypatch.undo()
    assert solved.march.sizes is None
    assert lifted.march.state_norms == pytest.approx(solved.march.state_norms, rel=1e-3)
    assert lifted.march.readout_probability == pytest.approx(solved.march.readout_probability, rel=1e-3)


@pytest.mark.parametrize("n", [1 << 10, 1 << 27])
def test_the_plan_does_not_depend_on_the_number_of_weights(n):
    circuits = Circuits("quartic-ring", [f"model.n={n}", "training.steps=100", 'solver.method="march"'])
    assert circuits.counted_plan.queries_L == 100
    assert circuits.counted_plan.success_probability == pytest.approx(7.2297e-3, rel=1e-3)
