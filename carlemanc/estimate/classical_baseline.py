"""The same training without a quantum computer: flops, seconds on named machines, and what the quantum runs compare to.

Comes in: programs for the T classical steps and the seconds of the quantum runs. Goes out: a `ClassicalBaseline`. The
rates are round numbers that are assumed, not measured: a step is a sparse polynomial product, which memory bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from carlemanc.core.formula import Formula
from carlemanc.estimate.physical.cost import as_float


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
class ClassicalProgram:
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

    @property
    def applies(self) -> bool:
        """Whether it makes these steps."""
        return self.flops is not None

    def to_json(self) -> dict[str, Any]:
        """Return the program as in CONTRACT section 4."""
        return {"name": self.name, "flops": self.flops, "applies": self.applies, "reason": self.reason}


def cheapest(programs: Sequence[ClassicalProgram]) -> ClassicalProgram:
    """Return the applying program of fewest flops, the first of equals."""
    applying = [program for program in programs if program.flops is not None]
    return min(applying, key=lambda program: program.flops or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """The least n = 2^k at which the quantum time is below the classical one.

    Args:
        what: what the quantum time is of.
        found: key of the machine -> n, None where there is none.
        reason: why there is none, or how the n was found.
    """

    what: str
    found: Mapping[str, int | None]
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return what is timed, the n by machine, and the reason."""
        return {"what": self.what, **self.found, "reason": self.reason}


NO_BASELINE: Mapping[str, Any] = {"program": None, "flops": None, "programs": []}
"""`classical_baseline` of a linear system, which trains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassicalBaseline:
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

    @property
    def program(self) -> ClassicalProgram:
        """The cheapest that applies."""
        return cheapest(self.programs)

    @property
    def flops(self) -> int:
        """Flops of the cheapest program."""
        return self.program.flops or 0

    def to_json(self) -> dict[str, Any]:
        """Return `classical_baseline` of CONTRACT section 4; `crossover_n` is that of reading theta(T)."""
        return {
            "program": self.program.name,
            "flops": self.flops,
            "programs": [program.to_json() for program in self.programs],
            "seconds": _float(MACHINES["core"].seconds(self.flops)),
            "machine": f"on {MACHINES['core'].name} at {MACHINES['core'].flops_per_second:.0e} flop/s (assumed)",
            "quantum_seconds": {
                "all_runs": _float(self.all_runs),
                "one_sample": _float(self.one_sample),
            },
            "machines": {
                key: {
                    "name": machine.name,
                    "flops_per_second": machine.flops_per_second,
                    "seconds": _float(machine.seconds(self.flops)),
                    "quantum_over_classical": _float(self.ratio(machine, self.all_runs)),
                    "one_sample_over_classical": _float(self.ratio(machine, self.one_sample)),
                    "assumption": machine.note,
                }
                for key, machine in MACHINES.items()
            },
            "crossover_n": self.crossovers["all_weights"].found["core"] if self.crossovers else None,
            "crossover": {key: item.to_json() for key, item in self.crossovers.items()},
        }

    def ratio(self, machine: Machine, seconds: Fraction | None) -> Fraction | None:
        """Return how many times the seconds of a machine these are, None where that is not known."""
        classical = machine.seconds(self.flops)
        return None if seconds is None or not classical else seconds / classical


def first_below(is_below: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least k in low..high from which on `is_below` holds, None where it fails at `high`.

    By bisection: `is_below` is taken to hold from some k on.

    >>> first_below(lambda k: 2**k > 1000, 1, 200)
    10
    """
    if not is_below(high):
        return None
    if is_below(low):
        return low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_below(middle) else (middle, high)
    return high


def _float(value: Fraction | None) -> float | None:
    """Return a float, infinite beyond its range."""
    return None if value is None else as_float(value)
