"""Each part of the error budget measured by itself, with all other parts exact.

Every number is the l2 error of theta(T) - center relative to its norm, as in `error_budget`:

* polynomial: exact block arithmetic with L itself against the iterate that L x = b stands for;
* coefficients: the solution of the matrix that the emitted block encoding holds against that of L;
* rotations, preparation: the emitted circuit with these rotations synthesized, run on the sparse simulator, against the
  same circuit with exact rotations;
* readout: shots drawn from the exact amplitudes, as many as the estimate says.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl

from carlemanc.backends.registry import simulate
from carlemanc.bloqs.loading import Loading
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.phase_gradient import phase_gradient
from carlemanc.circuit.program import CODE, Program
from carlemanc.circuit.sparse_state import simulate_columns
from carlemanc.circuit.synthesis import synthesize
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.readout import read_amplitudes, readout_plan
from carlemanc.pipeline.rotation_budget import rotation_groups, rotation_precision


class LoadedCircuits(Circuits):
    """A spec whose coefficients are loaded angles, however few they are."""

    @property
    def loading(self) -> Loading:
        """A rotation is said to be dear, so that lookups are taken."""
        return Loading(rotation_t=1e5)


def relative(circuits, theta, reference):
    return float(
        np.linalg.norm(theta - reference) / np.linalg.norm(circuits.carleman_iterate() - circuits.center)
    )


def theta_of(circuits, amplitudes, success):
    plan = circuits.plan
    return circuits.center + circuits.gamma * np.real(plan.solution(amplitudes[0], success))


def polynomial(circuits):
    return relative(circuits, theta_of(circuits, *circuits.amplitudes()), circuits.carleman_iterate())


def coefficients(circuits):
    """0 where no angle is loaded: the block is then L to rounding errors."""
    size = 1 << circuits.encoding.system_bitsize
    program = emit(circuits.encoding)
    at, labels, values = simulate_columns(program, "system", list(range(size)))
    block = sp.csc_matrix(
        (np.real(values) * circuits.encoding.alpha, (at.astype(np.int64), labels.astype(np.int64))),
        shape=(size, size),
    )
    matrix, rhs = circuits.small_system()
    places = circuits.readout_indices[0]
    found, exact = (spl.spsolve(sp.csc_matrix(m), rhs)[places] for m in (block, matrix))
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


def turned(program: Program, first: int, last: int, change) -> Program:
    """The program with `change` applied to its rotations number `first` to `last` (exclusive)."""
    turning = np.flatnonzero(np.isin(program.codes, (CODE["rz"], CODE["ry"])))
    start = 0 if first == 0 else int(turning[first])
    end = len(program) if last >= len(turning) else int(turning[last])
    pieces = [
        replace(program, codes=program.codes[a:b], wires=program.wires[a:b], angles=program.angles[a:b])
        for a, b in ((0, start), (start, end), (end, len(program)))
    ]
    pieces[1] = change(pieces[1])
    return replace(
        program,
        codes=np.concatenate([piece.codes for piece in pieces]),
        wires=np.concatenate([piece.wires for piece in pieces]),
        angles=np.concatenate([piece.angles for piece in pieces]),
    )


def rotations(circuits, *, prepare):
    """Of the rotations that prepare b, which come first in time, or of all others, by `compile.synthesis`."""
    solver = circuits.solver
    groups = rotation_groups(circuits, solver)
    epsilon = rotation_precision(circuits, circuits.plan, groups)
    program = emit(solver)
    number = emitted_rotations(emit(circuits.preparation))
    span = (0, number) if prepare else (number, emitted_rotations(program))
    made = phase_gradient(groups.total, epsilon)

    def change(piece):
        if circuits.spec.compile.synthesis == "gridsynth":
            return synthesize(piece, epsilon)
        return replace(piece, angles=np.array([rounded(angle, made.bits) for angle in piece.angles]))

    theta = []
    for one in (program, turned(program, *span, change)):
        state = simulate(one, "sparse")
        theta.append(theta_of(circuits, state.at(circuits.readout_indices), state.success_probability))
    return relative(circuits, theta[1], theta[0])


def rounded(angle, bits):
    """An angle as the additions of a phase gradient make it; the catalyst is exact here (see its own tests)."""
    unit = 2 * math.pi / 2**bits
    return round(angle / unit) * unit


def emitted_rotations(program):
    return int(np.isin(program.codes, (CODE["rz"], CODE["ry"])).sum())


def readout(circuits, seeds):
    """The largest over seeds, shots as the budget derives them."""
    amplitudes, success = circuits.amplitudes()
    exact = theta_of(circuits, amplitudes, success)
    drawn = [
        read_amplitudes(circuits, circuits.plan, np.real(amplitudes), success, shots=0, seed=seed)[0]
        for seed in range(seeds)
    ]
    assert readout_plan(circuits).epsilon < circuits.spec.solver.epsilon
    return max(relative(circuits, theta, exact) for theta in drawn)
