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
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl

from carlemanc.access.access import Reading
from carlemanc.backends.registry import simulate
from carlemanc.bloqs.loading import Loading
from carlemanc.commands.shot_readout import read_amplitudes
from carlemanc.evaluation.rotations import rotation_groups, rotation_precision
from carlemanc.programs.emitter import emit
from carlemanc.programs.phase_gradient import phase_gradient
from carlemanc.programs.program import CODE, Program
from carlemanc.programs.sparse_state import simulate_columns
from carlemanc.programs.synthesis import synthesize


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Reading):
    """Coefficients are loaded angles, however few they are."""

    def loading(self) -> Loading:
        """A rotation is said to be dear, so that lookups are taken."""
        return Loading(rotation_t=1e5)


def relative(design, theta, reference):
    lifted = design.lifted
    return float(
        np.linalg.norm(theta - reference) / np.linalg.norm(lifted.carleman_iterate() - lifted.center)
    )


def theta_of(design, amplitudes, success):
    lifted = design.lifted
    return lifted.center + lifted.gamma * np.real(design.plan.solution(amplitudes[0], success))


def exact_amplitudes(design):
    """Amplitudes of theta(T) - center, (copies, n), and the success probability, without gates."""
    vector = design.method.amplitudes(design.plan, design.access)
    return design.access.answer.pick(vector), float(np.vdot(vector, vector).real)


def polynomial(design):
    return relative(design, theta_of(design, *exact_amplitudes(design)), design.lifted.carleman_iterate())


def coefficients(design):
    """0 where no angle is loaded: the block is then L to rounding errors."""
    (encoding,) = design.access.encodings
    size, program = 1 << encoding.system_bitsize, emit(encoding)
    at, labels, values = simulate_columns(program, "system", list(range(size)))
    block = sp.csc_matrix(
        (np.real(values) * encoding.alpha, (at.astype(np.int64), labels.astype(np.int64))),
        shape=(size, size),
    )
    matrix, rhs = design.access.exact()
    places = design.access.answer.indices()[0]
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


def rotations(design, *, prepare):
    """Of the rotations that prepare b, which come first in time, or of all others, by `compile.synthesis`."""
    groups = rotation_groups(design)
    epsilon = rotation_precision(design, groups)
    program = emit(design.circuit)
    number = emitted_rotations(emit(design.access.start))
    span = (0, number) if prepare else (number, emitted_rotations(program))
    made = phase_gradient(groups.total, epsilon)

    def change(piece):
        if design.at.synthesis == "gridsynth":
            return synthesize(piece, epsilon)
        return replace(piece, angles=np.array([rounded(angle, made.bits) for angle in piece.angles]))

    theta = []
    for one in (program, turned(program, *span, change)):
        state = simulate(one, "sparse")
        amplitudes = state.at(design.access.answer.indices())
        theta.append(theta_of(design, amplitudes, state.success_probability))
    return relative(design, theta[1], theta[0])


def rounded(angle, bits):
    """An angle as the additions of a phase gradient make it; the catalyst is exact here (see its own tests)."""
    unit = 2 * math.pi / 2**bits
    return round(angle / unit) * unit


def emitted_rotations(program):
    return int(np.isin(program.codes, (CODE["rz"], CODE["ry"])).sum())


def readout(design, seeds):
    """The largest over seeds, shots as the budget derives them."""
    amplitudes, success = exact_amplitudes(design)
    exact = theta_of(design, amplitudes, success)
    drawn = [
        read_amplitudes(design, np.real(amplitudes), success, shots=0, seed=seed)[0] for seed in range(seeds)
    ]
    assert design.readout.epsilon < design.at.epsilon
    return max(relative(design, theta, exact) for theta in drawn)
