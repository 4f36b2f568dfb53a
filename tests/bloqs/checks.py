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

from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.circuit.counts import rotation_angles, tally
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.program import Program
from carlemanc.circuit.sparse_state import simulate

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


def with_register(program: Program, wires: Sequence[int]) -> Program:
    """Return the program with one more register, `all`."""
    return Program(
        width=program.width,
        registers={**program.registers, "all": tuple(wires)},
        codes=program.codes,
        wires=program.wires,
        angles=program.angles,
    )


def columns_of(
    program: Program, register: str, columns: Sequence[int], chunk: int = 256, label: str = ""
) -> Matrix:
    """Return the columns of <0|U|0> on a register, (2^bits, len(columns)), real."""
    wires = program.registers[register]
    result = np.zeros((1 << len(wires), len(columns)), dtype=complex)
    others = [wire for wire in range(program.width) if wire not in wires]
    for start in range(0, len(columns), chunk):
        part = list(columns[start : start + chunk])
        initial = {
            (k << program.width) | sum((c >> i & 1) << w for i, w in enumerate(wires)): 1.0 + 0j
            for k, c in enumerate(part)
        }
        state = simulate(program, initial)
        kept = state.project(others)
        labels = kept.values(range(program.width, state.width)).astype(int)
        np.add.at(result, (kept.values(wires).astype(int), start + labels), kept.amplitudes)
        norms = np.bincount(
            state.values(range(program.width, state.width)).astype(int),
            np.abs(state.amplitudes) ** 2,
            len(part),
        )
        assert np.allclose(norms, 1, atol=1e-10)
    assert np.abs(result.imag).max(initial=0) < 1e-12
    return np.ascontiguousarray(result.real)


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
