"""The classical baseline and crossovers: against estimates at single sizes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.core.formula import Formula
from carlemanc.core.search import first_where
from carlemanc.costs.classical_baseline import MACHINES, ClassicalProgram
from carlemanc.evaluation import crossover
from carlemanc.evaluation.appraisal import Appraiser, Pricing
from carlemanc.sources.other_sizes import at_size
from tests.fixed import fixed

STEPS = "training.steps=20"


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


def test_reading_all_weights_never_pays_and_says_why(ring: dict[str, Any]) -> None:
    assert ring["classical_baseline"]["crossover_n"] is None
    found = ring["classical_baseline"]["crossover"]
    assert set(found) == {"n", "T", "p"}
    assert all(one[machine] is None for one in found.values() for machine in MACHINES)
    assert "the classical program (support) takes 4e+03 flops" in found["n"]["reason"]
    assert "from 1 to 160 steps" in found["T"]["reason"]


def test_no_size_pays_where_the_classical_program_does_not_grow() -> None:
    for exponent in (10, 27, 48):
        at = carlemanc.estimate(fixed("quartic-ring", [f"model.n={2**exponent}", STEPS])).to_json()
        assert at["classical_baseline"]["flops"] == 4000
        assert at["verdict"]["pays"] == "no"
        assert at["verdict"]["crossover"] is None


class Sizes:
    """Appraisals at n = 2^m: of given seconds, and a program whose flops double with n up to a size."""

    def __init__(self, seconds: Fraction, stops_at: int, memory: int = 0) -> None:
        self.seconds, self.stops_at, self.memory = seconds, stops_at, memory

    def __call__(self, exponent: int) -> Any:
        program = ClassicalProgram(
            name="dense",
            flops=2 ** min(exponent, self.stops_at),
            reason="",
            formula=Formula(text="", status="assumed"),
            memory=self.memory,
        )
        return SimpleNamespace(seconds=self.seconds, design=SimpleNamespace(programs=(program,)))


@pytest.mark.parametrize("exponent", [11, 30, 60])
def test_the_crossover_is_the_least_size_that_pays(exponent: int) -> None:
    just_below = Fraction(2**exponent - 1, MACHINES["core"].flops_per_second)
    found = crossover._first_sizes(Sizes(just_below, 60), 10)
    assert found["core"] == exponent
    later = exponent + (MACHINES["gpu"].flops_per_second // 10**9).bit_length()
    assert found["gpu"] == (later if later <= crossover.LARGEST_EXPONENT else None)
    assert crossover._first_sizes(Sizes(just_below, exponent - 1), 10)["core"] is None


def test_a_machine_that_holds_no_program_is_not_beaten() -> None:
    sizes = Sizes(Fraction(1, 10**9), 60, memory=MACHINES["gpu"].memory + 1)
    assert crossover._first_sizes(sizes, 10)["core"] is None
    assert crossover._first_sizes(sizes, 10)["exascale"] is not None


@pytest.mark.parametrize("exponent", [10, 30])
def test_a_size_that_is_looked_at_is_an_estimate_of_its_own(exponent: int) -> None:
    options = ["training.steps=5", "solver.method=march"]
    own = open_spec(fixed("quartic-ring", options))
    pricing = Pricing(hardware="superconducting", uncompute="measure", synthesized=False)
    appraise = Appraiser(memo=own.memo, pricing=pricing, draft=own.draft_at)
    at = own.draft.at
    lift = replace(at.lift, rescaling=own.lifted.gamma)
    found = appraise(replace(at, source=at_size(at.source, exponent), lift=lift))
    same = [*options, f"model.n={2**exponent}", f"carleman.rescaling={own.lifted.gamma!r}"]
    alone = carlemanc.estimate(fixed("quartic-ring", same), levers=False)
    assert found.seconds is not None
    assert float(found.seconds) == pytest.approx(alone.physical.seconds_of_all_runs, rel=0.03)
    assert found.program.flops == alone.classical_flops


@pytest.mark.parametrize("rival", [None, 10**18, 10**14])
def test_p_crosses_where_path_sampling_takes_as_long_and_no_other_program_less(rival: int | None) -> None:
    """At p = 1e-4 walks take 1 s and the runs 1e3 s: as long, 1e6 s, at a p 1e6 times smaller."""
    formula, core = Formula(text="", status="assumed"), MACHINES["core"]
    flops = {"paths": core.flops_per_second, **({} if rival is None else {"dense": rival})}
    programs = tuple(
        ClassicalProgram(name=name, flops=count, reason="", formula=formula) for name, count in flops.items()
    )
    design = SimpleNamespace(
        at=None,
        programs=programs,
        method=SimpleNamespace(traits=SimpleNamespace(counted_unsolved=True)),
        readout=SimpleNamespace(amplifies=True, method="phase-estimation", omits=""),
        plan=SimpleNamespace(copy_probability=1e-4),
    )
    appraise: Any = lambda at: SimpleNamespace(seconds=Fraction(1000))  # noqa: E731
    found = crossover._in_probability(appraise, design, "x")  # type: ignore[arg-type]
    if rival == 10**14:  # 1e5 s
        assert found.found["core"] is None
        assert "another program is faster" in found.reason
        return
    p, seconds = found.found["core"], found.seconds["core"]
    assert p == pytest.approx(1e-10)
    assert seconds == 10**6
    quantum, walks = 1000 * (1e-4 / 1e-10) ** 0.5, 1 * (1e-4 / 1e-10)
    assert quantum == pytest.approx(walks) == pytest.approx(float(seconds))


def test_steps_are_looked_for_where_the_ratio_falls() -> None:
    tried = crossover._steps_tried
    assert tried(8, {1: Fraction(5), 8: Fraction(3), 64: Fraction(4)}) == []
    assert tried(8, {1: Fraction(1, 2), 8: Fraction(3), 64: Fraction(4)}) == [4, 2, 1]
    assert tried(8, {1: Fraction(5), 8: Fraction(3), 64: Fraction(1, 2)}) == [16, 32, 64]
    assert tried(8, {1: None, 8: None, 64: None}) == []


def test_the_start_exists_at_every_size_that_is_counted() -> None:
    """A start beyond 2^24 sites needs larger lattices to be counted on."""
    start = 'training.initial.sparse={"50000000"=0.4}'
    found = carlemanc.estimate(
        fixed("quartic-ring", ["model.n=134217728", "training.steps=2", start])
    ).to_json()
    assert found["readout"]["support"] == 5
    assert "none found up to" in found["classical_baseline"]["crossover"]["n"]["reason"]


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
    assert reason in found["crossover"]["n"]["reason"]


def test_a_system_as_it_is_has_no_other_sizes_to_cross_at() -> None:
    found = carlemanc.estimate(fixed("tridiagonal-system")).to_json()
    baseline = found["classical_baseline"]
    assert (baseline["crossover"], baseline["crossover_n"], found["verdict"]["crossover"]) == ({}, None, None)
    assert baseline["flops"] == min(program["flops"] for program in baseline["programs"])


def test_bisection_finds_the_least() -> None:
    for least in range(3, 20):
        assert first_where(lambda k, least=least: k >= least, 3, 25) == least  # type: ignore[misc]
    assert first_where(lambda k: False, 3, 25) is None
    assert MACHINES["core"].seconds(7) == Fraction(7, 10**9)


def test_crossovers_of_marching_are_counted_at_sizes_no_array_holds() -> None:
    found = carlemanc.estimate(fixed("quartic-ring", ['solver.method="march"'])).to_json()
    item = found["classical_baseline"]["crossover"]["n"]
    assert item["core"] is None
    assert "none found up to n = 2^60" in item["reason"]


def test_a_larger_n_that_is_not_counted_leaves_the_estimate_as_it_is() -> None:
    """About a start off zero a force is a list of all sites, which is small here and too large at 2^24."""
    loss = "Sum(theta[i]**2/2 + theta[i]**4/40 + theta[i]*theta[i+1]/4 + theta[i]/20, (i, 0, n-1))"
    options = (f"loss.expression='{loss}'", "loss.parameters={}", "model.n=2", "training.center=initial")
    small = ("training.steps=2", "carleman.order=2", "solver.method=qsvt")
    found = carlemanc.estimate(fixed("quartic-ring", (*options, *small))).to_json()
    assert found["t_count_with_toffoli_as_4t"] > 0
    one = found["classical_baseline"]["crossover"]["n"]
    assert {one[machine] for machine in MACHINES} == {None}
    assert "not counted at larger n" in one["reason"]
