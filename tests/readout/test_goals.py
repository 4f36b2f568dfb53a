"""The goal of the largest weights beside theta with the same number, from the spec to counts and to shots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import carlemanc
from carlemanc.core.errors import InputError
from carlemanc.readout.largest import Largest
from carlemanc.readout.registry import goal_named
from carlemanc.sources.configuration import request_of
from tests.fixed import fixed

RING = ("model.n=1024", "training.steps=30", 'solver.method="march"')


def test_the_largest_cost_what_theta_with_their_number_costs() -> None:
    named, kept, every = (
        carlemanc.estimate(fixed("quartic-ring", (*RING, *more))).to_json()
        for more in (('readout.target="largest"', "readout.largest=3"), ("readout.largest=3",), ())
    )
    assert named["readout"] == kept["readout"] | {"target": "largest"}
    assert named["total"] == kept["total"]
    assert named["readout"]["largest"] == 3
    assert named["readout"]["copies"] < every["readout"]["copies"] / 2


def test_the_goal_is_taken_from_its_table() -> None:
    at = request_of(fixed("quartic-ring", ('readout.target="largest"', "readout.largest=3"))).at
    assert at.goal == Largest(largest=3, method="sampling")
    assert not at.goal.is_coherent
    assert replace(at.goal, largest=4).plan(at_support(500), 0.1).largest == 4
    assert at.goal.exponent(at_support(500), 0.1) == pytest.approx(2)


def at_support(number: int):
    class System:
        support = number

    return System()


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("readout.largest=2", 'readout.norm="linf"'),
        ("readout.largest=2", 'readout.method="interior-point"'),
    ],
)
def test_what_has_no_bound_is_refused(overrides: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"readout\.(largest|target)"):
        carlemanc.estimate(fixed("quartic-ring", ('readout.target="largest"', *overrides)))


def test_shots_read_the_largest_weights() -> None:
    """Of 9 weights that can be nonzero one is read: within the bound and the norm of all others."""
    overrides = (
        "model.n=16",
        "solver.epsilon=0.2",
        'solver.method="march"',
        'readout.target="largest"',
        "readout.largest=1",
    )
    result = carlemanc.run(fixed("quartic-ring", overrides), backend="matrix", shots=0, seed=1)
    assert result.failure is None
    moved = result.theta - result.center
    exact = carlemanc.run(fixed("quartic-ring", overrides), backend="matrix").theta - result.center
    tail = np.linalg.norm(np.sort(np.abs(exact))[:-1])
    assert result.readout.largest == 1
    assert np.count_nonzero(moved) == 1
    assert np.linalg.norm(moved - exact) <= result.readout.error_bound + tail


def test_an_unknown_goal_names_those_there_are() -> None:
    with pytest.raises(InputError, match="theta, largest"):
        goal_named("everything", object())
