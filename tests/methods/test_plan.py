"""Plans against dense linear algebra, and the premises they refuse."""

from __future__ import annotations

import sys
from subprocess import run

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from carlemanc.access.facts import InversionFacts
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.methods import QSVT, QSVTInversion
from tests.access import exact_access
from tests.methods.systems import random_system
from tests.reference import response


@settings(deadline=None, max_examples=25)
@given(size=st.integers(2, 30), seed=st.integers(0, 10**6), exponent=st.floats(0.5, 9))
def test_amplitudes_are_scale_times_the_solution(size, seed, exponent):
    matrix, rhs, solution, facts = random_system(size, seed)
    epsilon = 10.0**-exponent
    plan = QSVTInversion().plan(facts, epsilon)
    amplitudes = QSVTInversion().amplitudes(plan, exact_access(matrix, rhs))
    error = np.linalg.norm(amplitudes / plan.amplitude_scale - solution) / np.linalg.norm(solution)
    assert error <= plan.errors["polynomial"] + 1e-11
    assert plan.error_bound <= epsilon
    assert np.linalg.norm(amplitudes) ** 2 == pytest.approx(plan.success_probability, rel=3 * epsilon + 1e-10)
    assert 0 < plan.success_probability <= 1


def test_plan_of_the_check_value():
    plan = QSVTInversion().plan(
        InversionFacts(alpha=5.0, inverse_norm=2.0, rhs_norm=2.0, solution_norm=1.0), 1e-3
    )
    assert (plan.method, plan.degree, plan.queries_L, plan.queries_b) == ("qsvt", 75, 75, 1)
    assert plan.kappa_effective == 10
    assert plan.scale * plan.polynomial.sup_norm == pytest.approx(0.99)
    assert plan.amplitude_scale == pytest.approx(0.99 / plan.polynomial.sup_norm * 5 / 2)
    assert plan.success_probability == pytest.approx(plan.amplitude_scale**2)
    x = np.linspace(0.1, 1, 50)
    realized = response(plan.phases.phases, x, "R").real
    assert np.abs(realized - chebyshev.chebval(x, plan.chebyshev_coefficients())).max() < 1e-12
    assert np.abs(realized / plan.scale * x - 1).max() <= plan.error_bound


def test_the_phases_of_a_plan_invert_in_the_circuit(blocks):
    """From numbers to the block of the bloq, a non-normal complex matrix, tensors contracted."""
    matrix = np.array([[0.6, 0.5j], [0.05, 0.4]])
    alpha = np.linalg.norm(matrix, 2) * 1.2
    rhs = np.array([0.3, -1.1])
    solution = np.linalg.solve(matrix, rhs)
    facts = InversionFacts(
        alpha=alpha,
        inverse_norm=np.linalg.norm(np.linalg.inv(matrix), 2),
        rhs_norm=np.linalg.norm(rhs),
        solution_norm=np.linalg.norm(solution),
    )
    plan = QSVTInversion().plan(facts, 0.05)
    qsvt = QSVT(blocks.dilate(matrix / alpha, 1), plan.phases.phases)
    amplitudes = blocks.block(qsvt.tensor_contract(), 1, 2) @ rhs / np.linalg.norm(rhs)
    assert np.linalg.norm(amplitudes / plan.amplitude_scale - solution) <= 0.05 * np.linalg.norm(solution)
    exact = QSVTInversion().amplitudes(plan, exact_access(matrix, rhs))
    assert np.abs(amplitudes - exact).max() < 1e-12


def test_counting_without_phases_at_any_size():
    facts = InversionFacts(alpha=2.0, inverse_norm=5e8, rhs_norm=1.0, solution_norm=1e4)
    plan = QSVTInversion().plan(facts, 1e-10, phases=False)
    assert plan.phases is None
    assert plan.degree == pytest.approx(1e9 * np.log(2e10), rel=1e-3)
    assert plan.error_bound <= 1e-10
    with pytest.raises(TooLarge, match="degree"):
        QSVTInversion().plan(facts, 1e-10)


def test_rotation_precision_adds_up():
    plan = QSVTInversion().plan(
        InversionFacts(alpha=2.0, inverse_norm=2.0, rhs_norm=1.0, solution_norm=1.0), 1e-2
    )
    each = plan.rotation_precision(1e-4, 50)
    assert 50 * each / np.sqrt(plan.success_probability) == pytest.approx(1e-4)


GOOD = {"alpha": 2.0, "inverse_norm": 3.0, "epsilon": 1e-2, "rhs_norm": 1.0, "solution_norm": 1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inverse_norm": float("inf")}, r"bound on \|\|L\^-1\|\|"),
        ({"inverse_norm": float("nan")}, r"bound on \|\|L\^-1\|\|"),
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": -1.0}, "alpha"),
        ({"rhs_norm": 0.0}, "right-hand side"),
        ({"epsilon": 0.0}, r"solver\.epsilon"),
        ({"epsilon": 1.0}, r"solver\.epsilon"),
        ({"epsilon": 1e-16}, "out of reach"),
        ({"solution_norm": 4.0}, "norm of the solution"),
        ({"solution_norm": 0.1}, "norm of the solution"),
    ],
)
def test_failing_premises_are_refused_in_words(change, message):
    numbers = GOOD | change
    epsilon = numbers.pop("epsilon")
    with pytest.raises(InputError, match=message) as raised:
        QSVTInversion().plan(InversionFacts(**numbers), epsilon)
    assert raised.value.exit_status == 2


def test_planning_does_not_import_qualtran():
    code = "import sys, carlemanc.methods.qsvt_inversion; assert 'qualtran' not in sys.modules"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
