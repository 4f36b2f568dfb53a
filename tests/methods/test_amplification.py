"""Rounds by formula, amplitudes on emitted circuits, counts in all variants, rows of the solver table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.access.facts import InversionFacts
from carlemanc.core.errors import InputError
from carlemanc.methods import QSVTInversion
from carlemanc.methods.amplification import amplification, fixed_point_rounds, inner_epsilon, optimum_rounds
from carlemanc.methods.amplification_circuit import AmplitudeAmplification
from carlemanc.methods.amplified import Amplified
from carlemanc.methods.inversion_polynomial import relative_error_polynomial
from carlemanc.methods.march_circuit import MarchCircuit
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from tests.access import access_of
from tests.bloqs.checks import check_counts, unitary_of
from tests.methods.systems import QUERY_COLUMNS

KINDS = pytest.mark.parametrize("kind", ["expected", "exact", "fixed-point"])


def _circuit(blocks):
    """A march of three steps: its success amplitudes are a product of blocks."""
    return MarchCircuit(blocks.Flip(), (blocks.RotationBlock(),), (0, 0, 0))


def _success(circuit):
    """Return the amplitudes on the system with all ancillas |0>."""
    program = emit(circuit)
    kept = simulate(program, {0: 1.0 + 0j}).project(program.registers["ancilla"])
    found = np.zeros(1 << len(program.registers["system"]), dtype=complex)
    found[kept.values(program.registers["system"])] = kept.amplitudes
    return found


@KINDS
def test_amplitudes_grow_as_planned_and_keep_their_direction(blocks, kind):
    plain = _success(_circuit(blocks))
    before = np.linalg.norm(plain) ** 2
    plan = amplification(before, kind, delta=0.3)
    assert plan.rounds >= 1
    found = _success(plan.circuit(_circuit(blocks)))
    assert found == pytest.approx(plain * math.sqrt(plan.after / before), abs=1e-10)
    assert plan.after > before


@pytest.mark.parametrize("before", [1e-6, 0.003, 0.2, 0.25, 0.7, 1.0])
def test_exact_amplification_is_exact(before):
    plan = amplification(before, "exact")
    assert plan.after == pytest.approx(1)
    theta = math.asin(math.sqrt(before))
    assert (plan.runs - 2) * theta < math.pi / 2 <= plan.runs * theta + 1e-9 or plan.rounds == 0


def test_exact_amplification_of_a_quarter_is_one_round_without_another_qubit():
    plan = amplification(0.25, "exact")
    assert (plan.rounds, plan.dilution) == (1, pytest.approx(0, abs=1e-7))


@pytest.mark.parametrize("before", [1e-6, 1e-4, 0.02, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.9])
def test_optimum_beats_every_other_number_of_rounds(before):
    theta = math.asin(math.sqrt(before))
    rounds = np.arange(int(math.pi / (2 * theta)) + 1)
    costs = (2 * rounds + 1) / np.sin((2 * rounds + 1) * theta) ** 2
    chosen = optimum_rounds(before)
    assert chosen == rounds[np.argmin(costs)]
    turned = (2 * chosen + 1) * theta
    assert (2 * chosen + 1) * math.tan(theta) / abs(
        math.tan(turned)
    ) <= 1 + 1e-12  # errors of the amplitude shrink


def test_optimum_costs_twelve_percent_less_than_full_amplification():
    """QLSS section 6 (derived, measured): 1.38/theta against (pi/2)/theta."""
    plan = amplification(1e-10)
    theta = 1e-5
    assert plan.runs / plan.after * theta == pytest.approx(1.38, abs=2e-3)
    assert 1 - plan.runs / plan.after * theta / (math.pi / 2) == pytest.approx(0.12, abs=5e-3)


@pytest.mark.parametrize("delta", [0.5, 0.1, 0.01])
def test_fixed_point_holds_above_its_least_probability(delta):
    """Yoder, Low, Chuang: p >= least gives success >= 1 - delta^2; plain rounds would overshoot."""
    least = 0.01
    rounds = fixed_point_rounds(least, delta)
    assert rounds == math.ceil((math.log(2 / delta) / 0.1 - 1) / 2)
    for before in np.linspace(least, 1, 57):
        assert (
            amplification(float(before), "fixed-point", delta=delta, least=least).after >= 1 - delta**2 - 1e-9
        )


@pytest.mark.parametrize("form", ["expected", "exact", "fixed-point"])
@pytest.mark.parametrize("epsilon", [0.5, 0.2, 0.05, 1e-3])
def test_rounds_leave_an_allowed_error_within_epsilon(form, epsilon):
    """The worst a of |a - y| <= inner_epsilon, |y| the planned norm: its norm off by e, the rest of it sideways."""
    allowed = inner_epsilon(epsilon)
    for p in np.concatenate([np.geomspace(1e-4, 0.05, 40), np.linspace(0.05, 0.99, 200)]):
        for delta in (0.1,) if form != "fixed-point" else (0.5, 0.1, 0.03):
            found = amplification(float(p), form, delta=delta)
            planned = abs(found.amplitude(math.sqrt(p)))
            assert planned**2 == pytest.approx(found.after, rel=1e-9)
            for moved in np.linspace(-allowed, allowed, 31):
                norm = math.sqrt(p) * (1 + moved)
                if norm > 1:
                    continue
                after = abs(found.amplitude(norm)) / planned
                sideways = after / (1 + moved) * (allowed**2 - moved**2)
                assert (after - 1) ** 2 + max(0.0, sideways) <= epsilon**2 * (1 + 1e-9), (p, delta, moved)


@pytest.mark.parametrize("form", ["expected", "exact", "fixed-point"])
@pytest.mark.parametrize("before", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("factor", [1.1, 2.0, 6.0])
def test_a_bound_of_the_probability_gives_one_after_the_rounds(form, before, factor):
    """Where p is only known to be at least `before`, rounds may turn too far: the least over all that p may be."""
    found = amplification(before, form, delta=0.3)
    if not found.rounds:
        return
    largest = min(1.0, factor * before)
    least = found.least_after(largest, 1 - 0.3**2)
    every = [abs(found.amplitude(math.sqrt(p))) ** 2 for p in np.linspace(before, largest, 400)]
    assert least <= min(every) + 1e-9
    if form != "fixed-point" and least:
        assert min(every) == pytest.approx(least, abs=1e-9)


@KINDS
def test_counted_is_emitted(blocks, kind):
    plan = amplification(0.06, kind, delta=0.5)
    check_counts(plan.circuit(_circuit(blocks)))


def test_a_million_rounds_are_counted_by_kinds(blocks):
    """All rounds of one kind are alike: one more adds what the second added to the first."""
    few = [count(AmplitudeAmplification(_circuit(blocks), (0.7,) * r, (1.9,) * r)) for r in (1, 2)]
    many = count(AmplitudeAmplification(_circuit(blocks), (0.7,) * 10**6, (1.9,) * 10**6))
    for key in ("toffoli", "rotation_count", "measurements"):
        first, second = (getattr(one, key) for one in few)
        assert getattr(many, key) == first + (10**6 - 1) * (second - first), key
    assert many.qubits == few[1].qubits


@pytest.mark.parametrize("dilution", [0.0, 0.4])
def test_control_adjoint_and_unitarity(blocks, dilution):
    circuit = MarchCircuit(blocks.Flip(), (blocks.RotationBlock(),), (0,))
    bloq = AmplitudeAmplification(circuit, (0.7, -1.2), (1.9, 0.4), dilution, 0.3)
    names = ["system", "ancilla"]
    whole = unitary_of(emit(bloq), names)
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-12
    assert np.abs(unitary_of(emit(bloq.adjoint()), names) - whole.conj().T).max() < 1e-12
    controlled = unitary_of(emit(bloq.controlled()), ["ctrl", *names])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-12


def test_control_costs_one_controlled_run_and_no_more_queries(blocks):
    bloq = amplification(0.02).circuit(_circuit(blocks))
    plain, controlled, once = count(bloq), count(bloq.controlled()), count(_circuit(blocks).controlled())
    assert controlled.rotation_count - plain.rotation_count <= once.rotation_count


def test_a_plan_with_amplification(blocks):
    facts = InversionFacts(alpha=2.0, inverse_norm=3.0, rhs_norm=1.0, solution_norm=1.0)
    plan = QSVTInversion().plan(facts, 1e-2)
    how = amplification(plan.success_probability)
    better = how.plan(plan)
    assert how.rounds > 0
    assert better.queries_L == plan.queries_L * how.runs
    assert better.queries_b == how.runs
    assert better.success_probability == pytest.approx((better.amplitude_scale * plan.solution_norm) ** 2)
    assert better.queries_L / better.success_probability < plan.queries_L / plan.success_probability


@pytest.mark.parametrize("kind", ["expected", "exact"])
def test_amplified_inversion_solves_on_the_simulator(blocks, kind):
    """The block of a few rotations inverted and amplified: more success, x unchanged, norm included."""
    encoding = blocks.RotationBlock()
    matrix = blocks.block(encoding.tensor_contract(), 1, 2).real
    solution = np.linalg.solve(matrix, [0.0, 1.0])
    solver = Amplified(inner=QSVTInversion(), form=kind)
    facts = InversionFacts(
        alpha=1.0,
        inverse_norm=float(np.linalg.norm(np.linalg.inv(matrix), 2)),
        rhs_norm=1.0,
        solution_norm=float(np.linalg.norm(solution)),
    )
    access = access_of(encoding, blocks.Flip(), facts, matrix, [0.0, 1.0])
    plan = solver.plan(facts, 5e-3)
    found = _success(solver.circuit(plan, access))
    assert found.imag == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(found) ** 2 == pytest.approx(plan.success_probability, rel=1e-2)
    error = plan.solution(found.real, 1.0) - solution
    assert np.linalg.norm(error) <= 5e-3 * np.linalg.norm(solution)
    assert solver.amplitudes(plan, access) == pytest.approx(found.real, abs=1e-9)


def test_bad_numbers_are_refused():
    for bad in (0.0, 1.5, float("nan")):
        with pytest.raises(InputError, match="probabilities"):
            amplification(bad)


ROWS = {
    1.0: [128, 733, 1294, 7337, 1.29e5, 7.34e5, 1.29e7, 7.34e7],
    0.5: [424, 2323, 13684, 73058, 1.37e7, 7.30e7, 1.37e10, 7.30e10],
    0.0: [1349, 7303, 1.37e5, 7.30e5, 1.37e9, 7.30e9, 1.37e13, 7.30e13],
}


@pytest.mark.parametrize("power", ROWS)
def test_rows_of_amplified_inversion(power):
    """QLSS 1.8 (measured there): ||x|| = kappa^power, amplitude 0.999 ||x||/M, expected cost over r."""
    for (kappa, epsilon), expected in zip(QUERY_COLUMNS, ROWS[power], strict=True):
        polynomial = relative_error_polynomial(kappa, epsilon)
        amplitude = 0.999 * kappa**power / polynomial.sup_norm
        rounds = amplification(amplitude**2)
        found = polynomial.degree * rounds.runs / rounds.after
        assert found == pytest.approx(expected, rel=5e-3), (kappa, epsilon)


@pytest.mark.parametrize(("power", "expected"), [(1, [38785, 3.88e11]), (0, [4.34e5, 4.34e12])])
def test_rows_of_amplified_hhl(power, expected):
    """QLSS 1.8 (measured there): pi kappa/epsilon a run, amplitude 0.9 or 1/kappa, kappa = 10."""
    amplitude = 0.9 if power else 0.1
    for epsilon, wanted in zip((1e-3, 1e-10), expected, strict=True):
        rounds = amplification(amplitude**2)
        found = math.pi * 10 / epsilon * rounds.runs / rounds.after
        assert found == pytest.approx(wanted, rel=2e-3)
