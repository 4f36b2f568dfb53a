"""The search over keys that a spec leaves out: against random configurations, full grids and its own documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.commands.estimate_result import Estimate
from carlemanc.commands.run_result import Run
from carlemanc.core.errors import InputError
from carlemanc.evaluation.design import evaluation_memo
from carlemanc.evaluation.search.search import Found, search
from carlemanc.evaluation.search.trial import Trials
from carlemanc.linear_system.lifted import Lifted
from carlemanc.programs.rotation_prices import SYNTHESES
from carlemanc.sources.choices import CHOOSABLE
from carlemanc.sources.configuration import (
    AMPLIFICATION,
    ANCILLA_BUDGET,
    METHOD,
    PADDING,
    READOUT,
    RESCALING,
    SYNTHESIS,
    Configuration,
    Request,
    request_of,
)
from carlemanc.sources.source import SpecLike
from carlemanc.sources.systems import system_of
from carlemanc.spec.effective import resolved
from carlemanc.spec.loading import load_spec
from tests.fixed import fixed

RING = ("model.n=134217728", "training.steps=100")
LOSS = ('readout.target="observables"', 'readout.observables={ loss = "loss", first = "theta[0]" }')
SPECS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pair": ("quartic-pair", ()),
    "ring": ("quartic-ring", RING),
    "loss of the ring": ("quartic-ring", (*RING, *LOSS)),
    "phi4": ("phi4-lattice", ("training.steps=10",)),
    "cubic": ("cubic-pair", ()),
    "scalar": ("logistic-map-scalar", ()),
    "ridge": ("ridge-diabetes", ()),
    "quartic ridge": ("quartic-ridge-diabetes", ()),
    "batches": ("sgd-diabetes", ("training.steps=4",)),
    "neuron": ("tanh-neuron", ()),
    "burgers": ("burgers-map", ()),
    "wells": ("double-well-chain", ()),
}
FAST = ("pair", "ridge")
MEMO = evaluation_memo()
"""Of all estimates of this file: an estimate does not depend on those before it (tests/sweeps)."""


def searched(name: str, *more: str, **options: Any) -> Found:
    """Return a search of one of the specs."""
    spec, overrides = SPECS[name]
    return search(evaluation_memo(), request_of(load_spec(spec, (*overrides, *more))), **options)


def drawn(request: Request, trials: Trials, number: int, seed: int) -> Iterator[Configuration]:
    """Yield random configurations of the free keys."""
    rng = np.random.default_rng(seed)
    lifted = system_of(trials.memo, request.at.source, request.at.lift)
    assert isinstance(lifted, Lifted)
    for _ in range(number):
        values = {
            METHOD: str(rng.choice(list(request.candidates))),
            AMPLIFICATION: [False, "readout", "ancillas"][rng.integers(3)],
            PADDING: int(rng.integers(0, 2 * lifted.steps + 1)),
            RESCALING: float(f"{lifted.gamma * 16 ** rng.uniform(-1, 1):.2e}"),
            ANCILLA_BUDGET: int(2 ** rng.integers(2, 12)) if rng.random() < 0.5 else 0,
            SYNTHESIS: str(rng.choice(SYNTHESES)),
            READOUT: str(rng.choice(["sampling", "tomography"])),
        }
        at = request.at
        for key in request.free:
            at = CHOOSABLE[key].write(request, at, values[key])
        yield at


def least_drawn(found: Found, number: int, seed: int) -> Any:
    """Return the least rank of random configurations."""
    trials = replace_limits(found.trials)
    ranks = [trial.rank for at in drawn(found.request, trials, number, seed) if (trial := trials.of(at))]
    return min(ranks)


def replace_limits(trials: Trials) -> Trials:
    """Return trials of the same request that may try any number of lifts."""
    return Trials(memo=trials.memo, request=trials.request, emits=trials.emits, lifts_left=10**9)


@pytest.mark.parametrize("name", FAST)
def test_no_random_configuration_is_better(name: str) -> None:
    found = searched(name)
    assert found.best is not None
    assert found.best.rank <= least_drawn(found, 60, 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_none_of_two_thousand_random_configurations_is_better(name: str) -> None:
    """Of each spec its share of them."""
    found = searched(name)
    assert found.best is not None
    assert found.best.rank <= least_drawn(found, math.ceil(2000 / len(SPECS)), 11)


def gridded(found: Found) -> Iterator[Configuration]:
    """Yield every configuration of a grid: gamma by steps of 12 %, paddings by powers of two, all else in full."""
    request = found.request
    lifted = system_of(found.trials.memo, request.at.source, request.at.lift)
    assert isinstance(lifted, Lifted)
    gammas = [float(f"{lifted.gamma * 1.12**k:.2e}") for k in range(-17, 18)]
    paddings = sorted({0, *(2**k for k in range(5) if 2**k <= 2 * lifted.steps)})
    lifts = product(gammas, paddings)
    for gamma, padding in lifts:
        for method in request.candidates:
            at = request.at.with_method(request.candidates[method])
            at = replace(at, lift=replace(at.lift, rescaling=gamma, padding=padding))
            if method == "march" and padding:
                continue  # nothing is padded
            for rounds, way in product((False, "readout"), ("sampling", "tomography")):
                with_rounds = CHOOSABLE[AMPLIFICATION].write(request, at, rounds)
                yield CHOOSABLE[READOUT].write(request, with_rounds, way)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pair", "scalar", "cubic"])
def test_an_exhaustive_grid_is_at_most_a_tenth_better(name: str) -> None:
    found = searched(name)
    assert found.best is not None
    trials = replace_limits(found.trials)
    least = min(trial.rank for at in gridded(found) if (trial := trials.of(at)))
    assert found.best.rank[:-1] == least[:-1]
    assert found.best.rank[-1] <= least[-1] * 11 / 10


def estimated(spec: SpecLike, *overrides: str) -> Estimate:
    """Return an estimate, found with the numbers of those before it."""
    return carlemanc.estimate(spec, overrides=overrides, memo=MEMO, levers=False)


def test_each_objective_is_met_best_by_its_own_search() -> None:
    values: dict[str, Callable[[Estimate], float]] = {
        "seconds": lambda one: one.physical.seconds_of_all_runs,
        "t": lambda one: one.total.t_in_all,
        "qubits": lambda one: one.logical_qubits,
        "volume": lambda one: one.physical.seconds_of_all_runs * one.physical.best.qubits,
    }
    chosen = {each: estimated("quartic-pair", f"solver.objective={each}") for each in values}
    for objective, value in values.items():
        assert value(chosen[objective]) <= min(map(value, chosen.values())) * 1.1, objective


def test_what_is_named_is_kept_and_said_to_be_the_spec_s() -> None:
    named = ("solver.method=qsvt", "carleman.padding=3", "compile.synthesis=phase-gradient")
    found = estimated("quartic-pair", *named)
    assert found.choices["solver.method"] == {"value": "qsvt", "by": "spec"}
    assert found.choices["carleman.padding"] == {"value": 3, "by": "spec"}
    assert found.choices["compile.synthesis"] == {"value": "phase-gradient", "by": "spec"}
    assert found.choices["carleman.rescaling"]["by"] == "search"
    assert found.plan.method == "qsvt"


@pytest.mark.parametrize("name", ["quartic-pair", "ridge-diabetes", "tridiagonal-system"])
def test_a_resolved_spec_gives_the_same_numbers_again(name: str) -> None:
    first = estimated(name)
    again = carlemanc.estimate(resolved(load_spec(name), first.choices), levers=False)
    assert {value["by"] for value in again.choices.values()} == {"spec"}
    first_document, document = first.to_json(), again.to_json()
    for key in ("choices", "assumptions"):
        del first_document[key], document[key]
    assert document == first_document


def test_a_limit_of_qubits_is_kept_where_it_can_be() -> None:
    free = estimated("ridge-diabetes")
    least = estimated("ridge-diabetes", "solver.objective=qubits")
    assert least.logical_qubits < free.logical_qubits
    limited = estimated("ridge-diabetes", f"compile.max_qubits={least.logical_qubits}")
    assert limited.logical_qubits == least.logical_qubits


def test_what_is_compiled_and_run_has_gates(tmp_path: Path) -> None:
    lift = ("carleman.rescaling=balanced", "carleman.padding=0")
    named = ("readout.method=sampling", *lift)
    found = carlemanc.compile("quartic-pair", output=tmp_path / "out", overrides=named)
    assert found.choices["compile.synthesis"]["value"] != "mixed-fallback"
    ran = carlemanc.run("quartic-pair", overrides=lift)
    assert ran.choices["solver.method"]["by"] == "search"
    assert ran.failure is None


def test_the_least_order_that_is_certified_is_taken() -> None:
    bounds = carlemanc.analyze("quartic-pair", overrides=("carleman.order=7",)).truncation_bound
    ran = carlemanc.run(fixed("quartic-pair"))
    assert isinstance(ran, Run)
    end = np.linalg.norm(ran.theta_classical)
    for epsilon in (0.05, 0.02, 0.005):
        found = estimated(fixed("quartic-pair", ["carleman.order=auto", f"solver.epsilon={epsilon}"]))
        fits = [order for order, bound in bounds.items() if bound <= epsilon * end]
        assert found.order == min(fits)
        assert found.choices["carleman.order"] == {"value": found.order, "by": "search"}


def test_no_order_is_known_to_do_is_said_with_the_way_on() -> None:
    with pytest.raises(InputError, match="no order is known to do") as refusal:
        carlemanc.estimate("double-well-chain", overrides=("carleman.order=auto", "solver.epsilon=1e-9"))
    assert "carleman.order = 3" in str(refusal.value)


@pytest.mark.slow
def test_a_frontier_is_met_again_by_its_specs(tmp_path: Path) -> None:
    found = carlemanc.optimize("quartic-pair", output=tmp_path / "frontier")
    assert found.points
    for point in found.points:
        assert point.file is not None
        again = carlemanc.estimate(tmp_path / "frontier" / point.file)
        assert again.total.t_in_all == point.t_count
        assert again.physical.seconds_of_all_runs == point.seconds
        assert again.physical.best is not None
        assert again.physical.best.qubits == point.physical_qubits
        others = [other for other in found.points if other is not point]
        assert not any(
            all(a <= b for a, b in zip(o.quantities, point.quantities, strict=True)) for o in others
        )
