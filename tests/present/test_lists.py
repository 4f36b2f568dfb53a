"""What other commands print: the verdict first, few lines after it, all of them with `--all`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import carlemanc
from carlemanc.commands.optimize import Frontier, FrontierPoint
from carlemanc.evaluation.comparison import Comparison
from carlemanc.present.text.amounts import amount, duration
from carlemanc.spec.loading import load_spec
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.grid import parse_axis
from carlemanc.training.loop import train
from tests.fixed import fixed

MOST = 25
WIDTHS = [100, 80, 132, 48]


def frontier() -> Frontier:
    spec = load_spec("quartic-pair", ())
    points = tuple(
        FrontierPoint(
            file=None,
            spec=spec,
            choices={
                "solver.method": {"value": "march", "by": "search"},
                "carleman.padding": {"value": 0, "by": "search"},
                "carleman.rescaling": {"value": 0.5 + place, "by": "search"},
                "compile.synthesis": {"value": "gridsynth", "by": "search" if place else "spec"},
            },
            method="march",
            t_count=10 ** (6 + place),
            seconds=10.0 ** (30 - place),
            physical_qubits=10 ** (place % 7 + 2),
            logical_qubits=24,
        )
        for place in range(30)
    )
    return Frontier(name="pair", hardware="superconducting", points=points)


def grid(points: int = 60) -> Sweep:
    rows: list[dict[str, Any]] = []
    for place in range(points):
        estimate = {
            "logical_qubits": 24,
            "t_of_a_run": 2**place,
            "total": {"runs": 10**place, "t_in_all": 20**place},
            "verdict": {
                "pays": "no",
                "factor": 10.0**place,
                "against": "support",
                "quantum_seconds": 3.0**place,
            },
        }
        rows.append(
            {"overrides": [f"model.n={2**place}"], "status": 0, "message": None, "estimate": estimate}
        )
    rows.append(
        {"overrides": ["model.n=0"], "status": 2, "message": "n is too small " * 20, "estimate": None}
    )
    axis = parse_axis(f"model.n=2^0..2^{points - 1}")
    return Sweep(name="grid", directory=Path("out"), axes=(axis,), rows=tuple(rows), computed=points)


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return carlemanc.solvers(fixed("logistic-map-scalar", ["solver.epsilon=0.1"]))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_frontier_says_which_point_is_best_in_what(width: int) -> None:
    found = frontier()
    lines = found.to_text(width=width).splitlines()
    assert max(map(len, lines)) <= width
    verdict = " ".join(lines[: lines.index("")])
    assert (
        f"Fewest T gates: 1000000 (point 1); least time: {duration(found.points[29].seconds)} (point 30)"
        in verdict
    )
    assert "Chosen at every point: method march." in verdict
    if width >= 80:
        rows = [line for line in lines if line[:1].isdigit()]
        assert len(rows) == 18
        assert "... 12 more points (all with --all)" in lines
    if width >= 100:
        assert len(lines) <= MOST
    assert len([line for line in found.to_text(all=True).splitlines() if line[:1].isdigit()]) == 30


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sweep_says_first_whether_any_point_pays(width: int) -> None:
    found = grid()
    lines = found.to_text(width=width).splitlines()
    assert max(map(len, lines)) <= width
    verdict = " ".join(lines[: lines.index("")])
    assert verdict.startswith(
        "No, at none of 60 points: all quantum runs take 1 to 1e+59 times as long as the best"
    )
    told = "\n".join(lines)
    assert "1 without an estimate (exit status 2)" in told
    if width == 100:
        assert len(lines) - lines.index("") <= MOST
        assert "... 44 more points" in told
    whole = found.to_text(all=True)
    assert amount(20**59) in whole
    assert duration(3.0**59) in whole
    assert "2^59" in whole


@pytest.mark.parametrize("width", WIDTHS)
def test_the_solvers_begin_with_the_choice(compared: Comparison, width: int) -> None:
    best = compared.best
    assert best.cost is not None
    lines = compared.to_text(width=width).splitlines()
    assert max(map(len, lines)) <= width
    verdict = " ".join(lines[: lines.index("")])
    assert verdict.startswith(f"{compared.name}: {best.method} has the least ")
    assert verdict.endswith(f"{amount(best.cost.expected_t)} T gates, {duration(best.seconds)}.")
    if width == 100:
        assert len(lines) <= MOST
        for row in compared.rows:
            if row.cost is not None:
                (line,) = [line for line in lines if line.split()[:1] == [row.method]]
                assert f"  {amount(row.cost.expected_t)}  " in line
                assert line.endswith(f"  {duration(row.seconds)}")
    whole = compared.to_text(all=True, width=1000)
    assert compared.reason in whole
    assert "queries to b" in whole


def test_a_method_that_does_not_apply_says_why(compared: Comparison) -> None:
    first = replace(compared.rows[0], cost=None, seconds=None, reason="it cannot")
    text = replace(compared, rows=(first, *compared.rows[1:])).to_text()
    assert f"\n{first.method}: does not apply: it cannot\n" in text


def test_dissipation_begins_with_what_it_means_for_circuits() -> None:
    found = carlemanc.dissipation("quartic-ring", steps=7)
    for width in WIDTHS:
        assert max(map(len, found.to_text(width=width, all=True).splitlines())) <= width
    lines = found.to_text().splitlines()
    assert lines[0].startswith("Circuits make sense for ")
    assert len(lines) - 1 <= MOST
    assert len(found.to_text(all=True).splitlines()) > len(lines)


def test_a_training_begins_with_its_final_numbers() -> None:
    tables = ["training.steps=40", "training.reupload_every=2"]
    spec = fixed("logistic-map-scalar", tables[:1])
    run = train(replaced_schedule(spec))
    lines = run.to_text().splitlines()
    assert lines[0].startswith(f"{run.name}: loss ")
    assert "gradient descent on the same survivors: loss " in lines[0]
    assert len(lines) - 1 <= MOST
    assert "10 segments before these (all with --all)" in lines
    assert len([line for line in run.to_text(all=True).splitlines() if line[:1].isdigit()]) == 20


def replaced_schedule(spec: Any) -> Any:
    return load_spec(spec, ["schedule.reupload_every=2", 'schedule.evolution="emulated"'])
