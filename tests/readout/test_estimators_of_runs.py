"""Estimators around runs of methods: the odds of their emitted circuits, and what these read of theta(T)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.commands.opening import open_spec
from carlemanc.methods.amplification_circuit import grover_rounds
from carlemanc.methods.flagged import flagged
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.readout.estimators.phase_estimation import PhaseEstimation
from carlemanc.readout.estimators.tomography import outcome_odds, refined, tomography
from carlemanc.readout.estimators.tomography_circuit import round_circuit
from tests.fixed import fixed

COARSE = "solver.epsilon=0.1"
SPECS = {
    "scalar": ("logistic-map-scalar", (COARSE,)),
    "quartic-pair": ("quartic-pair", ("training.steps=2", COARSE)),
    "padded ring": ("quartic-ring", ("model.n=4", "training.steps=2", "carleman.padding=1", COARSE)),
}
RUNS = {
    ("march", "quartic-pair"): 1e-9,
    ("march", "padded ring"): 1e-9,
    ("kernel", "padded ring"): 1e-3,
}
"""By how much the copies of t >= T differ, where there are several."""
SHORT = pytest.mark.parametrize(
    ("method", "name"), [("march", "quartic-pair"), ("march", "padded ring"), ("kernel", "scalar")]
)


def opened(method: str, name: str):
    spec, overrides = SPECS[name]
    return open_spec(fixed(spec, (*overrides, f'solver.method="{method}"'))).design


def event_of(method: str, name: str):
    """The event circuit of the joint flag, the answer's amplitudes (copies, n), and its places."""
    design = opened(method, name)
    answer = design.access.answer
    exact = answer.pick(design.method.amplitudes(design.plan, design.access)).real
    return flagged(design.circuit, answer), exact, answer.indices()


def odds_of(circuit, register: str) -> np.ndarray:
    """Probabilities of the values of a register."""
    program = emit(circuit)
    state = simulate(program)
    wires = program.registers[register]
    return np.bincount(state.values(wires), np.abs(state.amplitudes) ** 2, 1 << len(wires))


@SHORT
def test_phases_and_rounds_of_a_run(method: str, name: str) -> None:
    event, exact, _ = event_of(method, name)
    probability = odds_of(event, "ancilla")[0]
    assert probability == pytest.approx(float(np.square(exact).sum()), rel=1e-6)
    plan = PhaseEstimation().plan(probability, 0.5, 0.05)
    found = odds_of(plan.circuit(event), "phase")
    assert np.abs(found - plan.odds(probability)).max() < 1e-9
    angle = math.asin(math.sqrt(probability))
    assert odds_of(grover_rounds(event, 5), "ancilla")[0] == pytest.approx(math.sin(5 * angle) ** 2, abs=1e-9)


@pytest.mark.parametrize(
    ("method", "name"),
    [pytest.param(*run, marks=[pytest.mark.slow] if run[0] == "kernel" else []) for run in RUNS],
)
def test_theta_is_read_by_tomography(method: str, name: str) -> None:
    """Every round on its own emitted circuit; entries of all copies, t >= T, as one vector."""
    event, exact, indices = event_of(method, name)
    copies, dimension = indices.shape
    wanted = exact[0] * math.sqrt(copies)
    norm = float(np.linalg.norm(wanted))
    plan, rng, estimate = (
        tomography(dimension, norm, 0.1 * norm, 0.05),
        np.random.default_rng(5),
        np.zeros(dimension),
    )
    for uses, shots in plan.rounds:
        program = emit(round_circuit(event, indices, estimate, uses))
        state = simulate(program).project(program.registers["ancilla"])
        places = state.values(program.registers["system"]) << 1 | state.values(program.registers["flag"])
        square = dict(zip(places.tolist(), np.abs(state.amplitudes) ** 2, strict=True))
        keys = [(int(place) << 1 | flag) for flag in (0, 1) for place in indices.reshape(-1)]
        odds = (
            np.array([square.get(key, 0.0) for key in keys])
            .reshape(2, copies, dimension)
            .sum(axis=1)
            .reshape(-1)
        )
        assert np.abs(odds - outcome_odds(wanted, estimate, uses)).max() < RUNS[method, name]
        drawn = rng.multinomial(shots, np.append(odds, max(0.0, 1 - odds.sum())))
        estimate = refined(estimate, uses, shots, drawn[:dimension], drawn[dimension:-1])
    assert np.linalg.norm(estimate - wanted) <= plan.delta
