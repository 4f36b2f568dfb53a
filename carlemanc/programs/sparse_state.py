"""Exact simulation of a Program whose state has few nonzero amplitudes, on any number of wires.

Comes in: a `Program` and a basis state or superposition. Goes out: a `SparseState`. Cost is proportional to the
number of nonzero amplitudes, not to 2^wires. Every `and_dg` is checked to find the AND it undoes, and every `and` a
wire in |0>; a violation is an InternalError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Array, ComplexArray, IntArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.forecast import AMPLITUDES, announce
from carlemanc.core.progress import task
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_plan import Planner
from carlemanc.programs.sparse_store import SparseStore
from carlemanc.programs.work_meter import WorkMeter

MAX_AMPLITUDES: Final = 4_000_000
"""Default limit of nonzero amplitudes (about 1 GB at its peak)."""
_MAX_BRANCH_WIRES: Final = 3
_SMALLEST: Final = 1e-100
BasisStates = Array
"""int64; Python integers (dtype object) above 62 wires."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SparseState:
    """The nonzero amplitudes of a state.

    Args:
        width: number of wires.
        registers: name -> wires, least significant first.
        rows: wire -> (K,) uint8 values; wires that are 0 in every amplitude are absent.
        amplitudes: (K,) complex128; amplitude k belongs to the basis state of column k of the rows.
        discarded: total |amplitude|^2 dropped below the threshold of the simulation.
        peak: largest number of amplitudes met.
    """

    width: int
    registers: Mapping[str, tuple[int, ...]]
    rows: Mapping[int, npt.NDArray[np.uint8]]
    amplitudes: ComplexArray
    discarded: float = 0.0
    peak: int = 0

    def __len__(self) -> int:
        return len(self.amplitudes)

    def norm(self) -> float:
        """Return the 2-norm."""
        return float(np.linalg.norm(self.amplitudes))

    def values(self, wires: Sequence[int]) -> BasisStates:
        """Return (K,) integers read from `wires`, least significant first (object dtype above 62 wires)."""
        if len(wires) > 62:
            total: BasisStates = np.zeros(len(self), dtype=object)
        else:
            total = np.zeros(len(self), dtype=np.int64)
        for k, wire in enumerate(wires):
            row = self.rows.get(wire)
            if row is not None:
                total += row.astype(total.dtype) * (1 << k)
        return total

    def project(self, zero_wires: Sequence[int]) -> SparseState:
        """Return the (unnormalized) part of the state in which every wire of `zero_wires` is 0."""
        keep = np.ones(len(self), dtype=bool)
        for wire in zero_wires:
            row = self.rows.get(wire)
            if row is not None:
                keep &= row == 0
        gone = set(zero_wires)
        rows = {wire: row[keep] for wire, row in self.rows.items() if wire not in gone}
        return SparseState(
            width=self.width,
            registers=self.registers,
            rows=rows,
            amplitudes=self.amplitudes[keep],
            discarded=self.discarded,
            peak=self.peak,
        )

    def register_amplitudes(
        self, name: str, ancilla_zero: Sequence[int] | None = None
    ) -> tuple[BasisStates, ComplexArray]:
        """Return (indices, amplitudes) of register `name`, sorted, in the part where other wires are 0.

        Args:
            name: a register.
            ancilla_zero: the wires that must be 0; all wires outside the register by default.

        Raises:
            ValueError: other wires take several values, so that the register alone has no amplitudes.
        """
        wires = self.registers[name]
        others = [w for w in range(self.width) if w not in wires] if ancilla_zero is None else ancilla_zero
        part = self.project(others)
        indices = part.values(wires)
        order = np.argsort(indices, kind="stable")
        if len(indices) > 1 and np.any(indices[order][1:] == indices[order][:-1]):
            raise ValueError(f"register {name} is entangled with wires outside it that may be nonzero")
        return indices[order], part.amplitudes[order]


def basis_index(program: Program, values: Mapping[str, int]) -> int:
    """Return the basis index (wire w = bit w) in which each named register holds the given value."""
    index = 0
    for name, value in values.items():
        wires = program.registers[name]
        if not 0 <= value < 1 << len(wires):
            raise ValueError(f"register {name} has {len(wires)} wires and cannot hold {value}")
        for k, wire in enumerate(wires):
            index |= ((value >> k) & 1) << wire
    return index


def simulate(
    program: Program,
    initial: Mapping[int, complex] | None = None,
    *,
    max_amplitudes: int = MAX_AMPLITUDES,
    threshold: float = 1e-15,
    label: str = "simulate",
    projected: Sequence[int] = (),
    max_work: float = math.inf,
) -> SparseState:
    """MultiplexedRun `program` and return its final state.

    Args:
        program: measurements are ignored and must be last on their wires.
        initial: basis index (wire w = bit w; see `basis_index`) -> amplitude; |0...0> by default. Not normalized.
            Bits above the program's width are carried along unchanged.
        max_amplitudes: limit on nonzero amplitudes.
        threshold: amplitudes of smaller modulus are dropped; the dropped weight is in the result.
        label: name of the progress task.
        projected: wires that are projected on 0 after their last gate. What the circuit does to the part that is
            dropped is then not checked.
        max_work: limit on updates of amplitudes, as a `WorkMeter` forecasts them.

    Raises:
        TooLarge: more than `max_amplitudes` nonzero amplitudes, or a forecast beyond `max_work`.
        InternalError: an `and_dg` did not find its AND, or an `and` no clean target.
    """
    start = {0: 1.0 + 0j} if initial is None else dict(initial)
    width = max([program.width, *(index.bit_length() for index in start)])
    store = SparseStore(list(start), np.asarray(list(start.values()), dtype=np.complex128), width, threshold)
    planner = Planner(program, max_branch_wires=_MAX_BRANCH_WIRES, projected=projected)
    peak = len(store)
    done = 0
    meter = WorkMeter(len(program), max_work) if max_work < math.inf else None
    with task(label, len(program)) as progress:
        for step in planner.steps():
            store.move(step.moves)
            if step.runs:
                store.branch(step.branch_wires, step.runs)
            peak = max(peak, len(store))
            done += step.consumed
            if meter is not None:
                meter.advance(step.consumed, len(store))
                if meter.is_news:
                    announce(f"{label}, {len(program)} gates", meter.forecast, AMPLITUDES)
            if len(store) > max_amplitudes:
                raise TooLarge(
                    "the state",
                    size=f"{len(store)} nonzero amplitudes after {done} of {len(program)} gates",
                    limit=f"{max_amplitudes} amplitudes",
                    instead="A smaller T, N or n, or `--backend matrix`, would do.",
                )
            progress.advance(step.consumed)
        progress.advance(max(0, len(program) - done))
    places = [*planner.frame.places, *range(program.width, width)]
    rows = {wire: store.bits.row(place) for wire, place in enumerate(places)}
    return SparseState(
        width=width,
        registers=program.registers,
        rows={wire: row for wire, row in rows.items() if row.any()},
        amplitudes=store.amplitudes * np.exp(1j * planner.frame.phase),
        discarded=store.discarded,
        peak=peak,
    )


def simulate_columns(
    program: Program, register: str, columns: Sequence[int], *, project_early: bool = False, **options: Any
) -> tuple[BasisStates, IntArray, ComplexArray]:
    """Return the block <0| U |0> on `register`, the given columns, in one simulation.

    Column c enters as an extra basis label above the program's wires, so all columns share every array operation.

    Args:
        program: U.
        register: the name of a register.
        columns: basis indices of it, of any size.
        project_early: project the wires of the other registers on 0 after their last gate: the same block, far
            fewer amplitudes on the way. It cannot be used where more gates follow.
        options: as `simulate`.

    Returns:
        (rows, cols, values): entry `values[e]` is at row `rows[e]` (object dtype above 62 wires) and column
        `columns[cols[e]]`; every wire outside the register starts and ends in 0.
    """
    initial = {
        basis_index(program, {register: column}) | (label << program.width): 1.0 + 0j
        for label, column in enumerate(columns)
    }
    others = [wire for name, wires in program.registers.items() if name != register for wire in wires]
    state = simulate(program, initial, projected=others if project_early else (), **options)
    wires = program.registers[register]
    part = state.project([w for w in range(program.width) if w not in wires])
    labels = part.values(range(program.width, state.width))
    return part.values(wires), labels, part.amplitudes


def prepared_amplitudes(adjoint: Program, register: str, rows: Sequence[int], **options: Any) -> ComplexArray:
    """Return <row| V |0> for rows of a register, from the circuit of V^dagger and however many rows there are.

    V^dagger is run on |row> and every wire projected on 0 after its last gate: a preparation that finishes bit after
    bit keeps few amplitudes on the way, where V itself would make one for each basis state. However small, none is
    dropped: an amplitude of a product over three slots of 2^27 sites is 1e-12, all of it to be compared.

    Args:
        adjoint: V^dagger; all wires outside the register start and end in 0.
        register: the name of a register.
        rows: basis indices of it, of any size.
        options: as `simulate`.

    Returns:
        (len(rows),) amplitudes.
    """
    initial = {
        basis_index(adjoint, {register: row}) | (label << adjoint.width): 1.0 + 0j
        for label, row in enumerate(rows)
    }
    every = [wire for wires in adjoint.registers.values() for wire in wires]
    state = simulate(adjoint, initial, **{"projected": every, "threshold": _SMALLEST, **options})
    part = state.project(range(adjoint.width))
    found = np.zeros(len(rows), dtype=np.complex128)
    found[part.values(range(adjoint.width, state.width)).astype(np.int64)] = part.amplitudes.conj()
    return found
