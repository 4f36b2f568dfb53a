"""Closed forms against concrete estimates: equal at every n and T tried, small ones and others."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.commands.symbolic import SymbolicEstimate, estimate_symbolic
from carlemanc.commands.symbolic_counts import DEGREES, counts_at
from carlemanc.core.errors import InputError
from carlemanc.costs.closed_form import N, T
from carlemanc.costs.symbolic_part import EPSILON, KAPPA, ROTATION, D
from carlemanc.programs.bloq_counts import count
from tests.fixed import fixed

POINTS = ((2**27, 100), (2**20, 7), (10**8 + 7, 64), (1000, 1000), (4096, 1), (3 * 2**12, 13))


@pytest.fixture(scope="module")
def ring() -> SymbolicEstimate:
    return estimate_symbolic(fixed("quartic-ring"))


@pytest.mark.parametrize(("n", "steps"), POINTS)
def test_forms_equal_the_counts_of_circuits(ring: SymbolicEstimate, n: int, steps: int) -> None:
    given = [f"model.n={n}", f"training.steps={steps}", f"carleman.rescaling={ring.gamma!r}"]
    found = open_spec(fixed("quartic-ring", given))
    for part, bloq in zip(ring.parts[:2], (found.leading.encodings[0], found.preparation), strict=True):
        counts = count(bloq)
        assert part.at("toffoli", n, steps) == counts.toffoli
        assert part.at("rotations", n, steps) == counts.rotation_count
        assert part.at("qubits", n, steps) == counts.qubits


@pytest.mark.parametrize(("n", "steps"), [(2**12, 3), (2**27, 100), (5000, 7), (10**8 + 7, 64)])
def test_forms_equal_a_concrete_estimate(ring: SymbolicEstimate, n: int, steps: int) -> None:
    given = [f"model.n={n}", f"training.steps={steps}", f"carleman.rescaling={ring.gamma!r}"]
    concrete = carlemanc.estimate(fixed("quartic-ring", given))
    degree = concrete.plan.degree
    assert degree is not None
    assert ring.run.at("toffoli", n, steps, degree) == concrete.toffoli_count
    assert ring.run.at("t", n, steps, degree) == concrete.t_count
    assert ring.run.at("qubits", n, steps, degree) == concrete.logical_qubits
    assert ring.run.at("rotations", n, steps, degree) == concrete.rotation_count
    each = Fraction(concrete.rotation_t, concrete.rotation_count)
    numbers = {N: n, T: steps, D: degree, ROTATION: sympy.Rational(each.numerator, each.denominator)}
    assert ring.t_formula.subs(numbers) == concrete.t_with_toffoli + concrete.rotation_t
    assert ring.run.formula("qubits").subs({N: n, T: steps, D: degree}) == concrete.logical_qubits


GRID = [
    *((n, steps) for n in (127, 128, 129) for steps in (255, 256, 257, 511)),
    *(
        (128, 334),
        (128, 288),
        (32, 147),
        (16, 1),
        (17, 2),
        (31, 7),
        (33, 63),
        (2**47, 131_072),
        (2**47 - 1, 131_071),
    ),
]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_widths_and_counts_on_a_grid(order: int) -> None:
    """The width is that of the widest place: a long register of sites, a long one of time, or the reflection's."""
    found = estimate_symbolic(fixed("quartic-ring", [f"carleman.order={order}"]))
    rng = random.Random(order)
    points = list(GRID)
    for _ in range(30):
        n = rng.choice([2 ** rng.randint(4, 48), rng.randint(17, 2 ** rng.randint(5, 48))])
        points.append((n, rng.choice([2 ** rng.randint(0, 17), rng.randint(1, 2 ** rng.randint(1, 17))])))
    opened = open_spec(fixed("quartic-ring", [f"carleman.order={order}"]))
    for n, steps in points:
        counts = counts_at(opened, found.gamma, n, steps, in_n=True)
        for part in found.parts:
            for name, values in counts[part.name].items():
                degree = DEGREES[0] if part is found.run else 0
                holds = n < part.smallest(name)[0] or part.at(name, n, steps, degree) == values[0]
                assert holds, (part.name, name, n, steps)


@pytest.mark.parametrize(("n", "steps", "qubits"), [(128, 334, 29), (128, 288, 29), (32, 147, 26)])
def test_widths_where_the_register_of_time_is_the_long_one(n: int, steps: int, qubits: int) -> None:
    found = estimate_symbolic(fixed("quartic-ring", ["carleman.order=2"]))
    given = [
        "carleman.order=2",
        f"model.n={n}",
        f"training.steps={steps}",
        f"carleman.rescaling={found.gamma!r}",
    ]
    assert carlemanc.estimate(fixed("quartic-ring", given)).logical_qubits == qubits
    assert found.run.at("qubits", n, steps) == qubits
    assert found.run.formula("qubits").subs({N: n, T: steps}) == qubits


def test_widths_in_T_alone() -> None:
    """A grid of given extents has forms in T: its register of time is the long one from some T on."""
    found, opened = estimate_symbolic(fixed("phi4-lattice")), open_spec(fixed("phi4-lattice"))
    rng = random.Random(0)
    for steps in (
        1,
        2,
        255,
        256,
        257,
        511,
        512,
        *(rng.randint(1, 2 ** rng.randint(2, 17)) for _ in range(20)),
    ):
        counts = counts_at(opened, found.gamma, found.n, steps, in_n=False)
        for part in found.parts:
            assert part.smallest("qubits")[1] == 1
            assert part.at("qubits", found.n, steps) == counts[part.name]["qubits"][0]


def test_a_refusal_names_no_spec_of_the_user() -> None:
    with pytest.raises(InputError) as refused:
        estimate_symbolic(fixed("quartic-ring", ["carleman.padding=3"]))
    assert "such as quartic-ring" not in str(refused.value)


def test_the_degree_is_the_plans(ring: SymbolicEstimate) -> None:
    def degree(kappa: float, epsilon: float) -> int:
        return int(ring.degree_formula.subs({KAPPA: kappa, EPSILON: epsilon}))

    assert degree(ring.kappa_effective, ring.epsilon) == ring.degree
    assert degree(1e4, 1e-3) == 76_009


def test_logarithmic_in_n(ring: SymbolicEstimate) -> None:
    toffoli = ring.parts[0].counts["toffoli"]
    assert toffoli.at(2**27, 100) - toffoli.at(2**26, 100) == toffoli.at(2**13, 100) - toffoli.at(2**12, 100)
    assert toffoli.at(2**27, 100) <= 181
    assert "log2 n" in ring.asymptotics
    assert "ceiling(log(n)/log(2))" in ring.to_json()["t_count"]["text"]
    assert r"\left\lceil" in ring.to_json()["logical_qubits"]["latex"]


def test_counts_that_depend_on_the_digits_of_steps_have_no_form() -> None:
    """Sources at all times: the preparation of b has a rotation for each digit 1 of T."""
    with pytest.raises(InputError, match="no closed form in log n and log T"):
        estimate_symbolic(fixed("ridge-diabetes"))


def test_other_solvers_are_refused() -> None:
    with pytest.raises(InputError, match="no closed form yet"):
        estimate_symbolic(fixed("quartic-ring", ["solver.method=lcu"]))


def test_a_linear_system_as_it_is_has_no_steps_to_be_a_symbol() -> None:
    with pytest.raises(InputError, match="nothing to derive, analyze or train"):
        estimate_symbolic(fixed("tridiagonal-system"))


def test_another_solver_is_refused_before_it_is_planned() -> None:
    overrides = ["solver.method=march", "solver.amplification=true", "carleman.order=1"]
    with pytest.raises(InputError, match="a single number"):
        carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    with pytest.raises(InputError, match="march with amplification"):
        estimate_symbolic(fixed("logistic-map-scalar", overrides))


def test_both_regimes_of_kappa_are_stated(ring: SymbolicEstimate) -> None:
    assert len(ring.to_json()["regimes"]) == 2
    assert all(growth in ring.to_text() for growth in ring.regimes.values())


def test_numbers_stand_beside_the_formulas(ring: SymbolicEstimate) -> None:
    text = ring.to_text()
    assert f"= {ring.degree} at n = {ring.n}" in text
    assert np.isfinite(ring.kappa_effective)
