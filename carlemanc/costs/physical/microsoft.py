"""Microsoft's resource estimator (extra `qdk`) on the same job: an independent physical cost to compare with.

Comes in: a `LogicalJob` and a machine that both sides know. Goes out: what qdk makes of it, offline. Rotations go in as
the T gates they were synthesized into, each with one measurement for its own time step (Beverland et al., eq. D3), so
that qdk does not synthesize them again. qdk searches its own 15-to-1 factories.

A machine that qdk has no preset of is described to it: its error rate for every operation, and gates and measurements
of an eighth and a quarter of its cycle, which is four gates and two measurements there.

qdk 1.33 counts nanoseconds modulo 2^64 (585 years, silently) and hangs on jobs far beyond (measured): a job that would
take over `MOST_YEARS` is refused before it is asked.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NoReturn

from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.costs.physical.code import BEVERLAND, LARGEST_DISTANCE
from carlemanc.costs.physical.hardware import Hardware
from carlemanc.costs.physical.job import LogicalJob
from carlemanc.costs.physical.layout import LAYOUTS

MOST_YEARS: Final = 500
PRESETS: Final = {
    "superconducting": "qubit_gate_ns_e3",
    "optimistic": "qubit_gate_ns_e4",
    "ion": "qubit_gate_us_e3",
}
"""Our name of a machine -> qdk's, whose ion has T states of error 1e-6 from the start."""
_YEAR: Final = 31_557_600
_LARGEST: Final = 2**64 - 1
_FARTHEST: Final = 99
"""Code distance up to which qdk is to look, where 50 is its own."""
_SHARES: Final = 2
"""qdk gives half of the failure budget to logical errors, half to T states, where it synthesizes no rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftEstimate(Document):
    """What qdk says.

    Attributes:
        version: of qdk.
        patches: logical qubits after layout.
        distance: code distance of the data block.
        t_states: T states, four a Toffoli.
        time_steps: logical depth.
        factories: how many T factories; `factory_qubits`: physical qubits of all of them.
        qubits: physical qubits.
        time: seconds, exact.
    """

    version: str
    patches: int
    distance: int
    t_states: int
    time_steps: int
    factories: int
    factory_qubits: int
    qubits: int
    time: Fraction

    KEYS = "model qubits seconds=time code_distance=distance patches factories t_states time_steps"

    @property
    def model(self) -> str:
        """Who says so, as in `physical`."""
        return f"qdk {self.version}"


def microsoft_estimate(job: LogicalJob, hardware: Hardware, *, failure_budget: float) -> MicrosoftEstimate:
    """Return qdk's physical cost of a job.

    Raises InputError where qdk is not installed, cannot count a job so long, or finds no code or factory for it.
    """
    _check(job, hardware, failure_budget)
    data = _ask(job, _machine(hardware), failure_budget)
    counts, parts = data["physicalCounts"], data["physicalCounts"]["breakdown"]
    return MicrosoftEstimate(
        version=_version(),
        patches=int(parts["algorithmicLogicalQubits"]),
        distance=int(data["logicalQubit"]["codeDistance"]),
        t_states=int(parts["numTstates"]),
        time_steps=int(parts["algorithmicLogicalDepth"]),
        factories=int(parts["numTfactories"]),
        factory_qubits=int(parts["physicalQubitsForTfactories"]),
        qubits=int(counts["physicalQubits"]),
        time=Fraction(int(counts["runtime"]), 10**9),
    )


def _machine(hardware: Hardware) -> dict[str, Any]:
    """Return the machine as qdk is told of it."""
    if hardware.name in PRESETS:
        return {"name": PRESETS[hardware.name]}
    gate, measurement = hardware.cycle / 8, hardware.cycle / 4
    operations = ("oneQubitMeasurement", "oneQubitGate", "twoQubitGate", "tGate")
    return {
        "name": hardware.name,
        "instructionSet": "GateBased",
        **{f"{name}ErrorRate": hardware.physical_error for name in operations},
        **{
            f"{name}Time": f"{float((measurement if name == 'oneQubitMeasurement' else gate) * 10**9):g} ns"
            for name in operations
        },
    }


def _ask(job: LogicalJob, machine: Mapping[str, object], failure_budget: float) -> Mapping[str, Any]:
    for variable in ("QDK_PYTHON_TELEMETRY", "QSHARP_PYTHON_TELEMETRY"):
        os.environ[variable] = "none"  # read when qdk is imported
    try:
        from qdk.estimator import EstimatorError, LogicalCounts
    except ImportError:
        problem = Problem(where="qdk", found="not installed", allowed='pip install "carlemanc[qdk]"')
        raise InputError("Microsoft's estimator is an optional extra", [problem]) from None
    logical = LogicalCounts(
        {
            "numQubits": job.qubits,
            "tCount": job.t_gates,
            "rotationCount": 0,
            "rotationDepth": 0,
            "cczCount": job.toffoli,
            "ccixCount": 0,
            "measurementCount": job.measurements + job.rotations,
        }
    )
    asked = {
        "errorBudget": failure_budget,
        "qubitParams": machine,
        "qecScheme": {"name": "surface_code", "maxCodeDistance": _FARTHEST},
    }
    try:
        found: Mapping[str, object] = logical.estimate(params=asked)
    except EstimatorError as error:
        _refuse(
            f"a failure budget of {failure_budget:.3g}; {_sentence(error)}",
            "a budget that qdk has a code for",
        )
    return found


def _sentence(error: BaseException) -> str:
    """What qdk says, without the name of its error."""
    return " ".join(str(error).rpartition(":\n")[2].split())


def _version() -> str:
    from importlib.metadata import version

    return version("qdk")


def _check(job: LogicalJob, hardware: Hardware, failure_budget: float) -> None:
    if not job.time_steps:
        _refuse("a circuit without T gates, rotations and measurements", "at least one of them")
    if max(job.t_states, job.time_steps, job.qubits) > _LARGEST:
        _refuse("counts beyond 64 bits", "counts below 2^64")
    years = _years(job, hardware, failure_budget)
    if years > MOST_YEARS:
        _refuse(
            f"about {float(years):.0f} years",
            f"at most {MOST_YEARS} years: qdk counts nanoseconds in 64 bits",
        )


def _years(job: LogicalJob, hardware: Hardware, failure_budget: float) -> Fraction:
    """Years at the distance that logical errors ask for (the largest known where none is enough)."""
    volume = LAYOUTS["fast"].patches(job.qubits) * job.time_steps
    budget = math.log(failure_budget / _SHARES)
    enough = (
        distance
        for distance in range(3, LARGEST_DISTANCE, 2)
        if BEVERLAND.log_failure(distance, hardware.physical_error, volume) <= budget
    )
    return job.time_steps * next(enough, LARGEST_DISTANCE) * hardware.cycle / _YEAR


def _refuse(found: str, allowed: str) -> NoReturn:
    raise InputError(
        "Microsoft's estimator cannot price this", [Problem(where="qdk", found=found, allowed=allowed)]
    )
