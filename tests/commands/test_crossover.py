"""The classical baseline and crossovers: against estimates at single sizes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import carlemanc
from carlemanc.commands.opening import Opened, open_spec
from carlemanc.core.search import first_where
from carlemanc.costs.classical_baseline import MACHINES
from carlemanc.evaluation import crossover
from carlemanc.programs.bloq_counts import count
from carlemanc.sources.other_sizes import least_exponent
from tests.fixed import fixed

STEPS = "training.steps=20"


def sizes_of(opened: Opened) -> crossover._Sizes:
    """A counted design at all its n."""
    return crossover._sizes_of(opened.memo, opened.counted, opened.lifted)


@pytest.fixture(scope="module")
def ring() -> dict[str, Any]:
    found: dict[str, Any] = carlemanc.estimate(fixed("quartic-ring", ["model.n=1048576", STEPS])).to_json()
    return found


def test_flops_and_seconds(ring: dict[str, Any]) -> None:
    baseline = ring["classical_baseline"]
    nonzeros = {1: 3, 3: 1}  # of a row of F_l
    each = sum(number * (degree + 1) for degree, number in nonzeros.items())
    dense, support = baseline["programs"][:2]
    assert dense["flops"] == 20 * 2**20 * each
    assert baseline["flops"] == support["flops"] == each * sum(2 * t + 1 for t in range(20))
    assert baseline["program"] == "support"
    for key, machine in baseline["machines"].items():
        assert machine["seconds"] == baseline["flops"] / MACHINES[key].flops_per_second
        ratio = ring["physical"]["seconds_of_all_runs"] / machine["seconds"]
        assert machine["quantum_over_classical"] == pytest.approx(ratio)
        both = ring["success_probability"] * ring["readout_probability"]
        one = ring["physical"]["seconds"] / both / machine["seconds"]
        assert machine["one_sample_over_classical"] == pytest.approx(one)


def test_reading_all_weights_never_pays_and_says_why(ring: dict[str, Any]) -> None:
    assert ring["classical_baseline"]["crossover_n"] is None
    found = ring["classical_baseline"]["crossover"]["all_weights"]
    assert (found["core"], found["exascale"]) == (None, None)
    assert "41 weights can be nonzero" in found["reason"]
    assert "the classical program (support) takes 4e+03 flops" in found["reason"]


def test_no_size_pays_where_the_classical_program_does_not_grow(ring: dict[str, Any]) -> None:
    """The crossover of one sample that dense gradient descent would have is none against the light cone."""
    assert ring["classical_baseline"]["crossover"]["one_sample"]["core"] is None
    for exponent in (10, 27, 48):
        at = carlemanc.estimate(fixed("quartic-ring", [f"model.n={2**exponent}", STEPS])).to_json()
        assert at["classical_baseline"]["flops"] == 4000
        assert at["classical_baseline"]["machines"]["core"]["one_sample_over_classical"] > 1


def test_the_crossover_is_the_least_size_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 1 flop a second following the light cone of 600 steps takes longer than a run from some n on."""
    slow = {"core": replace(MACHINES["core"], flops_per_second=1)}
    monkeypatch.setattr(crossover, "MACHINES", slow)
    overrides = ["training.steps=600", "model.n=4096", 'solver.method="march"']
    own = open_spec(fixed("quartic-ring", overrides))
    sizes = sizes_of(own)

    def classical(exponent: int) -> crossover._Classical:
        return crossover._classical_at(own.memo, sizes, exponent)

    flops = {exponent: classical(exponent).flops for exponent in (10, 11, 12, 60, 200)}
    assert flops[10] < flops[11] == flops[12] == flops[60] == flops[200] == 10 * 600**2
    assert classical(10).support == 1024
    growth = crossover._Growth(
        lines={}, rotation_t=Fraction(0), hardware="superconducting", failure_budget=0.01
    )
    smallest = max(crossover.SMALLEST_EXPONENT, least_exponent(own.request.at.source))
    between = Fraction(flops[10] + flops[11], 2)
    for seconds, n in ((between, 2048), (Fraction(flops[10], 2), 1024), (Fraction(2 * flops[11]), None)):
        monkeypatch.setattr(crossover._Growth, "run_seconds", lambda self, exponent, s=seconds: s)
        found = crossover._crossover("x", growth, lambda exponent: Fraction(1), classical, smallest, "note")
        assert found.found == {"core": n}


def test_the_start_exists_at_every_size_that_is_counted() -> None:
    """A start beyond 2^24 sites needs larger lattices to be counted on."""
    start = 'training.initial.sparse={"50000000"=0.4}'
    found = carlemanc.estimate(
        fixed("quartic-ring", ["model.n=134217728", "training.steps=2", start])
    ).to_json()
    assert found["readout"]["support"] == 5
    assert all(
        "none found up to" in item["reason"] for item in found["classical_baseline"]["crossover"].values()
    )


@pytest.mark.parametrize(
    ("name", "exponent", "override"),
    [
        ("quartic-ring", 30, "model.n=1073741824"),
        ("phi4-lattice", 30, "model.dims=[32768,32768]"),
        ("double-well-chain", 40, "model.n=1099511627776"),
    ],
)
@pytest.mark.filterwarnings("ignore:the system is divergent")
def test_lines_in_log_n_equal_the_counts_of_the_circuit(name: str, exponent: int, override: str) -> None:
    own = open_spec(fixed(name))
    lines = crossover._counted_lines(own.memo, sizes_of(own))
    assert lines is not None
    other = open_spec(fixed(name, [override, f"carleman.rescaling={own.lifted.gamma!r}"]))
    counts = count(own.counted.method.circuit(own.counted.plan, other.counted.access))
    assert lines["toffoli"].at(exponent) == counts.toffoli
    assert lines["rotations"].at(exponent) == counts.rotation_count
    assert lines["measurements"].at(exponent) == counts.measurements
    assert lines["qubits"].at(exponent) == counts.qubits


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ridge-diabetes", "data fix n"),
        ("burgers-map", "written for this n"),
        ("iris-square-net", "data fix n"),
    ],
)
def test_data_have_no_other_sizes(name: str, reason: str) -> None:
    found = carlemanc.estimate(fixed(name)).to_json()["classical_baseline"]
    assert found["crossover_n"] is None
    assert all(reason in item["reason"] for item in found["crossover"].values())


def test_a_system_trains_nothing() -> None:
    assert carlemanc.estimate(fixed("tridiagonal-system")).to_json()["classical_baseline"] == {
        "program": None,
        "flops": None,
        "programs": [],
    }


def test_bisection_finds_the_least() -> None:
    for least in range(3, 20):
        assert first_where(lambda k, least=least: k >= least, 3, 25) == least  # type: ignore[misc]
    assert first_where(lambda k: False, 3, 25) is None
    assert MACHINES["core"].seconds(7) == Fraction(7, 10**9)


def test_crossovers_of_marching_are_counted_at_sizes_no_array_holds() -> None:
    found = carlemanc.estimate(fixed("quartic-ring", ['solver.method="march"'])).to_json()
    for item in found["classical_baseline"]["crossover"].values():
        assert item["core"] is None
        assert "none found up to n = 2^200" in item["reason"]


def test_a_larger_n_that_is_not_counted_leaves_the_estimate_as_it_is() -> None:
    """About a start off zero a force is a list of all sites, which is small here and too large at 2^24."""
    loss = "Sum(theta[i]**2/2 + theta[i]**4/40 + theta[i]*theta[i+1]/4 + theta[i]/20, (i, 0, n-1))"
    options = (f"loss.expression='{loss}'", "loss.parameters={}", "model.n=2", "training.center=initial")
    small = ("training.steps=2", "carleman.order=2", "solver.method=qsvt")
    found = carlemanc.estimate(fixed("quartic-ring", (*options, *small))).to_json()
    assert found["t_count_with_toffoli_as_4t"] > 0
    for one in found["classical_baseline"]["crossover"].values():
        assert {one[machine] for machine in MACHINES} == {None}
        assert "not counted at larger n" in one["reason"]
