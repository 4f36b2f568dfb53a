"""Physical costs against Qualtran's surface-code models, Microsoft's estimator and published numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qualtran.resource_counting import GateCounts
from qualtran.surface_code import (
    AlgorithmSummary,
    BeverlandEtAlRotationCost,
    CCZ2TFactory,
    FastDataBlock,
    LogicalErrorModel,
    QECScheme,
    beverland_et_al_model,
)
from qualtran.surface_code.gidney_fowler_model import get_ccz2t_costs_from_error_budget

from carlemanc.core.citations import CITATIONS
from carlemanc.core.errors import InputError
from carlemanc.costs.physical import (
    HARDWARE,
    LAYOUTS,
    Factory,
    LogicalJob,
    factories_for,
    physical_cost,
    smallest_volume,
)
from carlemanc.costs.physical.factories import catalyzed
from carlemanc.costs.physical.frontier import frontier, hardware_named
from carlemanc.costs.physical.hardware import Hardware

ROTATION_T = 15
"""T gates of one of the rotations below: ceil(0.53 log2(3 M_R / eps) + 5.3) at eps = 0.01 (Beverland et al.)."""
BEVERLAND_JOB = LogicalJob(
    qubits=100, t=10**6, toffoli=10**8, rotations=1000, rotation_t=1000 * ROTATION_T, measurements=10**6
)
PERFECT = Factory(
    name="15-to-1 twice", makes="T", qubits=33_320, cycles=Fraction(322), error=0.0, source="qdk 1.33.1"
)
"""The factory Microsoft's estimator finds for this job: 128.8 microseconds of 400 ns cycles."""
counts = st.integers(min_value=0, max_value=10**15)
jobs = st.builds(
    LogicalJob,
    qubits=st.integers(1, 10**6),
    t=counts,
    toffoli=counts,
    rotations=counts,
    rotation_t=counts,
    measurements=counts,
)


def summary(job: LogicalJob, rotations: int) -> AlgorithmSummary:
    gates = GateCounts(t=job.t, toffoli=job.toffoli, rotation=rotations, measurement=job.measurements)
    return AlgorithmSummary(n_algo_qubits=job.qubits, n_logical_gates=gates)


def test_the_job_of_microsofts_estimator() -> None:
    """qdk 1.33.1 on these counts: 230 logical qubits, d = 23, 19 factories, 876 420 qubits, 2778.5 s."""
    point = physical_cost(
        BEVERLAND_JOB, HARDWARE["superconducting"], LAYOUTS["fast"], PERFECT, 19, failure_budget=0.01 / 3
    )
    assert point is not None
    assert (point.patches, point.distance, point.qubits) == (230, 23, 876_420)
    assert BEVERLAND_JOB.t_states == 401_015_000
    assert point.seconds == pytest.approx(2778.5, abs=0.1)
    fewer = physical_cost(
        BEVERLAND_JOB, HARDWARE["superconducting"], LAYOUTS["fast"], PERFECT, 18, failure_budget=0.01 / 3
    )
    assert fewer is not None
    assert fewer.seconds > point.seconds


@given(job=jobs)
def test_steps_states_and_patches_are_those_of_qualtran(job: LogicalJob) -> None:
    budget = 0.01
    cost = BeverlandEtAlRotationCost
    each = (cost.rotation_cost(budget / 3 / job.rotations).t if job.rotations else 0) or 0
    priced = LogicalJob(
        qubits=job.qubits,
        t=job.t,
        toffoli=job.toffoli,
        rotations=job.rotations,
        rotation_t=math.ceil(job.rotations * each),
        measurements=job.measurements,
    )
    theirs = summary(job, job.rotations)
    steps = beverland_et_al_model.minimum_time_steps(error_budget=budget, alg=theirs, rotation_model=cost)
    states = beverland_et_al_model.t_states(error_budget=budget, alg=theirs, rotation_model=cost)
    assert priced.time_steps == steps
    assert priced.t_states == states
    assert LAYOUTS["fast"].patches(job.qubits) == FastDataBlock.get_n_tiles(job.qubits)


@given(d1=st.integers(3, 31), d2=st.integers(3, 51), exponent=st.floats(-5, -2.1), job=jobs)
def test_the_catalyzed_factory_is_that_of_qualtran(
    d1: int, d2: int, exponent: float, job: LogicalJob
) -> None:
    error = 10**exponent
    ours, theirs = catalyzed(error, d1, d2), CCZ2TFactory(d1, d2)
    model = LogicalErrorModel(physical_error=error, qec_scheme=QECScheme.make_gidney_fowler())
    gates = GateCounts(t=job.t + job.rotation_t, toffoli=job.toffoli)
    assert ours.qubits == theirs.n_physical_qubits()
    assert ours.failures(job) == pytest.approx(theirs.factory_error(gates, model), rel=1e-12)
    assert float(ours.generation_cycles(job)) == pytest.approx(
        theirs.n_cycles(gates, model), abs=1, rel=1e-12
    )


def test_gidney_and_fowlers_model_on_the_same_job() -> None:
    """366 604 qubits and 4.76 h, one factory: Qualtran's model, which has no reaction time."""
    job = LogicalJob(qubits=100, t=10**6, toffoli=10**8, rotations=0, rotation_t=20_000, measurements=0)
    theirs = get_ccz2t_costs_from_error_budget(
        n_logical_gates=GateCounts(t=job.t_gates, toffoli=job.toffoli), n_algo_qubits=job.qubits
    )
    machine = Hardware(
        name="no reaction", physical_error=1e-3, cycle=Fraction(1, 10**6), reaction=Fraction(0), source="test"
    )
    ours = physical_cost(job, machine, LAYOUTS["simple"], catalyzed(1e-3, 15, 31), 1, failure_budget=0.01)
    assert ours is not None
    assert ours.qubits == theirs.footprint == 366_604
    assert ours.seconds / 3600 == pytest.approx(theirs.duration_hr, rel=1e-9)
    assert ours.seconds / 3600 == pytest.approx(4.76, abs=0.01)
    assert ours.failure_probability == pytest.approx(theirs.failure_prob, rel=1e-9)


def test_no_point_of_the_frontier_beats_another() -> None:
    for hardware in HARDWARE.values():
        points = frontier(BEVERLAND_JOB, hardware, failure_budget=0.01)
        assert len(points) >= 2
        assert smallest_volume(points) in points
        for one, next_one in pairwise(points):
            assert one.qubits < next_one.qubits
            assert one.time > next_one.time
        for point in points:
            assert 0 < point.failure_probability <= 0.01
            assert point.to_json()["qubits"] == point.qubits


def test_counts_beyond_64_bits_are_exact() -> None:
    job = LogicalJob(qubits=10**9, t=10**24 + 1, toffoli=0, rotations=0, rotation_t=0, measurements=0)
    factory = Factory(name="ideal", makes="T", qubits=1, cycles=Fraction(7), error=0.0, source="test")
    point = physical_cost(job, HARDWARE["optimistic"], LAYOUTS["simple"], factory, 1, failure_budget=0.1)
    assert point is not None
    machine = HARDWARE["optimistic"]
    assert point.time == (10**24 + 1) * max(
        7 * machine.cycle, machine.reaction, point.distance * machine.cycle
    )
    assert job.times(10**6).t_states == 10**30 + 10**6


def test_more_errors_than_the_budget_is_no_point() -> None:
    worst = max(factories_for(1e-3), key=lambda factory: factory.error)
    assert (
        physical_cost(BEVERLAND_JOB, HARDWARE["today"], LAYOUTS["fast"], worst, 1, failure_budget=0.01)
        is None
    )
    huge = LogicalJob(qubits=1, t=10**80, toffoli=0, rotations=0, rotation_t=0, measurements=0)
    with pytest.raises(InputError, match="no known magic-state factory"):
        frontier(huge, HARDWARE["optimistic"], failure_budget=0.01)


def test_refusals() -> None:
    with pytest.raises(InputError, match="no such hardware preset"):
        hardware_named("abacus")
    noisy = Hardware(
        name="noisy", physical_error=0.02, cycle=Fraction(1), reaction=Fraction(1), source="test"
    )
    for machine, budget in ((noisy, 0.01), (HARDWARE["today"], 0.0), (HARDWARE["today"], 1.0)):
        with pytest.raises(InputError):
            physical_cost(BEVERLAND_JOB, machine, LAYOUTS["fast"], PERFECT, 1, failure_budget=budget)
    with pytest.raises(ValueError, match="at least one qubit"):
        LogicalJob(qubits=0, t=1, toffoli=0, rotations=0, rotation_t=0, measurements=0)


def test_every_number_has_a_source() -> None:
    for hardware in HARDWARE.values():
        assert "arXiv" in hardware.source
        assert {*hardware.sources} <= {*CITATIONS}
        assert {factory.source for factory in factories_for(hardware.physical_error)} <= {*CITATIONS}
    assert all({*layout.sources} <= {*CITATIONS} for layout in LAYOUTS.values())
