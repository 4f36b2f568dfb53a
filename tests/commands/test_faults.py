"""The failure budget of a run follows from epsilon, stands in the error budget, and every physical cost keeps it."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.costs.physical import HARDWARE
from carlemanc.evaluation.budget import error_budget
from carlemanc.evaluation.faults import fault_budget
from carlemanc.readout.fault_bias import failure_within, fault_bias
from tests.fixed import fixed

pytestmark = pytest.mark.filterwarnings("ignore:the system is", "ignore:carleman.order")
RING = ["model.n=8"]


@pytest.mark.parametrize("hardware", sorted(HARDWARE))
def test_every_point_keeps_the_budget_that_follows_from_epsilon(hardware: str) -> None:
    found = carlemanc.estimate(fixed("quartic-ring", RING), hardware=hardware)
    document: dict[str, Any] = json.loads(json.dumps(found.to_json()))
    part, physical = document["error_budget"]["physical_faults"], document["physical"]
    copy = document["success_probability"] * document["readout_probability"]
    assert physical["failure_budget"] == pytest.approx(failure_within(part["share"], copy))
    assert physical["failure_budget"] < copy * part["share"] ** 2
    for point in physical["frontier"]:
        assert 0 < point["failure_probability"] <= physical["failure_budget"] * (1 + 1e-9)
    assert part["achieved"] == pytest.approx(fault_bias(physical["failure_probability"], copy))
    assert part["achieved"] <= part["share"]
    assert (part["status"], part["kept"]) == ("proved", True)
    shares = [other["share"] for other in document["error_budget"].values() if other["share"] is not None]
    assert math.fsum(shares) == pytest.approx(1e-3)
    assert f"{physical['failure_budget']:.3g} allowed" in found.to_text(all=True, width=10_000)
    assert any("nothing heralds" in line for line in document["assumptions"])
    assert "failure budget of a run" in {entry["name"] for entry in document["explain"]}


def test_a_finer_epsilon_asks_for_fewer_failures() -> None:
    budgets = [
        fault_budget(
            open_spec(fixed("quartic-ring", [*RING, f"solver.epsilon={epsilon}"])).counted
        ).failure_probability
        for epsilon in (0.1, 1e-2, 1e-3, 1e-4)
    ]
    for coarse, fine in pairwise(budgets):
        assert 30 < coarse / fine < 300  # as epsilon squared, the share and the success moving a little


def test_runs_are_not_made_up_for() -> None:
    """They follow from the samples and the success alone: a failed run is not known to be one."""
    found = carlemanc.estimate(fixed("quartic-ring", RING))
    assert found.physical.runs == found.runs
    assert found.runs == found.readout.runs(found.copy_probability)


def test_given_shots_leave_the_share() -> None:
    derived, given = (
        open_spec(fixed("logistic-map-scalar", over)).counted for over in ([], ["readout.shots=100"])
    )
    for design in (derived, given):
        budget = fault_budget(design)
        assert budget.share == pytest.approx(design.shares.faults * design.at.epsilon)
        assert budget.failure_probability > 0
    assert given.shares.faults > derived.shares.faults


def test_amplitude_estimation_is_spoiled_by_any_failure() -> None:
    """Half of delta is left to it: no share of epsilon, p times the uses of the circuit within delta/2."""
    found = carlemanc.estimate(fixed("quartic-ring", [*RING, 'readout.method="amplitude-estimation"']))
    budget = found.faults
    assert budget.share is None
    assert found.runs * budget.failure_probability <= 0.025
    assert found.runs * budget.failure_probability >= 0.0249
    part = found.error_budget["physical_faults"]
    assert (part.share, part.achieved, part.status) == (None, 0.0, "proved")


@pytest.mark.parametrize(
    "over",
    [
        ['solver.method="kernel"'],
        ["readout.largest=2", "model.n=4096", "training.steps=2000"],
        ['readout.norm="linf"'],
    ],
)
def test_lost_norms_and_largest_weights_count(over: list[str]) -> None:
    design = open_spec(fixed("quartic-ring", [*RING, *over])).counted
    plan, budget = design.plan, fault_budget(design)
    copy = plan.success_probability * design.readout_probability
    assert (budget.success is None) == (plan.amplitude_scale is not None)
    assert budget.share is not None
    assert budget.failure_probability <= failure_within(budget.share, copy)
    assert (budget.largest is None) == ("readout.largest=2" not in over)
    assert budget.status == "proved"


def test_a_simulator_fails_nothing_and_a_machine_too_poor_is_said() -> None:
    design = open_spec(fixed("logistic-map-scalar")).counted
    part = error_budget(design)["physical_faults"]
    assert part.achieved == 0.0
    assert part.share == pytest.approx(design.shares.faults * design.at.epsilon)
    absent = fault_budget(design).part(None)
    assert (absent.achieved, absent.status) == (None, "unknown")
    assert absent.share == part.share


def test_a_fixed_budget_biased_a_small_ring() -> None:
    """p = 0.0088 a run, n = 64, T = 4: the bound says that nothing would be known, and mild failures do harm too.

    Where a failed run passes as often as others and yields the next site (the adder off by one), the magnitudes move by
    2.4e-2, about 27 times what the readout takes of epsilon = 1e-3; where it yields a site that never moved, by 9.4e-2.
    """
    design = open_spec(fixed("quartic-ring", ["model.n=64"])).counted
    found = design.lifted.carleman_iterate() - design.lifted.center
    odds, failure = found**2 / np.sum(found**2), 0.0088
    copy = design.plan.success_probability * design.readout_probability
    moved = [
        np.linalg.norm(np.sqrt((1 - failure) * odds + failure * np.roll(odds, by)) - np.sqrt(odds))
        for by in (1, 32)
    ]
    assert moved == pytest.approx([2.39e-2, math.sqrt(failure)], rel=0.01)
    assert moved[0] > 25 * design.shares.readout * design.at.epsilon
    assert fault_bias(failure, copy) > max(1.0, *moved)
