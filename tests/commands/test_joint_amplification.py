"""Both flags amplified at once: probability and direction on emitted circuits against exact block arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.methods.amplification import amplification
from carlemanc.methods.flagged import flagged
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from tests.fixed import fixed

COARSE = "solver.epsilon=0.1"
SPECS = {
    "quartic-pair": ("quartic-pair", (COARSE,)),
    "cubic-pair": ("cubic-pair", ("training.steps=3", COARSE)),
    "padded ring": ("quartic-ring", ("model.n=4", "training.steps=3", "carleman.padding=1", COARSE)),
}
LARGE = ("quartic-ring", ("model.n=134217728", "training.steps=100"))


def opened(spec: tuple[str, tuple[str, ...]], method: str, *more: str):
    return open_spec(fixed(spec[0], (*spec[1], f'solver.method="{method}"', *more))).design


def answer_of(design, circuit) -> tuple[np.ndarray, float]:
    """Return the amplitudes of the answer with all ancillas |0>, (copies, n), and the probability of all these."""
    program = emit(circuit)
    kept = simulate(program, {0: 1.0 + 0j}).project(program.registers["ancilla"])
    found = dict(zip(kept.values(program.registers["system"]).tolist(), kept.amplitudes, strict=True))
    indices = design.access.answer.indices()
    values = np.array([found.get(int(index), 0.0) for index in indices.ravel()]).reshape(indices.shape)
    return values, float(np.square(np.abs(kept.amplitudes)).sum())


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("method", ["march", "qsvt", "kernel"])
def test_success_is_the_sine_and_the_direction_stays(name: str, method: str) -> None:
    """P by exact block arithmetic of one use: sin^2((2 r + 1) asin sqrt P) within 1e-6, theta's direction to 1e-12."""
    longer = (
        ("training.steps=16",) if (method, name) == ("march", "padded ring") else ()
    )  # it hardly fails before
    design = opened(SPECS[name], method, "solver.amplification=true", *longer)
    plan, access = design.plan, design.access
    assert plan.is_joint
    vector = design.method.inner.amplitudes(plan.inner, access)
    probability = float(np.square(np.abs(access.answer.pick(vector))).sum())
    rounds = plan.amplification.rounds
    assert rounds >= 1
    assert plan.amplification.before == pytest.approx(probability, rel=0.1)
    found, success = answer_of(design, design.circuit)
    assert success == pytest.approx(
        math.sin((2 * rounds + 1) * math.asin(math.sqrt(probability))) ** 2, abs=1e-6
    )
    assert float(np.square(np.abs(found)).sum()) == pytest.approx(success, abs=1e-12)
    once, before = answer_of(design, flagged(design.method.inner.circuit(plan.inner, access), access.answer))
    assert before == pytest.approx(probability, abs=1e-6)
    assert np.abs(found / math.sqrt(success) - once / math.sqrt(before)).max() <= 1e-12
    assert access.answer.pick(design.method.amplitudes(plan, access)) == pytest.approx(found, abs=1e-6)
    rest = np.linalg.norm(design.method.amplitudes(plan, access)) ** 2
    assert rest == pytest.approx(success, abs=1e-6)


@pytest.mark.parametrize("form", ["exact", "fixed-point"])
@pytest.mark.parametrize("method", ["march", "kernel"])
def test_the_other_forms_end_where_they_say(form: str, method: str) -> None:
    options = ("solver.amplification=true", f'solver.amplification_form="{form}"')
    design = opened(SPECS["padded ring"], method, *options, "solver.amplification_success=0.9")
    found, success = answer_of(design, design.circuit)
    assert success == pytest.approx(design.plan.success_probability, abs=2e-3)
    assert success >= (0.9 if form == "fixed-point" else 0.998)
    exact = design.access.answer.pick(design.method.amplitudes(design.plan, design.access))
    assert found == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("method", ["march", "qsvt", "kernel", "lcu", "adiabatic"])
def test_runs_keep_epsilon_and_read_with_what_they_plan(method: str) -> None:
    """theta is within epsilon of the truncated iterate, of methods that lose its norm too; nothing is counted twice."""
    spec = ("quartic-pair", ("solver.epsilon=0.05",))
    overrides = (*spec[1], f'solver.method="{method}"', "solver.amplification=true")
    result = carlemanc.run(fixed(spec[0], overrides), backend="matrix")
    assert result.failure is None
    assert result.solver_error <= 0.05
    assert result.readout_probability == 1
    assert result.amplification["flag"] == "readout"
    if method == "adiabatic":  # what it plans is the least it expects, after the rounds too
        assert result.success_probability >= result.planned_success_probability - 1e-9
    estimate = carlemanc.estimate(fixed(spec[0], overrides))
    plain = carlemanc.estimate(fixed(spec[0], overrides[:-1]))
    document = estimate.to_json()
    assert document["readout_probability"] == 1
    assert document["readout"]["copy_probability"] == document["success_probability"]
    assert document["readout"]["runs"] == estimate.readout.runs(document["success_probability"])
    assert estimate.plan.inner.copy_probability == pytest.approx(plain.copy_probability, rel=0.1)
    assert document["readout"]["runs"] < plain.runs
    drawn = carlemanc.run(fixed(spec[0], overrides), backend="matrix", shots=10**8)
    distance = np.linalg.norm(drawn.theta_classical - drawn.center)
    assert np.linalg.norm(drawn.theta - result.theta) <= min(drawn.readout.error_bound, 0.05 * distance)
    assert drawn.readout.copies + drawn.readout.sign_copies <= drawn.readout.shots


@pytest.mark.parametrize(
    ("method", "rounds", "uses", "t"),
    [("march", 6, 16.3, 2.2e6), ("kernel", 42, 99.6, 2.6e8), ("qsvt", 940, 2218, 4.2e9)],
)
def test_copies_of_the_large_ring_cost_what_was_derived(
    method: str, rounds: int, uses: float, t: float
) -> None:
    """1.380/sqrt P uses a copy, P = success times readout probability; the figures are OBSERVABLES' own planning."""
    found = carlemanc.estimate(
        fixed(LARGE[0], (*LARGE[1], f'solver.method="{method}"', "solver.amplification=true"))
    )
    plan = found.plan
    assert plan.amplification.rounds == rounds
    copy = (2 * rounds + 1) / plan.success_probability
    assert copy == pytest.approx(uses, rel=5e-3)
    assert copy == pytest.approx(1.380 / math.sqrt(plan.inner.copy_probability), rel=5e-3)
    assert found.t_of_a_run / plan.success_probability == pytest.approx(t, rel=0.03)


def test_the_flag_costs_a_few_percent_of_a_use_at_most() -> None:
    joint, ancillas = (
        opened(LARGE, "march", f"solver.amplification={flag}") for flag in ("true", '"ancillas"')
    )
    runs = 2 * joint.plan.amplification.rounds + 1
    assert joint.plan.amplification.rounds == ancillas.plan.amplification.rounds
    more = count(joint.circuit).toffoli - count(ancillas.circuit).toffoli
    assert 0 <= more <= 250 * runs
    assert more <= 0.02 * count(ancillas.circuit).toffoli


def test_a_thousand_million_rounds_are_counted() -> None:
    """Dense starts at order 3 have such probabilities: equal rounds are held and counted by their number."""
    found = amplification(1e-18)
    assert found.rounds == pytest.approx(1.1655611852 / 2e-9, rel=1e-6)
    circuit = found.circuit(open_spec(fixed("quartic-pair", ('solver.method="march"',))).design.circuit)
    counts = count(circuit)
    few = [count(amplification(p).circuit(circuit.circuit)) for p in (0.2, 0.05)]
    assert counts.toffoli > (found.rounds - 1) * (few[1].toffoli - few[0].toffoli)
