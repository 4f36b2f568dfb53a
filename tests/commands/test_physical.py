"""The physical cost in an estimate: its job is the estimate's counts; a machine that cannot do it is said so."""

from __future__ import annotations

from dataclasses import replace

import pytest

import carlemanc
from carlemanc.core.errors import InputError
from carlemanc.costs.physical import HARDWARE, LogicalJob
from carlemanc.costs.physical.frontier import frontier
from carlemanc.evaluation.physical import price_physical
from carlemanc.present.text.estimate import physical_facts
from tests.fixed import fixed


def test_the_estimate_prices_its_own_counts() -> None:
    found = carlemanc.estimate(fixed("quartic-pair"), hardware="optimistic")
    document = found.to_json()["physical"]
    job = LogicalJob(
        qubits=found.logical_qubits,
        t=found.t_count,
        toffoli=found.toffoli_count,
        rotations=found.rotation_count,
        rotation_t=found.rotation_t,
        measurements=found.ledger.total("measurements"),
    )
    points = frontier(job, HARDWARE["optimistic"], failure_budget=document["failure_budget"])
    assert [point["qubits"] for point in document["frontier"]] == [point.qubits for point in points]
    assert document["qubits"] in [point.qubits for point in points]
    assert document["seconds_of_all_runs"] == pytest.approx(document["seconds"] * found.runs)


def test_synthesized_rotations_are_not_priced_twice() -> None:
    kept = carlemanc.estimate(fixed("logistic-map-scalar")).to_json()
    synthesized = carlemanc.estimate(fixed("logistic-map-scalar"), gate_set="clifford+t").to_json()
    ratio = synthesized["physical"]["seconds"] / kept["physical"]["seconds"]
    assert 0.7 < ratio < 1.1  # the rotations' own layers are not counted once they are T gates


def test_an_unknown_machine_is_refused_before_the_work() -> None:
    with pytest.raises(InputError, match="no such hardware preset"):
        carlemanc.estimate(fixed("quartic-pair"), hardware="abacus")


def test_a_job_no_factory_can_feed_has_no_cost_and_a_reason() -> None:
    job = LogicalJob(qubits=5, t=10**80, toffoli=0, rotations=0, rotation_t=0, measurements=0)
    found = price_physical(job, runs=1, failure_budget=0.01)
    assert found.best is None
    assert "magic-state factory" in found.reason
    assert list(physical_facts(found)) == [("physical cost", f"none: {found.reason}")]
    estimate = replace(carlemanc.estimate(fixed("quartic-pair")), physical=found)
    document = estimate.to_json()
    assert (document["physical"], document["physical_absent"]) == (None, found.reason)
    assert document["assumptions"][-1] == f"no physical cost: {found.reason}"


def test_microsofts_estimator_is_asked_on_request() -> None:
    """Its logical steps are ours (Beverland et al., eq. D3), so the seconds of a run have one scale."""
    pytest.importorskip("qdk.estimator")
    found = carlemanc.estimate(fixed("quartic-pair"), cross_check=True)
    document = found.to_json()["physical"]["cross_check"]
    steps = found.ledger.total("measurements") + found.rotation_count + found.t_count + found.rotation_t
    assert document["time_steps"] == steps + 3 * found.toffoli_count
    assert document["t_states"] == found.t_count + found.rotation_t + 4 * found.toffoli_count
    assert f"cross-check            {document['qubits']} physical qubits" in found.to_text(all=True)
    assert "cross_check" not in carlemanc.estimate(fixed("quartic-pair")).to_json()["physical"]


def test_what_microsofts_estimator_does_not_know_is_one_message() -> None:
    """Its codes end at d = 99; an error of its own is no Exception."""
    pytest.importorskip("qdk.estimator")
    job = LogicalJob(qubits=5, t=10**4, toffoli=0, rotations=0, rotation_t=0, measurements=0)
    with pytest.raises(InputError, match=r"code distance \d+ is too high"):
        price_physical(job, runs=1, failure_budget=1e-60, hardware="today", cross_check=True)
