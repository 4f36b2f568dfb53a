"""Gradient descent on trains: against arrays at 2^19 sites, a scalar recursion at 2^27, and where it must not apply."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carlemanc.classical.question import Question, Value
from carlemanc.classical.tensor_train import TensorTrain
from carlemanc.classical.told import value_at
from carlemanc.core.errors import InputError
from carlemanc.model.starts import train as trains
from carlemanc.model.starts.exact_trains import Grid
from carlemanc.model.starts.train_tally import Tally, product_flops, rounding_flops
from carlemanc.observables.polynomial import polynomial_of
from carlemanc.sources.source import source_of
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec

RING = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
LINEAR = "Sum(theta[i]**2/2 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
GRID = (
    "Sum(theta[i,j]**2/2 + 0.3*theta[i,j]**4/4 - 0.2*theta[i,j]*(theta[i+1,j] + theta[i,j+1]), "
    "(i, 0, n1-1), (j, 0, n2-1))"
)
LINE = {
    "size": "Sum(theta[i]**2, (i, 0, n-1))/n",
    "loss": "loss",
    "slope": "gradient_norm",
    "site": "theta[200000]",
}
PLANE = {"size": "Sum(theta[i,j]**2, (i, 0, n1-1), (j, 0, n2-1))/n", "loss": "loss", "site": "theta[3,4]"}


def asked(
    text: str,
    size: Any,
    function: str,
    values: dict[str, str],
    precision: float = 1e-2,
    steps: int = 6,
    boundary: str = "periodic",
    initial: Any = None,
) -> Question:
    spec = load_spec(
        {
            "name": "posed",
            "loss": {"expression": text, "boundary": boundary},
            "model": {"n": size} if isinstance(size, int) else {"dims": size},
            "training": {
                "learning_rate": 0.1,
                "steps": steps,
                "initial": initial or {"function": function},
            },
        }
    )
    lifted = lifted_of(spec)
    vocabulary = lifted.training.vocabulary
    assert vocabulary is not None
    found = []
    for name, expression in values.items():
        polynomial = polynomial_of(lifted, name, expression, vocabulary)
        known = Value(name=name, expression=expression, polynomial=polynomial, error=precision, scale=1.0)
        if lifted.n <= 1 << 19:
            scale = abs(value_at(known, descended(lifted)))
            known = Value(
                name=name, expression=expression, polynomial=polynomial, error=precision * scale, scale=scale
            )
        found.append(known)
    return Question(
        lifted=lifted,
        epsilon=precision,
        failure_probability=0.05,
        values=tuple(found),
        source=source_of(spec),
    )


def descended(lifted: Any) -> np.ndarray:
    """u(T) by T steps on arrays."""
    u = np.array(lifted.u_in)
    for time in range(lifted.steps):
        u = lifted.sequence.at(time).step(u)
    return u


SPECS = {
    "wave": (RING, 1 << 19, "0.4*cos(2*pi*3*i/n)", "periodic"),
    "interval": (RING, 1 << 19, "0.4*interval(i, n/4, n/2)", "periodic"),
    "gaussian, open": (RING, 1 << 19, "0.5*exp(-((i-n/2)/(n/10))**2)", "open"),
    "signs": (RING, 1 << 19, "0.4*walsh(i, 12345)", "periodic"),
    "driven": (RING + " - 0.1*Sum(theta[i], (i, 0, n-1))", 1 << 19, "0.3*exp(-4*i/n)", "periodic"),
    "linear": (LINEAR, 1 << 19, "0.1 + 0.4*sin(2*pi*i/n + 0.3)", "periodic"),
    "cubic": (
        RING + " + Sum(theta[i]**2*theta[i+1]/5, (i, 0, n-1))",
        1 << 19,
        "0.3*cos(2*pi*i/n)",
        "periodic",
    ),
    "plane": (GRID, [1 << 10, 1 << 9], "0.4*cos(2*pi*i/n1)*cos(4*pi*j/n2)", "periodic"),
    "plane, open": (GRID, [1 << 9, 1 << 10], "0.3 + 0.2*i/n1", "open"),
    "fixed period": (RING, 1 << 19, "0.4*cos(0.7*i)", "periodic"),
}


@pytest.mark.parametrize("name", SPECS)
def test_values_are_those_of_arrays(name: str) -> None:
    text, size, function, boundary = SPECS[name]
    question = asked(
        text, size, function, LINE if isinstance(size, int) else PLANE, boundary=boundary, precision=1e-2
    )
    cost = TensorTrain().cost(question)
    assert cost.flops is not None, cost.reason
    end = descended(question.lifted)
    for value in question.values:
        told = TensorTrain().run(question).values[value.name]
        off = abs(told.value - value_at(value, end))
        assert off <= told.error_bar + 1e-12 * value.scale
        assert told.error_bar <= value.error


@pytest.mark.slow
def test_at_2_to_the_27_signs_follow_a_scalar() -> None:
    """theta_i(t) = +-x_t from alternating signs: x - .1 (x + .3 x^3 + .8 x) on a ring."""
    question = asked(RING, 1 << 27, "0.5*walsh(i, 1)", {"size": LINE["size"], "site": "theta[5]"}, steps=40)
    assert TensorTrain().cost(question).flops is not None
    x = 0.5
    for _ in range(40):
        x -= 0.1 * (x + 0.3 * x**3 + 0.8 * x)
    told = TensorTrain().run(question).values
    assert told["size"].value == pytest.approx(x**2, rel=1e-6)
    assert told["site"].value == pytest.approx(-x, rel=1e-3)


@pytest.mark.parametrize(
    ("size", "initial", "values", "precision", "reason"),
    [
        (1 << 19, {"function": "0.4*cos(2*pi*i/n)"}, {}, 1e-2, "write out every weight"),
        (1 << 19, {"normal": 0.1, "seed": 3}, LINE, 1e-2, "not a function of the site"),
        (1 << 19, {"sparse": {"4": 0.4}}, LINE, 1e-2, "not a function of the site"),
        (1 << 19, {"function": "0.4*interval(i, 10, 500)"}, LINE, 1e-2, "zero but for few sites"),
        (1 << 18, {"function": "0.4*cos(2*pi*i/n)"}, LINE, 1e-2, "arrays are as short"),
        (3 << 17, {"function": "0.4*cos(2*pi*i/n)"}, LINE, 1e-2, "extents that are powers of two"),
        (1 << 19, {"function": "0.4*cos(2*pi*i/n)"}, LINE, 1e-8, "roundings"),
    ],
)
def test_where_it_does_not_apply(
    size: int, initial: Any, values: dict[str, str], precision: float, reason: str
) -> None:
    question = asked(RING, size, "", values, precision=precision, steps=3, initial=initial)
    cost = TensorTrain().cost(question)
    assert cost.flops is None
    assert reason in cost.reason
    with pytest.raises(InputError, match="do not apply"):
        TensorTrain().run(question)


def test_ranks_that_grow_end_the_run() -> None:
    """Waves of many lengths: the cube of their sum needs more ranks than are followed."""
    waves = " + ".join(f"0.1*cos({0.3 + 0.21 * k}*i)" for k in range(9))
    question = asked(RING, 1 << 19, waves, {"size": LINE["size"]}, steps=3)
    cost = TensorTrain().cost(question)
    assert cost.flops is None
    assert "passes rank 48" in cost.reason


def test_roundings_are_counted_by_the_factorizations_they_make(monkeypatch: pytest.MonkeyPatch) -> None:
    grid, made = Grid(dims=(1 << 9,)), []
    wave = grid.cosine({"i": 0.3, "": 0.2})
    train = wave.plus(grid.interval("i", 37, 200)).times(wave.plus(grid.affine({"i": 0.01})))
    qr, svd = np.linalg.qr, np.linalg.svd

    def counted_qr(matrix: np.ndarray) -> Any:
        p, q = matrix.shape
        k = min(p, q)
        made.append(2 * (2 * p * q * k - (p + q) * k**2 + 2 * k**3 / 3))
        return qr(matrix)

    def counted_svd(matrix: np.ndarray, full_matrices: bool = True) -> Any:
        if not full_matrices:
            q, p = sorted(matrix.shape)
            made.append(6 * p * q**2 + 20 * q**3)
        return svd(matrix, full_matrices=full_matrices)

    monkeypatch.setattr(trains.np.linalg, "qr", counted_qr)
    monkeypatch.setattr(trains.np.linalg, "svd", counted_svd)
    tally = Tally(tolerance=1e-8)
    rounded = tally.rounded(train)
    factored = sum(made)
    assert tally.flops == rounding_flops(train, rounded)
    assert factored < tally.flops < 2 * factored  # products with the factors are the rest
    assert rounded.rank < train.rank
    sizes = [core.size for core in wave.times(rounded).cores]
    assert product_flops(wave, rounded) == sum(sizes)
