"""The same training without a quantum computer: flops, seconds on named machines, and what the quantum runs compare to.

Comes in: programs for the T classical steps and the seconds of the quantum runs. Goes out: a `ClassicalBaseline`. The
rates are round numbers that are assumed, not measured: a step is a sparse polynomial product, which memory bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from carlemanc.core.document import Document
from carlemanc.core.formula import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A classical machine.

    Attributes:
        name: in words.
        flops_per_second: its rate, exact.
        note: where the rate comes from.
    """

    name: str
    flops_per_second: int
    note: str

    def seconds(self, flops: int) -> Fraction:
        """Return the wall time of so many floating-point operations, exact."""
        return Fraction(flops, self.flops_per_second)


MACHINES: Mapping[str, Machine] = {
    "core": Machine(
        name="one workstation core",
        flops_per_second=10**9,
        note="1e9 flop/s assumed: about 12 bytes from memory for two flops, at a few 1e9 bytes a second",
    ),
    "exascale": Machine(
        name="an exascale machine",
        flops_per_second=10**18,
        note="1e18 flop/s assumed: the peak of such machines, of which sparse products reach a few hundredths",
    ),
}
"""Classical machines by key: what one has at hand, and the most there is."""
LARGEST_EXPONENT = 200
"""Crossovers are looked for up to n = 2^200."""

WALL_TIME = Formula(text="flops / rate of the machine", status="assumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassicalProgram(Document):
    """A program that makes the same T steps on a classical machine.

    Args:
        name: as in CONTRACT section 4.
        flops: exact, or at most that many where `reason` says so; None where the program does not apply.
        reason: why it applies and what it does, or why it does not.
        formula: how the flops follow.
    """

    name: str
    flops: int | None
    reason: str
    formula: Formula

    KEYS = "name flops applies reason"

    @property
    def applies(self) -> bool:
        """Whether it makes these steps."""
        return self.flops is not None


def cheapest(programs: Sequence[ClassicalProgram]) -> ClassicalProgram:
    """Return the applying program of fewest flops, the first of equals."""
    applying = [program for program in programs if program.flops is not None]
    return min(applying, key=lambda program: program.flops or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover(Document):
    """The least n = 2^k at which the quantum time is below the classical one.

    Args:
        what: what the quantum time is of.
        found: key of the machine -> n, None where there is none.
        reason: why there is none, or how the n was found.
    """

    what: str
    found: Mapping[str, int | None]
    reason: str

    KEYS = "what *=found reason"


NO_BASELINE: Mapping[str, object] = {"program": None, "flops": None, "programs": []}
"""`classical_baseline` of a linear system, which trains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassicalBaseline(Document):
    """The cheapest classical program known to this tool for the same T steps, beside the seconds of the quantum runs.

    Args:
        programs: those that were looked at, at least one of which applies.
        all_runs: seconds of the runs that read theta(T), None where no physical cost is known.
        one_sample: seconds of the expected runs until one gives theta(T): all ancillas |0>, t >= T, level 1.
        crossovers: by what is read.
    """

    programs: tuple[ClassicalProgram, ...]
    all_runs: Fraction | None
    one_sample: Fraction | None
    crossovers: Mapping[str, Crossover] = field(default_factory=dict)

    KEYS = """
        program=program.name flops programs seconds machine quantum_seconds.all_runs=all_runs
        quantum_seconds.one_sample=one_sample machines crossover_n crossover=crossovers
    """

    @property
    def program(self) -> ClassicalProgram:
        """The cheapest that applies."""
        return cheapest(self.programs)

    @property
    def flops(self) -> int:
        """Flops of the cheapest program."""
        return self.program.flops or 0

    @property
    def seconds(self) -> Fraction:
        """Wall time of the cheapest program on one core."""
        return MACHINES["core"].seconds(self.flops)

    @property
    def machine(self) -> str:
        """That core, in words."""
        return f"on {MACHINES['core'].name} at {MACHINES['core'].flops_per_second:.0e} flop/s (assumed)"

    @property
    def crossover_n(self) -> int | None:
        """The least n at which reading theta(T) takes less time than on one core."""
        return self.crossovers["all_weights"].found["core"] if self.crossovers else None

    @property
    def machines(self) -> dict[str, Any]:
        """The times on each machine, and the quantum times over them."""
        return {
            key: {
                "name": machine.name,
                "flops_per_second": machine.flops_per_second,
                "seconds": machine.seconds(self.flops),
                "quantum_over_classical": self.ratio(machine, self.all_runs),
                "one_sample_over_classical": self.ratio(machine, self.one_sample),
                "assumption": machine.note,
            }
            for key, machine in MACHINES.items()
        }

    def ratio(self, machine: Machine, seconds: Fraction | None) -> Fraction | None:
        """Return how many times the seconds of a machine these are, None where that is not known."""
        classical = machine.seconds(self.flops)
        return None if seconds is None or not classical else seconds / classical
