"""Whether it pays: the rules on constructed times and programs, and the verdicts of the packaged examples."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import carlemanc
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import MACHINES, ClassicalProgram
from carlemanc.evaluation.separation import WALK_STEP, Separation
from carlemanc.evaluation.verdict import DECISIVE, doubts_of, verdict_of
from carlemanc.spec.examples import example_names
from tests.fixed import fixed

SEPARATION = Separation(
    alpha=1.01,
    norm=0.98,
    decay=0.1,
    gain="square root",
    epsilon=1e-2,
    query_seconds=Fraction(1, 100),
    floor_seconds=Fraction(12),
    break_even_p=1e-8,
    break_even_seconds=Fraction(10**6),
    why_no_norm="",
    why_not_shown="",
)
SLOW = ("digits-pruned-net",)
"""Examples of which one estimate takes over ten seconds."""


def program(name: str, flops: int | None, *, memory: int = 0, excluded: bool = False) -> ClassicalProgram:
    """A program."""
    formula = Formula(text="", status="assumed")
    return ClassicalProgram(
        name=name, flops=flops, reason=f"why {name}", formula=formula, memory=memory, is_excluded=excluded
    )


def excluded() -> list[ClassicalProgram]:
    """The programs without which nothing is open, each shown not to apply."""
    return [program(name, None, excluded=True) for name in DECISIVE]


def test_no_where_one_core_is_at_most_as_slow() -> None:
    programs = [program("dense", 10**12), program("support", 10**10), *excluded()]
    for seconds in (Fraction(10), Fraction(11)):
        found = verdict_of(programs, seconds, SEPARATION)
        assert (found.pays, found.against, found.classical) == ("no", "support", 10)
        assert found.factor == seconds / 10


def test_a_larger_machine_that_holds_a_program_is_a_doubt() -> None:
    programs = [program("dense", 10**12), *excluded()]
    found = verdict_of(programs, Fraction(2), SEPARATION)
    assert found.pays == "only against a weaker program"
    assert any("one GPU holds the dense program, and takes 1 s" in reason for reason in found.reasons)
    nowhere = [program("dense", 10**12, memory=1 + max(one.memory for one in MACHINES.values())), *excluded()]
    assert doubts_of(nowhere, Fraction(2), SEPARATION) == []


def test_open_takes_a_gap_and_every_other_program_shown_not_to_apply() -> None:
    """Nothing but an exhaustive list of exclusions makes a case open; each one taken away is named."""
    held = program("dense", 10**12, memory=MACHINES["core"].memory + 1)  # an exascale machine takes 1e-6 s
    fast = Fraction(1, 10**7)
    assert verdict_of([held, *excluded()], fast, SEPARATION).pays == "open"
    for place, name in enumerate(DECISIVE):
        some = excluded()
        some[place] = replace(some[place], is_excluded=False)
        found = verdict_of([held, *some], fast, SEPARATION)
        assert found.pays == "only against a weaker program"
        assert any(f"nothing shows that the {name} program cannot be faster" in one for one in found.reasons)
        del some[place]
        missing = verdict_of([held, *some], fast, SEPARATION)
        assert missing.pays == "only against a weaker program"
        assert any(f"no {name} program is known" in one for one in missing.reasons)
    for norm in (1.01, None):
        without = replace(SEPARATION, norm=norm, why_no_norm="" if norm else "no entries")
        assert verdict_of([held, *excluded()], fast, without).pays == "only against a weaker program"


def test_without_a_physical_cost_nothing_is_won() -> None:
    found = verdict_of([program("dense", 10**30)], None, SEPARATION, absent="no factory").to_json()
    assert (found["pays"], found["factor"], found["quantum_seconds"]) == ("no", None, None)
    assert "no way to run the quantum circuits is known (no factory)" in found["reasons"][0]


def test_the_machine_at_hand_is_the_first_that_holds_a_program() -> None:
    programs = [program("dense", 10**13, memory=MACHINES["core"].memory + 1), *excluded()]
    found = verdict_of(programs, Fraction(10), SEPARATION)
    assert (found.pays, found.machine, found.classical) == ("no", "one GPU", 10)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in example_names()],
)
@pytest.mark.filterwarnings("ignore")
def test_every_packaged_example_is_no(name: str) -> None:
    """None of them is won by accident; a linear system is held against solvers of it."""
    document = carlemanc.estimate(fixed(name), levers=False).to_json()
    told = document["verdict"]
    assert told["pays"] == "no"
    seconds = document["physical"]["seconds_of_all_runs"]
    assert told["quantum_seconds"] == pytest.approx(seconds)
    best = min(one["flops"] for one in document["classical_baseline"]["programs"] if one["applies"])
    assert told["factor"] == pytest.approx(seconds / (best / MACHINES["core"].flops_per_second))
    assert told["against"] == document["classical_baseline"]["program"]
    if document["T"] is None:
        assert told["separation"] is None
        return
    assert document["order"]["value"] == document["N"]
    assert document["order"]["status"] in ("certified", "measured", "none")


def test_a_map_known_by_its_shape_is_judged_by_its_counts() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = carlemanc.estimate(fixed("estimates/synthetic-7m/spec.toml", ["compile.memory=qram"]))
    told = document.to_json()["verdict"]
    assert told["pays"] == "no"
    assert told["separation"]["norm"] is None
    assert any("no entry of the map is known" in reason for reason in told["reasons"])


def marched(observables: str) -> dict[str, Any]:
    """The ring of 2^27 weights after 100 steps, by a march that reads observables."""
    ring = ["model.n=134217728", "training.steps=100", "solver.method=march", "readout.target=observables"]
    spec = fixed("quartic-ring", [*ring, f"readout.observables={observables}"])
    found: dict[str, Any] = carlemanc.estimate(spec, levers=False).to_json()
    return found


@pytest.fixture(scope="module")
def march() -> dict[str, Any]:
    return marched('{loss="loss", first="theta[0]"}')


def test_floor_and_break_even_are_those_of_the_encoded_step(march: dict[str, Any]) -> None:
    told = march["verdict"]["separation"]
    query = march["physical"]["seconds"] / 100
    assert told["query_seconds"] == pytest.approx(query)
    assert told["floor_seconds"] == pytest.approx(4 * math.pi / 1e-2 * query)
    walk = float(WALK_STEP)
    p = told["break_even_p"]
    assert 1e-2 * math.sqrt(p) == pytest.approx(2 / math.pi * walk / query, rel=2e-3)
    quantum, paths = 4 * math.pi * 100 * query / (1e-2 * math.sqrt(p)), 8 * 100 * walk / (p * 1e-4)
    assert quantum == pytest.approx(paths, rel=2e-3)
    assert told["break_even_seconds"] == pytest.approx(quantum, rel=2e-3)


def test_the_norm_of_a_step_bounds_what_the_march_keeps(march: dict[str, Any]) -> None:
    """alpha .8 eta .. of level 1: ||I + F_1|| = .98, and the cubic part adds .03 gamma^2 beside it."""
    told = march["verdict"]["separation"]
    assert 0.98 < told["norm"] < told["alpha"] < 1
    assert told["decay"] == pytest.approx((told["norm"] / told["alpha"]) ** 200)
    assert march["success_probability"] <= told["decay"]


def test_each_observable_has_a_verdict_of_its_own(march: dict[str, Any]) -> None:
    """By the program for it alone: that of an estimate which asks for nothing else."""
    for one in march["readout"]["observables"]:
        alone = marched(f'{{{one["name"]}="{one["expression"]}"}}')["verdict"]
        assert (one["verdict"], one["against"]) == (alone["pays"], alone["against"])
        assert one["factor"] == pytest.approx(one["seconds"] / alone["classical_seconds"])


def test_only_a_plain_march_is_shown_to_gain_at_most_a_root(march: dict[str, Any]) -> None:
    assert march["verdict"]["separation"]["gain"] == "square root"
    assert any("collision estimator" in reason for reason in march["verdict"]["reasons"])
    other = carlemanc.estimate(fixed("quartic-ring", ["model.n=1024"]), levers=False).to_json()
    assert other["verdict"]["separation"]["gain"] == "not shown"
    assert any(
        "not shown for the inverse that qsvt makes" in reason for reason in other["verdict"]["reasons"]
    )


def test_both_papers_on_small_gains_are_cited(march: dict[str, Any]) -> None:
    assert {"sakamoto2025", "babbush2021"} <= set(march["references"])


def test_a_run_without_any_t_gate_is_counted_in_uses() -> None:
    """Levers of a map whose F_l all vanish at order 2: nothing is divided by its T gates."""
    spec = {
        "loss": {"expression": "Sum(theta[i]**32, (i, 0, n-1))"},
        "model": {"n": 2},
        "training": {"learning_rate": 0.1, "steps": 2, "initial": [0.1, 0.2]},
        "carleman": {"order": 2},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = carlemanc.estimate(spec)
    assert found.verdict.pays == "no"
