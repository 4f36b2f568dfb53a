"""A series in place of steps: against gradient descent with every entry, and where it must not apply."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from carlemanc.classical.chebyshev import Chebyshev
from carlemanc.classical.chebyshev_plan import SeriesPlan, plan_series
from carlemanc.classical.nonlinear_part import nonlinear_shift
from carlemanc.classical.question import Question, Value
from carlemanc.classical.spectral_interval import is_symmetric, spectral_interval
from carlemanc.classical.state_error import EndSizes, moved_at_most
from carlemanc.core.errors import InputError
from carlemanc.linear_system.lifted import Lift, Lifted
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.training import Training
from carlemanc.observables.polynomial import polynomial_of
from tests.classical.posing import check, descended, posed, valued

RING = "Sum(theta[i]**2/2 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
QUARTIC = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
GRID = "Sum(theta[i,j]**2/2 - 0.2*theta[i,j]*(theta[i+1,j] + theta[i,j+1]), (i, 0, n1-1), (j, 0, n2-1))"
FIT = "Sum((y[a] - Sum(x[a,k]*theta[k], (k, 0, n-1)))**2, (a, 0, m-1))/(2*m)"


def lattice(text: str, size: Any, initial: Any, steps: int = 60, **training: Any) -> dict[str, Any]:
    return {
        "name": "posed",
        "loss": {"expression": text, "boundary": training.pop("boundary", "periodic")},
        "model": {"n": size} if isinstance(size, int) else {"dims": size},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": initial} | training,
    }


def fit(**training: Any) -> dict[str, Any]:
    data = {"source": "sklearn:diabetes", "features": 5, "samples": 40, "standardize": True}
    spec = lattice(FIT, 5, {"normal": 0.3, "seed": 5}, **training)
    return spec | {"data": data}


SITE, NORMAL = {"sparse": {"7": 0.4}}, {"normal": 0.4, "seed": 3}
SPECS = {
    "ring, one site": lattice(RING, 1 << 11, SITE),
    "ring, random": lattice(RING, 1 << 11, NORMAL),
    "short ring": lattice(RING, 40, NORMAL),
    "ring with a drive": lattice(RING + " - 0.2*Sum(theta[i], (i, 0, n-1))", 64, SITE),
    "ring with a local drive": lattice(RING + " - 0.2*theta[5]", 2048, SITE),
    "ring with a local coupling": lattice(RING + " + 0.3*theta[5]*theta[80]", 2048, SITE),
    "open chain": lattice(RING, 50, NORMAL, boundary="open"),
    "long open chain": lattice(RING, 1500, NORMAL, boundary="open"),
    "grid": lattice(GRID, [32, 40], {"sparse": {"70": 0.4, "100": -0.3}}),
    "growing": lattice("Sum(-theta[i]**2/2 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))", 1100, NORMAL),
    "learning rate above 2": lattice(RING, 300, NORMAL, learning_rate=1.5),
    "small weights of a quartic": lattice(QUARTIC, 2048, {"normal": 1e-3, "seed": 3}),
    "another center": lattice(RING, 60, NORMAL, center=[0.1] * 60),
    "regression": fit(),
}
ASKED: dict[str, dict[str, str] | None] = {
    "theta": None,
    "size": {"size": "Sum(theta[i]**2, (i, 0, n-1))/n"},
    "loss": {"loss": "loss"},
    "slope": {"slope": "gradient_norm"},
    "two": {"site": "theta[9]", "bond": "3*theta[8]*theta[9] + 1"},
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("precision", [1e-2, 1e-7])
def test_answers_are_within_the_error(name: str, asked: str, precision: float) -> None:
    values = ASKED[asked]
    if name == "grid" and values is not None and asked != "loss":
        sites = {"size": "Sum(theta[i,j]**2, (i, 0, n1-1), (j, 0, n2-1))/n", "slope": "gradient_norm"}
        values = {asked: sites.get(asked, "theta[1,31]*theta[2,31]")}
    if name == "regression" and asked == "two":
        values = {"site": "theta[1]", "bond": "theta[2]*theta[4]"}
    question = posed(SPECS[name], values=values, precision=precision)
    cost = Chebyshev().cost(question)
    refused = (
        "growing",
        "regression",
        "small weights of a quartic",
    )  # where few digits are left, or few steps
    if name not in refused or (precision == 1e-2 and asked != "two"):
        assert cost.flops is not None, cost.reason
    if cost.flops is not None:
        assert cost.flops < question.lifted.sequence.flops
        check(question, Chebyshev().run(question))


def test_many_steps_from_one_site_are_planned_without_a_run() -> None:
    """The norm of theta(T) is bounded from below by that after 256 steps; the answer is within epsilon of it."""
    for precision in (1e-2, 1e-5):
        question = posed(lattice(RING, 1 << 13, SITE, steps=2000), precision=precision)
        plan = plan_series(question)
        assert isinstance(plan, SeriesPlan)
        end = float(np.linalg.norm(descended(question.lifted)))
        assert 1e-16 * end < plan.allowed <= precision * end
        assert plan.degree < 150
        check(question, Chebyshev().run(question))


def test_flops_of_all_weights_are_the_products_and_the_sums() -> None:
    question = posed(SPECS["ring, random"])
    plan = plan_series(question)
    assert isinstance(plan, SeriesPlan)
    n, d = 1 << 11, 2
    assert (plan.way, plan.degree) == ("all", 7)
    assert plan.flops == n * plan.degree * (2 * d + 4) + n


@pytest.mark.parametrize("name", ["ring, one site", "grid", "ring with a local drive"])
def test_few_weights_are_those_of_a_breadth_first_search(name: str) -> None:
    question = posed(SPECS[name])
    plan = plan_series(question)
    assert isinstance(plan, SeriesPlan)
    assert plan.way == "start"
    matrix = question.lifted.map.tensors[1].to_sparse()
    reached = question.lifted.u_in != 0
    if 0 in question.lifted.map.tensors:
        reached[question.lifted.map.tensors[0].rows] = True
    for _ in range(plan.degree):
        reached = reached | (abs(matrix) @ reached > 0)
    assert plan.sites == reached.sum()


def test_a_site_of_a_dense_start_takes_what_lies_within_the_degree() -> None:
    for exponent in (12, 20):
        question = posed(
            lattice(RING, 1 << exponent, {"function": "0.4*cos(2*pi*3*i/n)"}, steps=10), precision=1e-2
        )
        value = posed(SPECS["ring, one site"], values={"site": "theta[9]"}).values[0]
        local = Question(
            lifted=question.lifted,
            epsilon=1e-2,
            failure_probability=0.05,
            values=(_at(question.lifted, value.error),),
        )
        plan = plan_series(local)
        assert isinstance(plan, SeriesPlan)
        assert plan.way == "values"
        assert plan.sites == 2 * plan.degree + 1


def _at(lifted: Lifted, error: float) -> Value:
    vocabulary = lifted.training.vocabulary
    assert vocabulary is not None
    polynomial = polynomial_of(lifted, "site", "theta[9]", vocabulary)
    return Value(name="site", expression="theta[9]", polynomial=polynomial, error=error, scale=1.0)


@pytest.mark.parametrize(
    ("spec", "precision", "reason"),
    [
        (lattice(QUARTIC, 64, NORMAL), 1e-2, "leaving out F_l"),
        (lattice(QUARTIC, 1 << 11, {"normal": 1e-3, "seed": 3}), 1e-9, "leaving out F_l"),
        (lattice(RING, 64, NORMAL, noise=0.01), 1e-2, "batches or noise"),
        (fit(batch_size=8), 1e-2, "batches or noise"),
        (lattice(RING, 64, NORMAL), 1e-15, "rounding of doubles"),
        (lattice(RING, 64, NORMAL, steps=1), 1e-2, "save nothing"),
    ],
)
def test_where_it_does_not_apply(spec: dict[str, Any], precision: float, reason: str) -> None:
    question = posed(spec, precision=precision)
    cost = Chebyshev().cost(question)
    assert cost.flops is None
    assert reason in cost.reason
    with pytest.raises(InputError, match="does not apply"):
        Chebyshev().run(question)


def test_a_map_that_is_not_symmetric_is_refused() -> None:
    """The same spectrum as a symmetric one, and another power."""
    for value, applies in ((0.3, True), (0.3 + 1e-9, False), (0.0, False)):
        rows, cols = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 2])
        vals = np.array([-0.2, 0.3, value, -0.4, -0.1])
        tensor = SparseTensor.build(n=3, degree=1, rows=rows, cols=cols[:, None], vals=vals)
        assert is_symmetric(tensor) is applies
        found = PolynomialMap(n=3, center=np.zeros(3), tensors={1: tensor}, learning_rate=1.0, source="test")
        training = Training(
            origin="test",
            sequence=MapSequence.constant(found, 30),
            start=np.array([0.3, -0.2, 0.1]),
            batches=(found,),
            rows=(),
            batch_count=1,
            noise=None,
        )
        question = Question(
            lifted=Lifted(training=training, lift=Lift(order=1)), epsilon=1e-3, failure_probability=0.05
        )
        cost = Chebyshev().cost(question)
        assert (cost.flops is not None) is applies
        assert applies or "not known to be symmetric" in cost.reason


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize(
    ("terms", "symmetric"),
    [
        ({(0, 1): 2, (0, -1): 2, (0, 0): -5}, True),
        ({(0, 1): 2, (0, -1): 3}, False),
        ({(0, 1): 2, (1, 0): 2}, False),
        ({(1, -2): 3, (-1, 2): 3, (0, 0): 1}, True),
        ({(1, -2): 3, (-1, -2): 3}, False),
        ({(2, 3): 4}, None),
    ],
)
def test_stencils_are_compared_with_their_transposes(
    terms: dict[tuple[int, ...], int], symmetric: bool | None, periodic: bool
) -> None:
    """On 4 x 6 sites; half an extent around a periodic lattice and back is the same site."""
    lattice_of_sites = Lattice(dims=(4, 6), periodic=periodic)
    stencils = []
    for offset, value in terms.items():
        box = lattice_of_sites.inside([offset])
        assert box is not None
        stencils.append(Stencil(offsets=(offset,), box=box, coefficient=Fraction(value)))
    tensor = LatticeTensor.build(lattice_of_sites, 1, stencils)
    matrix = tensor.explicit.to_sparse()
    same = bool(abs(matrix - matrix.T).max() == 0)
    assert is_symmetric(tensor) is same
    assert same is (periodic if symmetric is None else symmetric)
    one_way = SparseTensor.build(n=24, degree=1, rows=[3], cols=[[7]], vals=[0.5])
    assert not is_symmetric(tensor.plus(one_way))


@pytest.mark.parametrize("name", SPECS)
def test_the_interval_holds_the_spectrum(name: str) -> None:
    step = posed(SPECS[name]).lifted.map
    matrix = np.eye(step.n) + step.tensors[1].to_sparse().toarray()
    values = np.linalg.eigvalsh(matrix)
    interval = spectral_interval(step.linear())
    assert interval.low <= values[0]
    assert values[-1] <= interval.high
    assert (
        interval.high - values[-1] <= 0.05
    )  # of the drives and couplings beside stencils: their norms are added
    assert values[0] - interval.low <= 0.05 * (1 + interval.largest) or "coupling" in name


@pytest.mark.parametrize("size", [1e-3, 0.03, 0.3])
@pytest.mark.parametrize("text", [QUARTIC, QUARTIC.replace("theta[i]**4/4", "theta[i]**2*theta[i+1]/3")])
def test_the_nonlinear_shift_bounds_what_leaving_out_does(size: float, text: str) -> None:
    for n in (50, 1500):
        lifted = posed(lattice(text, n, {"normal": size, "seed": 4}, steps=30)).lifted
        linear = lifted.sequence.linear_part
        off = np.linalg.norm(linear.iterate(lifted.u_in)[-1] - descended(lifted))
        bound = nonlinear_shift(lifted.sequence, lifted.u_in, spectral_interval(lifted.map.linear()).largest)
        assert off <= bound <= 100 * off


def test_values_beyond_doubles_are_not_bounded() -> None:
    (value,) = posed(lattice(QUARTIC, 30, NORMAL), values=ASKED["loss"]).values
    assert moved_at_most(value, EndSizes(at_least=0.0, at_most=1e120, largest=1e120), 1.0) == np.inf


@pytest.mark.parametrize("asked", ["size", "loss", "slope", "two"])
def test_values_move_by_no_more_than_said(asked: str) -> None:
    question = posed(lattice(QUARTIC, 30, NORMAL), values=ASKED[asked])
    rng, u = np.random.default_rng(5), question.lifted.u_in
    two, largest_weight = float(np.linalg.norm(u)), float(np.abs(u).max())
    sizes = EndSizes(at_least=0.0, at_most=two, largest=largest_weight)
    for value in question.values:
        largest = 0.0
        for off in (1e-3, 0.1, 2.0):
            bound = moved_at_most(value, sizes, off)
            for _ in range(50):
                step = rng.normal(size=30)
                step *= off / np.linalg.norm(step)
                moved = abs(valued(value, u + step) - valued(value, u))
                assert moved <= bound * (1 + 1e-12)
                largest = max(largest, moved / bound)
        assert largest > 0.02
