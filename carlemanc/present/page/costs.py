"""Derived figures of one estimate: T with everything in it, time of all runs, the same training done classically."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from carlemanc.present.number_words import count, duration, power_of_ten, prose, times
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.reading import Reading, reading_of

CORE_FLOPS = 10**9
"""Floating-point operations a second of one processor core, where the estimate names no rate of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a sentence about an estimate needs; None where the document does not say.

    Attributes:
        t: T gates of one run, Toffoli as 4 and rotations synthesized.
        qubits: logical qubits.
        runs: expected runs, or uses of a run where circuits of the readout hold many; t_in_all: T gates of all of them.
        physical_qubits: of one run; seconds: of one run; total: seconds of all runs in sequence.
        program: the best classical program known to the tool for the same training; flops: of it; classical: its
            seconds; rate: how these were found.
        reading: what is read, in words.
    """

    t: int
    qubits: int
    runs: int | None
    t_in_all: int | None
    physical_qubits: int | None
    seconds: Fraction | None
    total: Fraction | None
    program: str
    flops: int | None
    classical: Fraction | None
    rate: str
    reading: Reading

    @property
    def slowdown(self) -> Fraction | None:
        """Time of all runs over that of the classical program."""
        return self.total / self.classical if self.total is not None and self.classical else None


def costs_of(estimate: Json) -> Costs:
    """Return the figures of a document of `estimate --json`."""
    baseline, physical, total = (
        table(estimate.get(key)) for key in ("classical_baseline", "physical", "total")
    )
    classical, rate = _classical(baseline)
    return Costs(
        t=estimate["t_of_a_run"],
        qubits=estimate["logical_qubits"],
        runs=total.get("runs"),
        t_in_all=total.get("t_in_all"),
        physical_qubits=physical.get("qubits"),
        seconds=_fraction(physical.get("seconds")),
        total=_time_of_all(physical, total),
        program=baseline.get("program") or "",
        flops=baseline.get("flops"),
        classical=classical,
        rate=rate,
        reading=reading_of(estimate),
    )


def _time_of_all(physical: Json, total: Json) -> Fraction | None:
    """Seconds of all runs as the estimate has them, which knows what rounds add; of older ones a product."""
    if physical.get("seconds") is None:
        return None
    said = _fraction(physical.get("seconds_of_all_runs"))
    return times(physical["seconds"], total.get("runs")) if said is None else said


def rotation_states(synthesis: Json) -> int:
    """Return the T of all synthesized rotations, four for each of their Toffolis."""
    return (synthesis.get("t_count") or 0) + 4 * (synthesis.get("toffoli_count") or 0)


def verdict(costs: Costs) -> tuple[str, str]:
    """Return a sentence on whether the quantum program pays, and its tone."""
    if costs.flops is None:
        return (
            "There is no training in a linear system as it is, and so no gradient descent to compare with.",
            "plain",
        )
    descent = (
        f"The best classical program known to this tool{_named(costs.program)} does the same steps in "
        f"{count(costs.flops)} floating-point operations"
    )
    if costs.slowdown is None or costs.classical is None:
        return (
            f"{descent}; the time of the quantum program is not known, so that nothing is claimed.",
            "caution",
        )
    descent += f", {duration(costs.classical)} {costs.rate}"
    if costs.slowdown > 1:
        return (
            f"At this size it does not pay. {descent}. All {costs.reading.unit} together take {duration(costs.total)}, "
            f"{ratio(costs.slowdown)} times as long.",
            "caution",
        )
    return (
        f"Under the assumptions below it would pay: {descent}; all {costs.reading.unit} together take "
        f"{duration(costs.total)}, {ratio(1 / costs.slowdown)} times less.",
        "verdict",
    )


def _named(program: str) -> str:
    """What a program does, in brackets."""
    words = {
        "dense": "gradient descent on every weight",
        "support": "following the weights that can be nonzero",
    }
    return f" ({words.get(program, program)})" if program else ""


def ratio(value: Fraction) -> str:
    """Return how many times, in words."""
    return (
        power_of_ten(value)
        if value >= 10**6
        else f"{float(value):,.3g}"
        if value < 1000
        else f"{round(value):,}"
    )


def _classical(baseline: Json) -> tuple[Fraction | None, str]:
    """Seconds of the classical program, and how they were found."""
    seconds, flops = _fraction(baseline.get("seconds")), baseline.get("flops")
    if seconds is not None:
        return seconds, prose(baseline.get("machine") or "on the machine that the estimate names")
    if flops is None:
        return None, ""
    return Fraction(flops, CORE_FLOPS), "at 10⁹ a second, assumed of one processor core"


def _fraction(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(value)
