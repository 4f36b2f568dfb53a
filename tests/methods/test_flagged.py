"""Event circuits: the joint flag of a run and its answer, the known start, on emitted circuits and on all indices."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.access.access import Reading
from carlemanc.access.inversion import inversion
from carlemanc.access.steps import steps
from carlemanc.bloqs.register_flag import RegisterFlag, equal_to
from carlemanc.commands.opening import open_spec
from carlemanc.methods.flagged import Flagged, flagged
from carlemanc.methods.march_circuit import MarchCircuit
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.sources.systems import lifted_of
from tests.bloqs.checks import check_counts, unitary_of
from tests.fixed import fixed

SPECS = {
    "quartic-pair": ("quartic-pair", ("training.steps=2",)),
    "cubic-pair": ("cubic-pair", ("training.steps=2",)),
    "padded ring": ("quartic-ring", ("training.steps=2", "carleman.padding=1")),
}
DIRECT = ("quartic-pair", ("training.steps=1", "solver.epsilon=0.1", "carleman.padding=1"))


def holding(flag: RegisterFlag, states: np.ndarray) -> np.ndarray:
    """Return which states the conditions of a flag hold in, by arithmetic on their bits."""
    found = np.ones(len(states), dtype=bool)
    for one in flag.conditions:
        number = sum((states >> wire & 1) << place for place, wire in enumerate(one.wires))
        found &= (one.low <= number) & (number <= one.high)
    return found


def probability(circuit) -> float:
    program = emit(circuit)
    kept = simulate(program, {0: 1.0 + 0j}).project(program.registers["ancilla"])
    return float(np.square(np.abs(kept.amplitudes)).sum())


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 3])
def test_flags_hold_on_the_answer_and_on_no_other_entry(name: str, order: int, padding: int) -> None:
    spec, overrides = SPECS[name]
    lifted = lifted_of(fixed(spec, (*overrides, f"carleman.order={order}", f"carleman.padding={padding}")))
    answer, entries = inversion(lifted, Reading(), None).answer, lifted.history.packed_indices()
    kept = entries.ravel()[holding(answer.flag, entries.ravel())]
    assert sorted(kept) == sorted(answer.indices().ravel())
    start = answer.calibration
    assert sorted(entries.ravel()[holding(start.flag, entries.ravel())]) == sorted(entries[0])
    assert start.norm == pytest.approx(np.linalg.norm(lifted.history.solve()[0]), rel=1e-12)
    marched = steps(lifted, Reading(), None).answer
    states = np.arange(1 << (len(marched.layout["level"]) + sum(map(len, marched.layout["slots"]))))
    if marched.flag is not None:
        inner = [wire for slot in marched.layout["slots"][1:] for wire in slot]
        empty = states[[not any(state >> wire & 1 for wire in inner) for state in states.tolist()]]
        assert set(marched.indices().ravel()) <= set(empty[holding(marched.flag, empty)])
        assert len(marched.indices().ravel()) == lifted.history.n
    assert (marched.flag is None) == (not marched.layout["level"])


def test_a_linear_system_has_no_part_to_flag(blocks) -> None:
    at = open_spec(fixed("tridiagonal-system")).design.access.answer
    assert (at.flag, at.calibration) == (None, None)
    circuit = MarchCircuit(blocks.Flip(), (blocks.RotationBlock(),), (0,))
    assert flagged(circuit, at) is circuit


def test_flags_nest_and_count_as_they_are_emitted(blocks) -> None:
    """Each flag has an ancilla of its own, above those before; all variants, and the action with and without ctrl."""
    run = MarchCircuit(blocks.Flip(), (blocks.RotationBlock(),), (0,))
    once = Flagged(run, RegisterFlag(1, (equal_to([0], 1),)))
    bloq = Flagged(once, RegisterFlag(1, (equal_to([0], 0),)))
    check_counts(bloq)
    assert bloq.ancilla_bitsize == run.ancilla_bitsize + 2
    whole, inner = (unitary_of(emit(one), ["system", "ancilla"]) for one in (bloq, run))
    for wire in range(2):  # both flags flip where the system bit is not theirs
        size = len(inner)
        flips = [(state ^ size) if (state & 1) == wire else state for state in range(2 * size)]
        inner = np.eye(2 * size)[:, flips] @ np.kron(np.eye(2), inner)
    assert np.abs(whole - inner).max() < 1e-12
    controlled = unitary_of(emit(bloq.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-12


@pytest.mark.parametrize("name", SPECS)
def test_the_march_leaves_its_scale_times_the_answer(name: str) -> None:
    spec, overrides = SPECS[name]
    design = open_spec(fixed(spec, (*overrides, 'solver.method="march"'))).design
    found = probability(flagged(design.circuit, design.access.answer))
    answer = design.access.answer.pick(design.method.amplitudes(design.plan, design.access))
    assert found == pytest.approx(float(np.square(answer).sum()), rel=1e-10)
    history = design.lifted.history
    wanted = (design.plan.amplitude_scale * np.linalg.norm(history.solve()[history.steps, : history.n])) ** 2
    assert found == pytest.approx(wanted, rel=1e-2)  # the scale is planned with the norms of gradient descent


@pytest.mark.parametrize("method", ["qsvt", "kernel", "lcu"])
def test_inversion_leaves_the_joint_flag_and_the_known_start(method: str) -> None:
    """P = s^2 ||y_1(T)||^2 (p + 1) and P_0 = s^2 ||x(0)||^2: their ratio needs no s, so a lost norm is calibrated."""
    design = open_spec(fixed(DIRECT[0], (*DIRECT[1], f'solver.method="{method}"'))).design
    answer, history = design.access.answer, design.lifted.history
    joint = probability(flagged(design.circuit, answer))
    start = probability(Flagged(design.circuit, answer.calibration.flag))
    exact = design.method.amplitudes(design.plan, design.access)
    assert joint == pytest.approx(float(np.square(np.abs(answer.pick(exact))).sum()), rel=1e-8)
    known = history.packed_indices()[0]
    assert start == pytest.approx(float(np.square(np.abs(exact[known])).sum()), rel=1e-8)
    size = np.linalg.norm(history.solve()[history.steps :, : history.n])
    assert answer.calibration.norm * np.sqrt(joint / start) == pytest.approx(size, rel=0.1)
    scale = design.plan.amplitude_scale
    if scale is not None:
        assert start == pytest.approx((scale * answer.calibration.norm) ** 2, rel=0.1)


@pytest.mark.parametrize("method", ["march", "qsvt", "kernel"])
def test_the_joint_flag_of_the_large_ring_costs_a_few_toffoli(method: str) -> None:
    large = ("model.n=134217728", "training.steps=100", f'solver.method="{method}"')
    design = open_spec(fixed("quartic-ring", large)).design
    flag = design.access.answer.flag
    found = count(Flagged(design.circuit, flag)).toffoli - count(design.circuit).toffoli
    assert found == count(flag).toffoli == (0 if method == "march" else 5)
