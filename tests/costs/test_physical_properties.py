"""What must hold for every job, of any size: exact integers, a true frontier, more work never cheaper."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError
from carlemanc.costs.physical import (
    HARDWARE,
    LAYOUTS,
    Factory,
    LogicalJob,
    factories_for,
    physical_cost,
)
from carlemanc.costs.physical.code import patch_qubits
from carlemanc.costs.physical.frontier import _pareto, _points_of, frontier, least_volume
from carlemanc.evaluation.physical import price_physical
from carlemanc.present.text.estimate import physical_facts

IDEAL = Factory(name="ideal", makes="T", qubits=7, cycles=Fraction(181, 10), error=0.0, source="test")
COLUMNS = ("qubits", "t", "toffoli", "rotations", "rotation_t", "measurements")
machines = st.sampled_from(sorted(HARDWARE)).map(HARDWARE.__getitem__)
layouts = st.sampled_from(sorted(LAYOUTS)).map(LAYOUTS.__getitem__)


def jobs(largest: int) -> st.SearchStrategy[LogicalJob]:
    count = st.one_of(st.integers(0, 9), st.integers(0, largest))
    return st.builds(
        LogicalJob,
        qubits=st.integers(1, largest),
        **{column: count for column in COLUMNS[1:]},
    )


@given(job=jobs(10**40), machine=machines, layout=layouts, number=st.integers(1, 10**6))
def test_costs_of_jobs_of_any_size_are_exact(job, machine, layout, number) -> None:
    """Recomputed in integers: nothing passes through a float but the failure probability."""
    point = physical_cost(job, machine, layout, IDEAL, number, failure_budget=0.01)
    assume(point is not None)
    states = job.t + job.rotation_t + 4 * job.toffoli
    made = states * IDEAL.cycles * machine.cycle / number
    used = max(made, layout.consumption(job, point.distance, machine))
    assert point.time == used >= point.distance * machine.cycle
    assert isinstance(point.qubits, int)
    assert point.qubits == point.patches * patch_qubits(point.distance) + 7 * point.factories
    assert point.factories == (number if states else 0)
    assert ("no magic states" in point.model) == (states == 0)
    assert 0 <= point.failure_probability <= 0.01 * (1 + 1e-9)
    if point.distance > 3:  # no smaller distance would do
        smaller = point.distance - 2
        time = max(made, layout.consumption(job, smaller, machine))
        unit = machine.cycle * (smaller if layout.code.per == "step" else 1)
        volume = point.patches * math.ceil(time / unit)
        assert layout.code.log_failure(smaller, machine.physical_error, volume) > math.log(0.01)


@given(
    job=jobs(10**30),
    machine=machines,
    layout=layouts,
    column=st.sampled_from(COLUMNS),
    more=st.integers(1, 10**30),
)
def test_more_work_is_never_cheaper(job, machine, layout, column, more) -> None:
    larger = replace(job, **{column: getattr(job, column) + more})
    before, after = (physical_cost(j, machine, layout, IDEAL, 4, failure_budget=0.01) for j in (job, larger))
    assume(after is not None)
    assert before is not None
    assert before.qubits <= after.qubits
    assert before.time <= after.time
    assert before.distance <= after.distance


@settings(max_examples=6)
@given(job=jobs(10**12), machine=machines)
def test_the_frontier_is_the_frontier(job, machine) -> None:
    """No point beats another, and no layout, factory and number of factories tried here beats any of them."""
    try:
        points = frontier(job, machine, failure_budget=0.01)
    except InputError:  # no factory is good enough: then none tried below may be
        points = ()
    for one, other in pairwise(points):
        assert one.qubits < other.qubits
        assert one.time > other.time
    for layout in LAYOUTS.values():
        for factory in factories_for(machine.physical_error):
            for number in (1, 2, 3, 8):
                tried = physical_cost(job, machine, layout, factory, number, failure_budget=0.01)
                if tried is not None:
                    assert any(p.qubits <= tried.qubits and p.time <= tried.time for p in points)


@given(
    job=jobs(10**400),
    machine=machines,
    runs=st.sampled_from([1, 10**9, 10**400]),
    budget=st.sampled_from([0.0, 1e-300, 1e-30, 1e-12, 0.01]),
)
@settings(max_examples=25)
def test_every_job_has_a_cost_or_a_reason(job, machine, runs, budget) -> None:
    found = price_physical(job, runs=runs, failure_budget=budget, hardware=machine.name)
    assert all(point.failure_probability <= budget * (1 + 1e-9) for point in found.points)
    document = found.to_json() if found.points else None
    assert (document is None) == bool(found.reason)
    assert all(words.isprintable() for fact in physical_facts(found) for words in fact)
    if document is not None and runs < 10**300:
        assert json.loads(json.dumps(document))["seconds_of_all_runs"] == pytest.approx(
            float(found.best.time * runs)
        )
        assert "-" not in str(document["qubits"])


def test_a_clifford_circuit_takes_a_step_and_no_factory() -> None:
    job = LogicalJob(qubits=5, t=0, toffoli=0, rotations=0, rotation_t=0, measurements=0)
    for machine in HARDWARE.values():
        for point in frontier(job, machine, failure_budget=0.01):
            assert point.time >= 3 * machine.cycle
            assert point.factories == 0
            assert point.model.endswith("no magic states")


@given(job=jobs(10**40), machine=machines, budget=st.sampled_from([1e-15, 1e-9, 1e-3, 0.5]))
@settings(max_examples=25)
def test_neither_frontier_nor_least_volume_misses_a_point(job, machine, budget) -> None:
    """Against all layouts, factories and numbers of them, none left out."""
    every = [
        point
        for layout in LAYOUTS.values()
        for factory in factories_for(machine.physical_error)
        for point in _points_of(job, machine, layout, factory, budget)
    ]
    found = least_volume(job, machine, failure_budget=budget)
    if not every:
        assert found is None
        return
    assert found is not None
    kept = frontier(job, machine, failure_budget=budget)
    assert [(point.qubits, point.time) for point in kept] == [
        (point.qubits, point.time) for point in _pareto(every)
    ]
    assert (found.qubits, found.time) == min(
        ((point.qubits, point.time) for point in every), key=lambda pair: (pair[0] * pair[1], pair[0])
    )
