"""The same training without a quantum computer: flops, seconds on named machines, and what the quantum runs compare to.

Comes in: programs for the T classical steps and the seconds of the quantum runs. Goes out: a `ClassicalBaseline`. The
rates are round numbers that are assumed: a step is a sparse polynomial product, which memory bounds. A program runs on
a machine whose memory holds what it holds. Rates that were measured stand beside the assumed ones, for the user to see:
nothing is chosen by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from carlemanc.core.document import Document
from carlemanc.core.formula import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A classical machine.

    Attributes:
        name: in words.
        flops_per_second: its rate, exact.
        memory: bytes.
        note: where the rate and the memory come from.
        status: "assumed" or "measured".
        walk_steps_per_second: steps of random walks, where they were measured.
    """

    name: str
    flops_per_second: int
    memory: int
    note: str
    status: Literal["assumed", "measured"] = "assumed"
    walk_steps_per_second: int | None = None

    def seconds(self, flops: int) -> Fraction:
        """Return the wall time of so many floating-point operations, exact."""
        return Fraction(flops, self.flops_per_second)


MACHINES: Mapping[str, Machine] = {
    "core": Machine(
        name="one workstation core",
        flops_per_second=10**9,
        memory=64 * 10**9,
        note=(
            "1e9 flop/s assumed: about 12 bytes from memory for two flops, at a few 1e9 bytes a second; "
            "64 GB of memory assumed"
        ),
    ),
    "gpu": Machine(
        name="one GPU",
        flops_per_second=10**12,
        memory=80 * 10**9,
        note=(
            "1e12 flop/s assumed: about 12 bytes from memory for two flops, at a few 1e12 bytes a second; "
            "80 GB of memory assumed"
        ),
    ),
    "exascale": Machine(
        name="an exascale machine",
        flops_per_second=10**18,
        memory=44_544 * 128 * 10**9,
        note=(
            "1e18 flop/s assumed: the peak of such machines, of which sparse products reach a few hundredths; "
            "44,544 nodes of 128 GB, as of El Capitan: at 16 bytes a weight, less than n = 2^49"
        ),
    ),
}
"""Classical machines by key: what one has at hand, and the most there is."""
HERE = "here"
"""The key of the user's own machine, where its rates were measured."""
BYTES_OF_A_WEIGHT = 16
"""A program that holds all weights holds them twice, before a step and after it, in double precision."""

WALL_TIME = Formula(text="flops / rate of the machine", status="assumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassicalProgram(Document):
    """A program that makes the same T steps on a classical machine.

    Args:
        name: as in CONTRACT section 4.
        flops: exact, or at most that many where `reason` says so; None where the program does not apply.
        reason: why it applies and what it does, or why it does not.
        formula: how the flops follow.
        memory: bytes that it holds at once; 0 where every machine has them.
        is_excluded: of a program that does not apply: whether it was shown of this very problem that it cannot; False
            where it was only not shown to apply, or where a limit of ours stopped it.
    """

    name: str
    flops: int | None
    reason: str
    formula: Formula
    memory: int = 0
    is_excluded: bool = False

    KEYS = "name flops applies reason memory_bytes=memory"

    @property
    def applies(self) -> bool:
        """Whether it makes these steps."""
        return self.flops is not None

    def seconds_on(self, machine: Machine) -> Fraction:
        """Return its wall time on a machine, exact; 0 of a program that does not apply."""
        return machine.seconds(self.flops or 0)


def cheapest(programs: Sequence[ClassicalProgram]) -> ClassicalProgram:
    """Return the applying program of fewest flops, the first of equals."""
    applying = [program for program in programs if program.flops is not None]
    return min(applying, key=lambda program: program.flops or 0)


def fitting(programs: Sequence[ClassicalProgram], machine: Machine) -> ClassicalProgram | None:
    """Return the cheapest of those that the memory of a machine holds, None where it holds none."""
    held = [program for program in programs if program.applies and program.memory <= machine.memory]
    return cheapest(held) if held else None


def at_hand(programs: Sequence[ClassicalProgram]) -> tuple[str, ClassicalProgram]:
    """Return the first machine that holds a program, and the cheapest that it holds; a core where none holds any."""
    for key, machine in MACHINES.items():
        found = fitting(programs, machine)
        if found is not None:
            return key, found
    return next(iter(MACHINES)), cheapest(programs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover(Document):
    """Where the quantum time falls below the classical one, as one quantity is varied and all others are kept.

    Args:
        quantity: "n", "T" or "p", the probability that a run gives a copy of theta(T).
        what: what the quantum time is of.
        found: key of the machine -> the value, None where there is none.
        seconds: key of the machine -> wall time of either side there, None where there is none.
        reason: why there is none, or how the value was found.
    """

    quantity: str
    what: str
    found: Mapping[str, int | float | None]
    seconds: Mapping[str, Fraction | None]
    reason: str

    KEYS = "what *=found seconds reason"


def no_crossover(quantity: str, what: str, reason: str) -> Crossover:
    """Return that there is none, with the reason."""
    none: dict[str, None] = dict.fromkeys(MACHINES)
    return Crossover(quantity=quantity, what=what, found=none, seconds=none, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassicalBaseline(Document):
    """The cheapest classical program known to this tool for what is read, beside the seconds of the quantum runs.

    Args:
        programs: those that were looked at, at least one of which applies.
        all_runs: seconds of all runs that read it, None where no physical cost is known.
        crossovers: by the quantity that is varied; none where none was looked for.
        measured: the user's own machine, where that was asked for.
    """

    programs: tuple[ClassicalProgram, ...]
    all_runs: Fraction | None
    crossovers: Mapping[str, Crossover] = field(default_factory=dict)
    measured: Machine | None = None

    KEYS = """
        program=program.name flops programs seconds machine quantum_seconds.all_runs=all_runs machines crossover_n
        crossover=crossovers
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
    def crossover_n(self) -> int | float | None:
        """The least n at which the quantum runs take less time than one core."""
        return self.crossovers["n"].found["core"] if self.crossovers else None

    @property
    def shown_machines(self) -> dict[str, Machine]:
        """The assumed machines, and the user's own where it was measured."""
        return {**MACHINES, **({HERE: self.measured} if self.measured else {})}

    @property
    def machines(self) -> dict[str, Any]:
        """The times on each machine of the cheapest program that it holds, and the quantum times over them."""
        return {
            key: {
                "name": machine.name,
                "flops_per_second": machine.flops_per_second,
                "memory_bytes": machine.memory,
                "program": program.name if (program := fitting(self.programs, machine)) else None,
                "seconds": self.seconds_on(machine),
                "quantum_over_classical": self.ratio(machine, self.all_runs),
                "assumption": machine.note,
                "status": machine.status,
                **(
                    {}
                    if machine.walk_steps_per_second is None
                    else {"walk_steps_per_second": machine.walk_steps_per_second}
                ),
            }
            for key, machine in self.shown_machines.items()
        }

    def seconds_on(self, machine: Machine) -> Fraction | None:
        """Return the wall time of the cheapest program that a machine holds, None where it holds none."""
        program = fitting(self.programs, machine)
        return None if program is None else program.seconds_on(machine)

    def ratio(self, machine: Machine, seconds: Fraction | None) -> Fraction | None:
        """Return how many times the seconds of a machine these are, None where that is not known."""
        classical = self.seconds_on(machine)
        return None if seconds is None or not classical else seconds / classical
