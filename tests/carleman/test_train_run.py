"""Gradient descent on trains against gradient descent on arrays, and at sizes that no array has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carlemanc.carleman import lattice_run
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.initial import initial_point
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.train_step import TrainWeights, has_trains, train_step, train_weights
from carlemanc.model.weights import Point, Weights

RING = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
OPEN = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4, (i, 0, n-1)) - Sum(0.4*theta[i]*theta[i+1], (i, 2, n-4))"
CUBIC = (
    "Sum(theta[i]**2/2 + 0.1*theta[i]**2*theta[i+3] - 0.2*theta[i]*theta[i+1] + 0.1*theta[i], (i, 0, n-1))"
)
PLANE = (
    "Sum(theta[i, j]**2/2 + 0.2*theta[i, j]**4/4 - 0.2*theta[i, j]*theta[i+1, j] - 0.2*theta[i, j]*theta[i, j+1],"
    " (i, 0, n1-1), (j, 0, n2-1))"
)
WAVE, BENT, PEAK = "0.4*cos(2*pi*3*i/n)", "0.4*bent(i)", "0.4*exp(-((i - n/2)/(n/16))**2)"


def sequence(text: str, n: int, steps: int, boundary: str = "periodic", dims: tuple[int, ...] | None = None):
    found = derive_map(
        parse_expression(text),
        n=n,
        learning_rate=0.1,
        center=Weights.constant(n),
        boundary=boundary,
        dims=dims,
    )
    return MapSequence.cycle([found], steps, period=1)


def begin(text: str, n: int, dims: tuple[int, ...] | None = None) -> Point:
    return initial_point({"function": text}, n, Path(), dims=dims)


CASES = {
    "ring, wave": (RING, WAVE, "periodic", None),
    "ring, bent signs": (RING, BENT, "periodic", None),
    "ring, peak": (RING, PEAK, "periodic", None),
    "open, wave": (OPEN, WAVE, "open", None),
    "driven, far neighbors": (CUBIC, WAVE, "periodic", None),
    "plane": (PLANE, "0.4*cos(2*pi*i/n1)*exp(-j/n2)", "periodic", (64, 128)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_train_follows_the_array(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Norms of 12 steps on 2^13 sites: the train's are above the array's, by less than 1e-5 of them."""
    text, start, boundary, dims = CASES[name]
    n = 1 << 13
    maps, point = sequence(text, n, 12, boundary, dims), begin(start, n, dims)
    assert has_trains(maps.map)
    plain = lattice_run.lattice_run(maps, point)
    monkeypatch.setattr(lattice_run, "TRAIN_FROM", 1 << 10)
    again = begin(start, n, dims)
    found = lattice_run.lattice_run(maps, again)
    assert (plain.steps_run, found.steps_run) == (12, 12)
    assert np.all(found.sizes["2"] >= plain.sizes["2"] * (1 - 1e-12))
    assert np.allclose(found.sizes["2"], plain.sizes["2"], rtol=1e-5)
    assert np.all(found.sizes["inf"] >= plain.sizes["inf"] * (1 - 1e-12))


@pytest.mark.parametrize("name", CASES)
def test_the_error_of_a_step_is_within_its_bound(name: str) -> None:
    text, start, boundary, dims = CASES[name]
    n = 1 << 13
    maps, point = sequence(text, n, 1, boundary, dims), begin(start, n, dims)
    assert isinstance(point, FunctionWeights)
    before = train_weights(point)
    after = train_step(maps.map, before, 1.0, 1.5)
    assert isinstance(after, TrainWeights)
    exact = maps.map.step(point.as_array())
    assert np.linalg.norm(after.as_array() - exact) <= after.error
    assert after.error < 1e-5 * np.linalg.norm(exact)


@pytest.mark.parametrize("start", [WAVE, BENT, PEAK])
def test_what_a_start_becomes_does_not_depend_on_n(start: str) -> None:
    """||u(T)|| / ||u(0)|| at 2^12 by arrays, at 2^19 and 2^27 by trains: waves of three periods, peaks of n/16."""
    decays = []
    for bits in (12, 19, 27):
        n = 1 << bits
        run = lattice_run.lattice_run(sequence(RING, n, 20), begin(start, n))
        assert run.steps_run == 20
        decays.append(run.sizes["2"][-1] / run.sizes["2"][0])
    assert decays[1] == pytest.approx(decays[0], rel=2e-3)
    assert decays[2] == pytest.approx(decays[1], rel=1e-3)


def test_a_linear_mode_decays_as_its_eigenvalue() -> None:
    """A wave of a quadratic loss: (1 - eta + 2 eta J cos(2 pi k / n))^T exactly."""
    n, steps = 1 << 27, 30
    text = "Sum(theta[i]**2/2 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
    waves = n // 8
    run = lattice_run.lattice_run(sequence(text, n, steps), begin(f"0.4*cos(2*pi*{waves}*i/n)", n))
    rate = 1 - 0.1 + 0.08 * np.cos(2 * np.pi * waves / n)
    assert run.sizes["2"][-1] / run.sizes["2"][0] == pytest.approx(rate**steps, rel=1e-5)


def test_what_has_no_trains() -> None:
    assert not has_trains(sequence(RING, 1000, 1).map)
    assert not has_trains(sequence("Sum(theta[i]**4 + (i + 1)*theta[i], (i, 0, n-1))", 1 << 20, 1).map)
