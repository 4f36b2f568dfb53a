"""Marching: exact arithmetic, circuits in the simulator, counts, the formula of the amplitude."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.linalg import svds

from carlemanc.access.facts import StepFacts
from carlemanc.block_encoding.step_encoding import step_encoding, step_indices
from carlemanc.bloqs.arithmetic import Increment
from carlemanc.core.errors import InputError
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.methods.amplification_polynomial import amplification_polynomial
from carlemanc.methods.amplified import Amplified
from carlemanc.methods.march import March
from carlemanc.methods.march_circuit import MarchCircuit
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.sources.systems import lifted_of
from carlemanc.state_preparation.march_start import prepare_start
from tests.access import access_of, exact_access
from tests.block_encoding.systems import random_history, scheduled_history
from tests.bloqs.checks import check_counts
from tests.fixed import fixed


def _march(history, **options):
    """Return the method, its plan, what it queries, extended steps."""
    extended = ExtendedSteps(history=history)
    encodings = [step_encoding(system, level_zero=extended.level_zero) for system in history.systems]
    facts = StepFacts(
        alphas=tuple(encoding.alpha for encoding in encodings),
        norms=tuple(np.linalg.norm(step.toarray(), 2) for step in extended.matrices()),
        schedule=history.schedule,
        start_norm=np.linalg.norm(extended.start()),
        end_norm=np.linalg.norm(extended.end()),
    )
    access = access_of(encodings, prepare_start(history), facts, extended.matrices(), extended.start())
    march = March(**options)
    return march, march.plan(facts, 1e-3), access, extended


def _final_amplitudes(circuit, used):
    """Return the amplitudes on the used basis states with all ancillas |0>, and the success probability."""
    program = emit(circuit)
    state = simulate(program, {0: 1.0 + 0j})
    kept = state.project(program.registers.get("ancilla", ()))
    amplitudes = dict(
        zip(kept.values(program.registers["system"]).tolist(), kept.amplitudes.tolist(), strict=True)
    )
    found = np.array([amplitudes.get(int(index), 0.0) for index in used])
    return found, float(np.square(np.abs(kept.amplitudes)).sum())


HISTORIES = {
    "driven": lambda: random_history(3, n=1, q=2, order=2, steps=3, driven=True, gamma=0.8),
    "two weights": lambda: random_history(4, n=2, q=2, order=2, steps=2, driven=True),
    "no source": lambda: random_history(5, n=2, q=3, order=3, steps=2, odd=True),
    "schedule": lambda: scheduled_history(6, n=1, degrees=(0, 1, 2), order=2, schedule=(0, 1, 0)),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_circuit_ends_in_the_iterate_with_the_planned_success(name):
    history = HISTORIES[name]()
    march, plan, access, extended = _march(history, amplified="no")
    circuit = march.circuit(plan, access)
    assert circuit.ancilla_bitsize == max(e.ancilla_bitsize for e in access.encodings) + plan.ancillas
    found, success = _final_amplitudes(circuit, step_indices(history, level_zero=extended.level_zero))
    assert found.imag == pytest.approx(0, abs=1e-12)
    assert plan.solution(found.real, success) == pytest.approx(extended.end(), rel=1e-9, abs=1e-9)
    assert success == pytest.approx(plan.success_probability, rel=1e-9)
    assert march.amplitudes(plan, access) == pytest.approx(found.real)
    z, alpha = (
        np.linalg.norm(history.u_in) / history.gamma,
        [access.facts.alphas[i] for i in history.schedule],
    )
    level_one = np.linalg.norm(history.solve()[-1, : history.n])
    bracket = float(history.is_driven) + sum(z ** (2 * level) for level in history.levels)
    first = slice(int(history.is_driven), int(history.is_driven) + history.n)
    assert np.linalg.norm(found[first]) == pytest.approx(level_one / np.sqrt(bracket) / np.prod(alpha))


def test_the_amplified_circuit_succeeds_more_often():
    history = random_history(3, n=1, q=1, order=1, steps=2, driven=True, gamma=0.8)
    plain = _march(history, amplified="no")[1]
    march, plan, access, extended = _march(history, amplified="yes")
    assert any(plan.polynomials)
    assert plan.error_bound <= 1e-3
    circuit = march.circuit(plan, access)
    found, success = _final_amplitudes(circuit, step_indices(history, level_zero=True))
    exact = extended.end()
    assert np.linalg.norm(plan.solution(found.real, success) - exact) <= 1e-3 * np.linalg.norm(exact)
    assert success == pytest.approx(plan.success_probability, rel=2e-3)
    assert success > plain.success_probability
    assert march.amplitudes(plan, access) == pytest.approx(found.real, abs=1e-10)


def test_failures_are_counted_until_the_end(blocks):
    """Against the product of blocks of dense unitaries, where failed states come back to |0> often."""
    encoding = blocks.RotationBlock()
    matrix = blocks.block(encoding.tensor_contract(), 1, 2).real
    for steps in (1, 2, 3, 5):
        circuit = MarchCircuit(blocks.Flip(), (encoding,), (0,) * steps)
        found, _ = _final_amplitudes(circuit, [0, 1])
        assert found == pytest.approx(np.linalg.matrix_power(matrix, steps) @ [0, 1], abs=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_counted_is_emitted(blocks, steps):
    history = random_history(3, n=1, q=2, order=2, steps=1, driven=True)
    encoding = step_encoding(history.carleman, level_zero=True)
    check_counts(MarchCircuit(prepare_start(history), (encoding,), (0,) * steps))


def test_a_million_steps_are_counted_by_kinds(blocks):
    """Each step but the last adds a zero test of its ancillas and an increment of the 20 qubits."""
    step, steps = blocks.RotationBlock(), 10**6
    circuit = MarchCircuit(blocks.Flip(), (step,), (0,) * steps)
    own, increment = count(step), count(Increment(circuit.counter_size, is_controlled=True))
    tested = circuit.ancilla_bitsize - circuit.counter_size - 1
    assert circuit.counter_size == 20
    assert count(circuit).toffoli == steps * own.toffoli + (steps - 1) * (tested + increment.toffoli)
    assert count(circuit).rotation_count == steps * own.rotation_count


def test_counted_is_emitted_amplified():
    history = random_history(3, n=1, q=1, order=1, steps=2, driven=True)
    march, plan, access, _ = _march(history, amplified="yes")
    circuit = march.circuit(plan, access)
    counted, tallied = count(circuit), tally(emit(circuit))
    for key in ("t", "toffoli", "rotation_count", "measurements", "qubits"):
        have = getattr(tallied, "rotations" if key == "rotation_count" else key)
        assert getattr(counted, key) == have, key


@pytest.mark.parametrize(
    ("edge", "delta", "epsilon"), [(0.5, 0.1, 1e-4), (0.9, 0.05, 1e-6), (0.2, 0.5, 1e-3)]
)
def test_amplification_polynomial_keeps_its_certificate(edge, delta, epsilon):
    polynomial = amplification_polynomial(edge, delta, epsilon)
    x = np.linspace(0, 1, 20001)
    values = np.polynomial.chebyshev.chebval(x, polynomial.chebyshev_coefficients())
    assert np.abs(values).max() <= 1
    error = np.abs(values - polynomial.gain * x)[x <= edge].max()
    assert error <= polynomial.error * 1.05 + 1e-15
    assert polynomial.error <= epsilon
    assert polynomial.gain * edge == pytest.approx(1 - delta, rel=0.02)


def _facts(steps, alpha=2.0, end_norm=0.8):
    """Return what is known of equal steps of norm 1."""
    return StepFacts(alphas=(alpha,), norms=(1.0,), schedule=(0,) * steps, start_norm=1.0, end_norm=end_norm)


def _expected(plan):
    """Return the queries of all runs that one success takes."""
    return plan.queries_L / plan.success_probability


def test_both_marches_are_priced_and_the_cheaper_is_taken():
    plans = {}
    for alpha in (1.02, 2.0):
        plain, amplified, plans[alpha] = (
            March(amplified=asked).plan(_facts(20, alpha), 1e-2, phases=False)
            for asked in ("no", "yes", "auto")
        )
        assert (any(plain.polynomials), any(amplified.polynomials)) == (False, True)
        assert _expected(plans[alpha]) == min(_expected(plain), _expected(amplified))
    assert not any(plans[1.02].polynomials)
    assert plans[1.02].success_probability == pytest.approx((0.8 / 1.02**20) ** 2)
    assert any(plans[2.0].polynomials)


def test_amplified_queries_grow_as_the_square_of_the_steps():
    queries = [
        _expected(March(amplified="yes").plan(_facts(steps), 1e-2, phases=False)) for steps in (20, 80)
    ]
    assert 16 / 1.5 < queries[1] / queries[0] < 16 * 1.5


def test_success_is_a_probability_where_planned_norms_are_rounded_up():
    rounded = _facts(3, alpha=1.0, end_norm=1.000002)
    assert March().plan(rounded, 0.01).success_probability == 1
    assert Amplified(inner=March()).plan(rounded, 0.01).amplification.rounds == 0


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match="finite norms"):
        March().plan(_facts(1, alpha=1.0, end_norm=float("inf")), 1e-2)


def _example(name, *overrides):
    return lifted_of(fixed(name, overrides)).history


@pytest.mark.parametrize("backend", ["sparse", "aer"])
@pytest.mark.parametrize("amplified", ["no", "yes"])
def test_the_scalar_example_is_solved_within_epsilon(backend, amplified):
    """theta(T) - center of `logistic-map-scalar` from the emitted circuit, success within 1 % of the plan."""
    from carlemanc.backends.registry import simulate as run

    history = _example("logistic-map-scalar", "training.steps=3")
    march, plan, access, extended = _march(history, amplified=amplified)
    program = emit(march.circuit(plan, access))
    state = run(program, backend)
    used = step_indices(history, level_zero=extended.level_zero)
    first = int(extended.level_zero)
    found = plan.solution(state.at(used).real, state.success_probability)[first : first + history.n]
    expected = history.solve()[-1, : history.n]
    assert np.linalg.norm(found - expected) <= 1e-3 * np.linalg.norm(expected)
    assert state.success_probability == pytest.approx(plan.success_probability, rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("amplified", ["no", "yes"])
def test_thirty_steps_of_sixteen_weights_without_gates(amplified):
    history = _example("quartic-ring", "model.n=16", "carleman.order=3", "training.steps=30")
    extended = ExtendedSteps(history=history)
    alpha = step_encoding(history.carleman, level_zero=extended.level_zero).alpha
    step = extended.matrices()[0]
    norm = min(alpha, float(svds(step, k=1, return_singular_vectors=False)[0]) * (1 + 1e-9))
    facts = StepFacts(
        alphas=(alpha,),
        norms=(norm,),
        schedule=history.schedule,
        start_norm=float(np.linalg.norm(extended.start())),
        end_norm=float(np.linalg.norm(extended.end())),
    )
    march = March(amplified=amplified)
    plan = march.plan(facts, 1e-3, phases=False)
    found = march.amplitudes(plan, exact_access([step], extended.start(), facts))
    error = np.linalg.norm(plan.solution(found, 1.0) - extended.end()) / np.linalg.norm(extended.end())
    assert error <= 1e-3
    assert np.linalg.norm(found) ** 2 == pytest.approx(plan.success_probability, rel=1e-2)
