"""What all circuits of a readout cost together.

Runs of a plain circuit are priced as so many runs. Where a readout has circuits of its own (rounds about an event, a
phase register), these are counted: an event of the run costs its gates, and each round two uses and two reflections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.core.document import Document
from carlemanc.core.rounding import whole
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.price import Priced
from carlemanc.programs.lowering import Uncompute
from carlemanc.readout.readout_circuit import ReadoutCircuit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutTotal(Document):
    """Counts of all runs, 4 significant digits.

    Args:
        runs: uses of the method in all circuits.
        t_count, toffoli_count, rotation_count: of the files, in which rotations are kept or synthesized.
        t_in_all: every T gate, four a Toffoli, rotations synthesized.
    """

    runs: int
    t_count: int
    toffoli_count: int
    rotation_count: int
    t_in_all: int


def readout_total(design: Design, priced: Priced, uncompute: Uncompute) -> ReadoutTotal:
    """Return what all circuits cost.

    Args:
        design: of the run.
        priced: its gates.
        uncompute: how ANDs are undone.
    """
    circuits = design.readout_circuits
    if circuits is None:
        each = (priced.t_count, priced.toffoli_count, priced.rotation_count, priced.t_of_a_run)
        return _total(design.runs, [design.runs * count for count in each])
    return total_of(design, circuits, priced, uncompute, runs=design.runs)


def total_of(
    design: Design, circuits: Sequence[ReadoutCircuit], priced: Priced, uncompute: Uncompute, *, runs: int
) -> ReadoutTotal:
    """Return what some circuits cost; a rotation takes the T gates of one of the run, on average."""
    t, toffoli, rotations = gates_of(design, circuits, uncompute)
    synthesis = rotations * priced.t_of_a_rotation
    every = t + 4 * toffoli + synthesis
    if priced.synthesized:
        return _total(runs, [t + synthesis, toffoli, Fraction(0), every])
    return _total(runs, [t, toffoli, rotations, every])


def gates_of(
    design: Design, circuits: Sequence[ReadoutCircuit], uncompute: Uncompute
) -> tuple[Fraction, Fraction, Fraction]:
    """Return T outside ANDs, Toffoli and rotations of all executions of some circuits."""
    t = toffoli = rotations = Fraction(0)
    for circuit in circuits:
        for bloq, times in circuit.counted:
            counts = design.counter.count(bloq, uncompute)
            t += times * counts.t
            toffoli += times * counts.toffoli
            rotations += times * counts.rotation_count
    return t, toffoli, rotations


def _total(runs: int, counts: Sequence[int | Fraction]) -> ReadoutTotal:
    t, toffoli, rotations, every = (whole(count) for count in counts)
    return ReadoutTotal(runs=runs, t_count=t, toffoli_count=toffoli, rotation_count=rotations, t_in_all=every)
