"""The way to read weights by a tomography with amplitude estimation: its plan, its refusals, its circuits."""

from __future__ import annotations

import pytest

import carlemanc
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.readout.ways.registry import plan_readout
from carlemanc.readout.ways.tomography import MOST_ENTRIES
from tests.fixed import fixed


def test_uses_grow_with_the_entries_over_the_root_of_the_probability() -> None:
    plan = plan_readout(64, 0.01, 0.05, method="tomography")
    assert plan.runs(1e-4) == pytest.approx(10 * plan.runs(1e-2), rel=0.2)
    finer = plan_readout(64, 0.001, 0.05, method="tomography")
    assert finer.runs(1e-2) == pytest.approx(10 * plan.runs(1e-2), rel=0.2)
    assert plan.achieved(plan.runs(1e-2), 1e-2) == pytest.approx(0.01)


def test_what_cannot_be_read_so_says_the_way_on() -> None:
    with pytest.raises(InputError, match="2-norm"):
        plan_readout(64, 0.01, 0.05, norm="linf", method="tomography")
    with pytest.raises(InputError, match="march"):
        carlemanc.estimate(fixed("quartic-pair", ('readout.method="tomography"', "solver.method=kernel")))
    many = (
        'readout.method="tomography"',
        f"model.n={2 * MOST_ENTRIES}",
        'training.initial={function="0.3*cos(2*pi*i/n)"}',
        "solver.method=march",
    )
    with pytest.raises(TooLarge, match="observables"):
        carlemanc.estimate(fixed("quartic-ring", many))
