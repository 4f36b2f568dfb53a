"""What every bloq must satisfy: counted = emitted, call graph = decomposition, and the same action four ways.

`variants` lists a bloq, its adjoint, its controlled form and the adjoint of that. `action` is the matrix between
named registers, from the emitted circuit by the sparse-state simulator; work wires start and end in |0>.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from qualtran import Bloq
from qualtran.bloqs.bookkeeping import Join, Split
from qualtran.resource_counting import get_bloq_callee_counts

from carlemanc.programs.bloq_counts import BloqCounter
from carlemanc.programs.counts import rotation_angles, tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import CODE, Program
from carlemanc.programs.sparse_state import simulate

Matrix = npt.NDArray[np.float64]


def variants(bloq: Bloq) -> Iterator[tuple[str, Bloq]]:
    """Yield (name, variant): plain, adjoint, controlled, adjoint of controlled, controlled adjoint."""
    yield "plain", bloq
    yield "adjoint", bloq.adjoint()
    yield "controlled", bloq.controlled()
    yield "adjoint of controlled", bloq.controlled().adjoint()
    yield "controlled adjoint", bloq.adjoint().controlled()


def check_counts(bloq: Bloq) -> None:
    """Assert count(v) == tally(emit(v)) and call graph == decomposition for every variant v."""
    counter = BloqCounter()
    for name, variant in variants(bloq):
        program = emit(variant)
        for uncompute in ("measure", "unitary"):
            counted, tallied = counter.count(variant, uncompute), tally(program, uncompute)
            for key in ("t", "toffoli", "measurements", "qubits", "and_computed", "and_uncomputed"):
                assert getattr(counted, key) == getattr(tallied, key), (name, uncompute, key)
            assert _rounded(counted.rotations) == _rounded(rotation_angles(program)), (name, uncompute)
        assert program.width == counter.count(variant).qubits
        if name in ("plain", "controlled"):
            _check_call_graph(variant)


def _rounded(angles: Any) -> Counter[float]:
    result: Counter[float] = Counter()
    for angle, number in angles.items():
        result[round(angle, 12)] += number
    return result


def _check_call_graph(bloq: Bloq) -> None:
    """The call graph of every bloq below is its decomposition, splits and joins left out."""
    seen: set[Bloq] = set()
    pending = [bloq]
    while pending:
        bloq = pending.pop()
        if bloq in seen or not type(bloq).__module__.startswith("carlemanc"):
            continue
        seen.add(bloq)
        called = Counter(dict(get_bloq_callee_counts(bloq, ignore_decomp_failure=False)))
        made = Counter(instance.bloq for instance in bloq.decompose_bloq().bloq_instances)
        made = Counter({b: k for b, k in made.items() if not isinstance(b, Split | Join)})
        assert called == made, bloq
        pending += made


def wires_of(program: Program, bloq: Bloq, name: str) -> tuple[int, ...]:
    """Return the wires of a register, element 0 (or the least significant bit) first."""
    register = next(r for r in bloq.signature if r.name == name)
    wires = program.registers[name]
    return tuple(reversed(wires)) if register.shape else wires


def concatenate(programs: Sequence[Program]) -> Program:
    """Return programs with the same registers one after the other."""
    assert len({str(sorted(program.registers.items())) for program in programs}) == 1
    return Program(
        width=max(program.width for program in programs),
        registers=programs[0].registers,
        codes=np.concatenate([program.codes for program in programs]),
        wires=np.concatenate([program.wires for program in programs]),
        angles=np.concatenate([program.angles for program in programs]),
    )


def reflection(program: Program, register: str) -> Program:
    """Return 1 - 2|0><0| on a register of `program`, by a ladder of ANDs on new wires."""
    on = list(program.registers[register])
    flips = [("x", [wire]) for wire in on]
    ladder, last = [], on[0]
    for wire in on[1:]:
        ladder.append(("and", [last, wire, program.width + len(ladder)]))
        last = ladder[-1][1][2]
    undo = [("and_dg", wires) for _, wires in ladder[::-1]]
    ops = [*flips, *ladder, ("z", [last]), *undo, *flips]
    return Program(
        width=program.width + len(ladder),
        registers=program.registers,
        codes=np.array([CODE[name] for name, _ in ops], dtype=np.uint8),
        wires=np.array([[*wires, -1, -1][:3] for _, wires in ops], dtype=np.int32),
        angles=np.zeros(len(ops)),
    )


def with_register(program: Program, wires: Sequence[int]) -> Program:
    """Return the program with one more register, `all`."""
    return Program(
        width=program.width,
        registers={**program.registers, "all": tuple(wires)},
        codes=program.codes,
        wires=program.wires,
        angles=program.angles,
    )


def columns_of(program: Program, register: str, columns: Sequence[int], amplitudes: int = 100_000) -> Matrix:
    """Return the columns of <0|U|0> on a register, (2^bits, len(columns)), which must be real.

    The wires of other registers are projected on |0> after their last gate; work wires must be |0> by themselves
    at the end. As many columns enter one simulation as keep its peak near `amplitudes`, judged by the columns before.
    """
    result = _columns(program, register, columns, amplitudes)
    assert np.abs(result.imag).max(initial=0) < 1e-12
    return np.ascontiguousarray(result.real)


def _columns(
    program: Program, register: str, columns: Sequence[int], amplitudes: int = 100_000
) -> npt.NDArray[np.complex128]:
    wires = program.registers[register]
    result = np.zeros((1 << len(wires), len(columns)), dtype=complex)
    flags = {wire for on in program.registers.values() for wire in on}.difference(wires)
    work = sum(1 << wire for wire in range(program.width) if wire not in flags and wire not in wires)
    pieces = _pieces(program, flags)
    start, chunk = 0, 2
    while start < len(columns):
        part = list(columns[start : start + chunk])
        initial = {
            (k << program.width) | sum((c >> i & 1) << w for i, w in enumerate(wires)): 1.0 + 0j
            for k, c in enumerate(part)
        }
        peak = 1
        for piece, finished in pieces:
            if not initial:  # every column of this part fails: nothing is left to simulate
                break
            state = simulate(piece, initial)
            kept = state.project(finished)
            initial = dict(
                zip(kept.values(range(state.width)).tolist(), kept.amplitudes.tolist(), strict=True)
            )
            peak = max(peak, state.peak)
        for index, amplitude in initial.items():
            assert not index & work or abs(amplitude) < 1e-13, "a work wire is left dirty"
            row = sum((index >> w & 1) << i for i, w in enumerate(wires))
            result[row, start + (index >> program.width)] += amplitude
        start += len(part)
        chunk = min(2 * chunk, max(1, amplitudes * len(part) // peak))
    return result


def unitary_of(program: Program, names: Sequence[str]) -> npt.NDArray[np.complex128]:
    """Return the matrix between the registers, all of which are named, the first one least significant."""
    assert set(names) == set(program.registers)
    wires = [wire for name in names for wire in program.registers[name]]
    return _columns(with_register(program, wires), "all", range(1 << len(wires)))


def _pieces(program: Program, flags: set[int]) -> list[tuple[Program, list[int]]]:
    """Cut the program after the last gate of each wire of `flags`; few cuts, at most 40 gates late."""
    last = {int(w): i for i, on in enumerate(program.wires.tolist()) for w in on if w in flags}
    cuts: list[tuple[int, list[int]]] = []
    for wire in sorted(last, key=lambda w: -last[w]):
        if not cuts or cuts[-1][0] - last[wire] > 41:
            cuts.append((last[wire] + 1, []))
        cuts[-1][1].append(wire)
    if not cuts:
        return [(program, [])]
    stops = [*[stop for stop, _ in cuts[:0:-1]], len(program)]
    pieces = []
    for start, stop, (_, finished) in zip([0, *stops[:-1]], stops, cuts[::-1], strict=True):
        pieces.append((_slice(program, start, stop), finished))
    return pieces


def _slice(program: Program, start: int, stop: int) -> Program:
    return Program(
        width=program.width,
        registers=program.registers,
        codes=program.codes[start:stop].copy(),
        wires=program.wires[start:stop].copy(),
        angles=program.angles[start:stop].copy(),
    )


def action(
    bloq: Bloq, registers: Sequence[str] | None = None, columns: Sequence[int] | None = None
) -> Matrix:
    """Return the matrix between the named registers (all by default), the first one least significant.

    Registers that are not named start in |0> and are projected on |0>.
    """
    program = emit(bloq)
    names = [r.name for r in bloq.signature] if registers is None else registers
    wires = [wire for name in names for wire in wires_of(program, bloq, name)]
    wanted = range(1 << len(wires)) if columns is None else columns
    return columns_of(with_register(program, wires), "all", list(wanted))


def check_action(bloq: Bloq, expected: Matrix, registers: Sequence[str], tolerance: float = 1e-12) -> None:
    """Assert that every variant of `bloq` acts on the registers as `expected` says (control 0: identity)."""
    size = len(expected)
    guarded = np.kron(np.diag([1.0, 0.0]), np.eye(size)) + np.kron(np.diag([0.0, 1.0]), expected)
    for name, variant in variants(bloq):
        controlled = "controlled" in name
        on = [*registers, "ctrl"] if controlled else list(registers)
        want = guarded if controlled else expected
        found = action(variant, on)
        assert np.abs(found - (want.T if "adjoint" in name else want)).max() < tolerance, name


def permutation_matrix(image: Sequence[int]) -> Matrix:
    """Return the matrix that sends |x> to |image[x]>."""
    matrix = np.zeros((len(image), len(image)))
    matrix[list(image), range(len(image))] = 1
    return matrix
