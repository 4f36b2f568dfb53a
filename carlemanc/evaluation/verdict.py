"""Does it pay: all quantum runs against the best classical program known to this tool, with what would have to change.

Comes in: the seconds of the runs, the classical programs for the same question at the same precision, and what was
found of separation, crossovers and levers. Goes out: a `Verdict`.

* "no": the best program is at most as slow on the machine at hand (one core, or the first that holds any program) as
  all quantum runs, or no way to run these is known.
* "only against a weaker program": it is slower, but a larger machine that holds a program is faster; or nothing shows
  that another program cannot be faster, which is then named.
* "open": alpha of a step is above its norm, and every program that does not apply was shown not to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import (
    MACHINES,
    ClassicalProgram,
    Crossover,
    Machine,
    at_hand,
    fitting,
)
from carlemanc.evaluation.levers import Lever
from carlemanc.evaluation.separation import PATHS, Separation

Pays = Literal["no", "only against a weaker program", "open"]
NO: Final = "no"
WEAKER: Final = "only against a weaker program"
OPEN: Final = "open"
DECISIVE = ("symmetry", "tensor-train", "smaller-instance")
"""Programs without which nothing is open: they make dense starts and large sizes cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCrossover(Document):
    """The crossover that is told: in which quantity, where, and the wall time of either side there.

    Args:
        quantity: "n", "T" or "p".
        value: of it.
        seconds: there.
        machine: key of the classical machine.
    """

    quantity: str
    value: int | float
    seconds: Fraction | None
    machine: str

    KEYS = "in=quantity value seconds machine"


@dataclass(frozen=True, kw_only=True)
class Verdict(Document):
    """Whether it pays, and why. Levers and crossovers are other configurations, evaluated when first read.

    Args:
        pays: one of `NO`, `WEAKER`, `OPEN`.
        program: the best classical program on the machine at hand: one core, or the first that holds any program.
        machine_key: of that machine.
        quantum, classical: seconds of all runs, None where no way to run them is known; and of the program.
        separation: from classical walks; None for a linear system as it is, which has no steps to walk.
        crossovers: by the quantity that is varied; none where none is looked for.
        find_levers: evaluates the levers.
        compared, notes: what the verdict follows from, and what else is to be said, sentences.
    """

    pays: Pays
    program: ClassicalProgram
    machine_key: str
    quantum: Fraction | None
    classical: Fraction
    separation: Separation | None
    crossovers: Mapping[str, Crossover] = field(default_factory=dict, repr=False, compare=False)
    find_levers: Callable[[], tuple[Lever, ...]] = field(default=tuple, repr=False, compare=False)
    compared: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    KEYS = """
        pays against machine factor quantum_seconds=quantum classical_seconds=classical crossover separation levers
        reasons
    """

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """What would have to change, least factor first."""
        return self.find_levers()

    @property
    def crossover(self) -> VerdictCrossover | None:
        """The first that is found, in n, T or p; None where there is none."""
        return next((_told(one) for one in self.crossovers.values() if _is_found(one)), None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in sentences."""
        absent = [one for one in self.crossovers.values() if not _is_found(one)]
        return (
            *self.compared,
            *(f"no crossover in {one.quantity}: {one.reason}" for one in absent),
            *self.notes,
        )

    @property
    def against(self) -> str:
        """Name of the best classical program known."""
        return self.program.name

    @property
    def machine(self) -> str:
        """What it runs on."""
        return MACHINES[self.machine_key].name

    @property
    def factor(self) -> Fraction | None:
        """Seconds of all quantum runs over those of the program; None where either is not known, or is none."""
        return None if self.quantum is None or not self.classical else self.quantum / self.classical


def verdict_of(
    programs: Sequence[ClassicalProgram],
    quantum: Fraction | None,
    separation: Separation | None,
    *,
    absent: str = "",
    notes: Sequence[str] = (),
    crossovers: Mapping[str, Crossover] | None = None,
    find_levers: Callable[[], tuple[Lever, ...]] = tuple,
) -> Verdict:
    """Return the verdict.

    Args:
        programs: what each classical program costs for all that is read, at least one of which applies.
        quantum: seconds of all runs.
        separation: from classical walks.
        absent: why `quantum` is not known.
        notes: what else is to be said, sentences.
        crossovers: by quantity; looked for as they are read.
        find_levers: evaluates the levers.
    """
    key, best = at_hand(programs)
    classical = best.seconds_on(MACHINES[key])
    doubts = doubts_of(programs, quantum, separation)
    reasons = [_compared(best, MACHINES[key], quantum, absent)]
    if quantum is not None and quantum < classical:
        reasons += doubts
    if separation is not None:
        walked = any(one.name == PATHS and one.applies for one in programs)
        reasons += separation.sentences(classical, is_walked=walked)
    return Verdict(
        pays=pays(quantum, classical, doubts),
        program=best,
        machine_key=key,
        quantum=quantum,
        classical=classical,
        separation=separation,
        crossovers=crossovers or {},
        find_levers=find_levers,
        compared=tuple(reasons),
        notes=tuple(notes),
    )


def pays(quantum: Fraction | None, classical: Fraction, doubts: Sequence[str]) -> Pays:
    """Return the verdict of two times: what speaks against a win is in `doubts`."""
    if quantum is None or classical <= quantum:
        return NO
    return WEAKER if doubts else OPEN


def doubts_of(
    programs: Sequence[ClassicalProgram], quantum: Fraction | None, separation: Separation | None
) -> list[str]:
    """Return why a quantum time below that of the machine at hand would be no win, a sentence each."""
    found = []
    for machine in MACHINES.values():
        held = fitting(programs, machine)
        seconds = None if held is None else held.seconds_on(machine)
        if held is not None and seconds is not None and quantum is not None and seconds <= quantum:
            found.append(f"{machine.name} holds the {held.name} program, and takes {as_float(seconds):.3g} s")
    found += [
        f"nothing shows that the {one.name} program cannot be faster: {one.reason}"
        for one in programs
        if not one.applies and not one.is_excluded
    ]
    if separation is None:
        return [*found, "nothing is known that no classical solver of this linear system could be faster"]
    known = {one.name for one in programs}
    found += [f"no {name} program is known to this tool" for name in DECISIVE if name not in known]
    if not separation.has_gap:
        found.append("alpha of a step is not shown to be above its norm")
    return found


def _compared(best: ClassicalProgram, machine: Machine, quantum: Fraction | None, absent: str) -> str:
    said = (
        f"the best classical program known to this tool, {best.name}, takes "
        f"{as_float(best.seconds_on(machine)):.3g} s on {machine.name}"
    )
    if quantum is None:
        return f"no way to run the quantum circuits is known ({absent}); {said}"
    return f"all quantum runs take {as_float(quantum):.3g} s; {said} ({best.reason})"


def _is_found(one: Crossover) -> bool:
    return any(value is not None for value in one.found.values())


def _told(one: Crossover) -> VerdictCrossover:
    """Return the crossover against the first machine, the slowest, that has one."""
    key, value = next((key, value) for key, value in one.found.items() if value is not None)
    return VerdictCrossover(
        quantity=one.quantity, value=value, seconds=one.seconds[key], machine=MACHINES[key].name
    )
