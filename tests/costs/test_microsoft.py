"""Our physical model beside Microsoft's estimator: the same patches, states, steps, distance, qubits and seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError
from carlemanc.costs.physical import HARDWARE, LAYOUTS, Factory, LogicalJob, microsoft, physical_cost
from carlemanc.costs.physical.distillation import distill
from carlemanc.costs.physical.microsoft import MicrosoftEstimate, microsoft_estimate
from carlemanc.evaluation.physical import price_physical
from carlemanc.present.text.estimate import physical_facts
from tests.costs.test_physical import BEVERLAND_JOB

BUDGET = 0.01


@pytest.fixture
def qdk() -> None:
    pytest.importorskip("qdk.estimator")


def ours(job: LogicalJob, machine: str, theirs: MicrosoftEstimate):
    """Our cost with factories of theirs: as many, as large, faultless (their share of the budget is apart) and fast."""
    factory = Factory(
        name="theirs",
        makes="T",
        qubits=theirs.factory_qubits,
        cycles=Fraction(1, 10**9),
        error=0.0,
        source="qdk",
    )
    return physical_cost(job, HARDWARE[machine], LAYOUTS["fast"], factory, 1, failure_budget=BUDGET / 2)


@pytest.mark.usefixtures("qdk")
def test_the_published_job() -> None:
    """100 qubits, 1e6 T, 1e8 CCZ, 1000 rotations, 1e6 measurements (QLSS 7.2, measured with qdk 1.33.1)."""
    found = microsoft_estimate(BEVERLAND_JOB, HARDWARE["superconducting"], failure_budget=BUDGET)
    assert (found.patches, found.t_states, found.distance) == (230, 401_015_000, 23)
    assert (found.factories, found.qubits) == (19, 876_420)
    assert found.time_steps == BEVERLAND_JOB.time_steps == 302_016_000
    assert found.to_json()["seconds"] == pytest.approx(2778.5, abs=0.1)
    point = ours(BEVERLAND_JOB, "superconducting", found)
    assert (point.qubits, point.time) == (found.qubits, found.time)
    priced = price_physical(
        BEVERLAND_JOB, runs=1, failure_budget=BUDGET, hardware="superconducting", cross_check=True
    )
    assert dict(physical_facts(priced))["cross-check"].startswith(f"{found.qubits} physical qubits")


counts = st.integers(0, 10**9)


@pytest.mark.usefixtures("qdk")
@settings(max_examples=60)
@given(
    machine=st.sampled_from(sorted(HARDWARE)),
    job=st.builds(
        LogicalJob,
        qubits=st.integers(1, 10**5),
        t=st.integers(10**4, 10**12),
        toffoli=counts,
        rotations=counts,
        rotation_t=counts,
        measurements=counts,
    ),
)
def test_both_models_agree(job: LogicalJob, machine: str) -> None:
    found = microsoft_estimate(job, HARDWARE[machine], failure_budget=BUDGET)
    assert found.t_states == job.t_states
    assert found.patches == LAYOUTS["fast"].patches(job.qubits)
    assume(found.time_steps == job.time_steps)  # else it waits for its factories
    point = ours(job, machine, found)
    assert point is not None
    assert (point.distance, point.qubits, point.time) == (found.distance, found.qubits, found.time)


@pytest.mark.parametrize(
    ("machine", "changes", "message"),
    [
        ("neutral-atom", {"t": 10**17}, "years"),
        ("superconducting", {"t": 10**17}, "years"),
        ("superconducting", {"t": 10**40}, "64 bits"),
        ("superconducting", {"t": 0}, "without T gates"),
    ],
)
def test_what_it_cannot_count_is_never_asked(
    machine: str, changes: dict[str, int], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hanging(*arguments: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(microsoft, "_ask", hanging)
    numbers = {"qubits": 9, "t": 9, "toffoli": 0, "rotations": 0, "rotation_t": 0, "measurements": 0}
    with pytest.raises(InputError, match=message):
        microsoft_estimate(LogicalJob(**(numbers | changes)), HARDWARE[machine], failure_budget=BUDGET)


RING = LogicalJob(qubits=44, t=0, toffoli=3835, rotations=827, rotation_t=70_295, measurements=3835)
"""A run of the quartic ring, n = 64, T = 4."""


@pytest.mark.usefixtures("qdk")
@pytest.mark.parametrize("budget", [0.01, 2e-12, 1e-25])
@pytest.mark.parametrize("machine", sorted(HARDWARE))
def test_every_machine_takes_as_long_as_qdk_says(machine: str, budget: float) -> None:
    """At qdk's distance: the fast block to the last digit, the simple one within 2 % where no reaction is longer.

    The simple block takes no step for a rotation beside its T gates. Where a reaction is longer than a step, T gates
    and measurements take that, and Toffoli where it is longer than three.
    """
    hardware = HARDWARE[machine]
    theirs = microsoft_estimate(RING, hardware, failure_budget=budget)
    assert theirs.time_steps == RING.time_steps  # it does not wait for its factories
    step = theirs.distance * hardware.cycle
    for layout in LAYOUTS.values():
        assert layout.consumption(RING, theirs.distance, hardware) >= step * (RING.t_gates + RING.toffoli)
    assert LAYOUTS["fast"].consumption(RING, theirs.distance, hardware) == theirs.time
    simple = LAYOUTS["simple"].consumption(RING, theirs.distance, hardware)
    singles, reaction = RING.t_gates + RING.measurements, hardware.reaction
    waiting = singles * max(0, reaction - step) + RING.toffoli * max(0, reaction - 3 * step)
    assert simple - waiting < theirs.time <= (simple - waiting) * Fraction(102, 100)


@pytest.mark.usefixtures("qdk")
@pytest.mark.parametrize("budget", [1e-6, 1e-10, 1e-15, 1e-21])
def test_rounds_of_distillation_are_those_of_qdk(budget: float) -> None:
    """Its factory for a budget, made by our formulas of the same distances."""
    data = microsoft._ask(RING, {"name": "qubit_gate_ns_e3"}, budget)["tfactory"]
    ours = distill(1e-3, tuple(data["codeDistancePerRound"]))
    assert ours is not None
    assert [unit.name for unit in ours.circuits] == data["unitNamePerRound"]
    assert list(ours.units) == data["numUnitsPerRound"]
    assert (ours.qubits, ours.batch_cycles * 400) == (data["physicalQubits"], data["runtime"])
    assert ours.error == pytest.approx(data["logicalErrorRate"], rel=1e-12)


@pytest.mark.usefixtures("qdk")
def test_a_budget_beyond_it_is_said() -> None:
    with pytest.raises(InputError, match="code distance 101 is too high"):
        microsoft_estimate(RING, HARDWARE["today"], failure_budget=1e-45)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdk.estimator", None)
    with pytest.raises(InputError, match=r"carlemanc\[qdk\]"):
        microsoft_estimate(BEVERLAND_JOB, HARDWARE["superconducting"], failure_budget=BUDGET)


@pytest.mark.usefixtures("qdk")
def test_it_reports_to_nobody() -> None:
    """Its telemetry is on by default; here it is off before the import."""
    program = (
        "from carlemanc.costs.physical import HARDWARE, LogicalJob\n"
        "from carlemanc.costs.physical.microsoft import microsoft_estimate\n"
        "job = LogicalJob(qubits=9, t=99, toffoli=0, rotations=0, rotation_t=0, measurements=0)\n"
        "microsoft_estimate(job, HARDWARE['superconducting'], failure_budget=0.01)\n"
        "from qdk import telemetry\n"
        "print(telemetry.TELEMETRY_ENABLED)"
    )
    environment = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert found.stdout.strip() == "False"
