"""The linear system L x = b whose solution is the history of the truncated Carleman iterate.

L = I - S (x) B over times 0..T, then p padding rows that copy time T (THEORY 5.1, 5.3); b holds the lift of
u_in at time 0 and the sources c at times 1..T. Two forms of the same vectors: *packed*, shape (T + p + 1,
dimension), in which everything is solved, and the *register* basis of `RegisterLayout` (a power of two),
which the circuit encodes and L.npz stores. Register states that no time, level or slot value uses: L is
exactly the identity there, except that the padding copies act on every slot value whose level code is valid
and whose empty slots are 0 (the circuit compares no slot with n); those states never mix with the used
ones, and L stays invertible on them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.layout import RegisterLayout, bits_for

Vector = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
MAX_WIDTH = 21
"""Widest register whose matrix is written: 2^21, about 2 million rows."""
MAX_ENTRIES = 60_000_000
"""Largest number of stored entries of L."""
MAX_PACKED = 100_000_000
"""Largest packed history (T + p + 1) * dimension."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistorySystem:
    """`steps` = T steps of `carleman` from `u_in` ((n,), about the center), then `padding` = p copies."""

    carleman: CarlemanSystem
    steps: int
    padding: int = 0
    u_in: Vector
    layout: RegisterLayout = field(init=False)
    _solution: list[Vector] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        start = np.array(self.u_in, dtype=np.float64)
        if start.shape != (self.carleman.n,) or self.steps < 0 or self.padding < 0:
            raise ValueError(f"need u_in of length {self.carleman.n}, steps >= 0 and padding >= 0")
        start.setflags(write=False)
        object.__setattr__(self, "u_in", start)
        layout = RegisterLayout(
            time_bits=max(1, bits_for(self.times)),
            slots=self.carleman.levels[-1],
            slot_bits=bits_for(self.carleman.n),
            levels=self.carleman.levels,
        )
        object.__setattr__(self, "layout", layout)

    @property
    def times(self) -> int:
        """Number of used times, T + p + 1."""
        return self.steps + self.padding + 1

    def fingerprint(self) -> str:
        """Return a content hash of everything that decides L and b."""
        text = f"{self.carleman.fingerprint()}|{self.steps}|{self.padding}|".encode()
        return hashlib.sha256(text + np.ascontiguousarray(self.u_in).tobytes()).hexdigest()

    # --- packed form -------------------------------------------------------------------------------------

    def packed_rhs(self) -> Vector:
        """Return b, shape (T + p + 1, dimension)."""
        self._check_packed()
        rhs = np.zeros((self.times, self.carleman.dimension))
        rhs[0] = self.carleman.lift(self.u_in)
        rhs[1 : self.steps + 1] = self.carleman.source()
        return rhs

    def solve(self) -> Vector:
        """Return x = L^-1 b, shape (T + p + 1, dimension), by block forward substitution (cached, read-only).

        A divergent system may overflow to inf or nan here; no warning is raised.
        """
        if not self._solution:
            solution = self.substitute(self.packed_rhs())
            solution.setflags(write=False)
            self._solution.append(solution)
        return self._solution[0]

    def substitute(self, rhs: Vector) -> Vector:
        """Return L^-1 rhs in packed form."""
        result, step = np.array(rhs, dtype=np.float64), self.carleman.products()[0]
        with np.errstate(over="ignore", invalid="ignore"):
            for time in range(1, self.times):
                before = result[time - 1]
                result[time] += step(before) if time <= self.steps else before
        return result

    def substitute_transposed(self, rhs: Vector) -> Vector:
        """Return L^-T rhs in packed form (backward substitution)."""
        result, step = np.array(rhs, dtype=np.float64), self.carleman.products()[1]
        with np.errstate(over="ignore", invalid="ignore"):
            for time in range(self.times - 2, -1, -1):
                after = result[time + 1]
                result[time] += step(after) if time < self.steps else after
        return result

    def apply(self, x: Vector) -> Vector:
        """Return L x in packed form."""
        result, step = np.array(x, dtype=np.float64), self.carleman.products()[0]
        for time in range(1, self.times):
            before = x[time - 1]
            result[time] -= step(before) if time <= self.steps else before
        return result

    def apply_transposed(self, x: Vector) -> Vector:
        """Return L^T x in packed form."""
        result, step = np.array(x, dtype=np.float64), self.carleman.products()[1]
        for time in range(self.times - 1):
            after = x[time + 1]
            result[time] -= step(after) if time < self.steps else after
        return result

    def packed_matrix(self) -> Any:
        """Return L in packed order (csr, unit lower triangular). Raises TooLarge as `matrix` does."""
        step = self._checked_step()
        moves = sp.kron(time_shift(self.times, 0, self.steps), step) + sp.kron(
            time_shift(self.times, self.steps, self.times - 1), sp.identity(self.carleman.dimension)
        )
        return sp.csr_matrix(sp.identity(moves.shape[0], format="csr") - moves)

    def rhs_norm(self) -> float:
        """Return ||b||_2 from norms alone, at any n: b is a sum of product vectors (THEORY 5.4)."""
        start = float(np.linalg.norm(self.u_in)) / self.carleman.gamma
        drive = 0.0
        if self.carleman.is_driven:
            drive = float(np.linalg.norm(self.carleman.factor_tensors[0].vals))
        limit = self.carleman.corrections or self.carleman.order
        square = sum(start ** (2 * level) for level in self.carleman.levels)
        square += self.steps * sum(drive ** (2 * level) for level in self.carleman.levels if level <= limit)
        return float(np.sqrt(square))

    def solution_norm(self) -> float:
        """Return ||x||_2 (packed solve)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.linalg.norm(self.solve()))

    def readout_probability(self) -> float:
        """Return the share of ||x||^2 at times t >= T on level 1 (nan if x is zero or overflowed)."""
        solution = self.solve()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            wanted = np.linalg.norm(solution[self.steps :, : self.carleman.n])
            return float(np.square(wanted / np.linalg.norm(solution)))

    def weights(self) -> Vector:
        """Return gamma times level 1 of x at time T: the truncated iterate about the center, (n,)."""
        return np.asarray(self.carleman.gamma * self.solve()[self.steps, : self.carleman.n])

    # --- register basis ----------------------------------------------------------------------------------

    def packed_indices(self) -> IntArray:
        """Return the register index of every packed entry, shape (T + p + 1, dimension)."""
        self._check_packed()
        at_zero = self.layout.packed_indices(0, self.carleman.n)
        shift = self.layout.width - self.layout.time_bits
        return np.asarray(np.add.outer(np.arange(self.times, dtype=np.int64) << shift, at_zero))

    def embed(self, packed: Vector) -> Vector:
        """Return the register vector (2^width,) of a packed one; unused entries are 0."""
        self._check_width()
        vector = np.zeros(1 << self.layout.width)
        vector[self.packed_indices()] = packed
        return vector

    def rhs(self) -> Vector:
        """Return b in the register basis, (2^width,), not normalized."""
        return self.embed(self.packed_rhs())

    def matrix(self) -> Any:
        """Return L as csr in the register basis, 2^width rows. Raises TooLarge above about 2 million rows."""
        self._check_width()
        step = self._checked_step().tocoo()
        at_zero = self.layout.packed_indices(0, self.carleman.n)
        step_rows, step_columns = at_zero[step.row], at_zero[step.col]
        copied = self._valid_states()
        ones = np.ones(copied.size)
        rows, columns, values = [], [], []
        for time in range(self.times - 1):
            here = time << (self.layout.width - self.layout.time_bits)
            there = (time + 1) << (self.layout.width - self.layout.time_bits)
            stepping = time < self.steps
            rows.append(there + (step_rows if stepping else copied))
            columns.append(here + (step_columns if stepping else copied))
            values.append(step.data if stepping else ones)
        size = 1 << self.layout.width
        identity = sp.identity(size, format="csr")
        if not rows:
            return identity
        places = (np.concatenate(rows), np.concatenate(columns))
        return sp.csr_matrix(identity - sp.csr_matrix((np.concatenate(values), places), shape=(size, size)))

    def solution_indices(self) -> IntArray:
        """Return the register indices of level 1 at time T, (n,): theta(T) = center + gamma * x[indices]."""
        return np.asarray(self.readout_indices()[0])

    def readout_indices(self) -> IntArray:
        """Return the register indices of level 1 at the times T..T+p, (p + 1, n)."""
        times = np.arange(self.steps, self.times, dtype=np.int64)[:, None]
        return self.layout.index(times, 1, [np.arange(self.carleman.n, dtype=np.int64)[None, :]])

    def _checked_step(self) -> Any:
        """Return B as csr, after checking that T copies of it fit."""
        step = self.carleman.to_sparse()
        entries = self.steps * step.nnz + self.padding * self._valid_states().size
        if entries > MAX_ENTRIES:
            raise TooLarge(
                "the matrix L",
                size=f"{entries:.3g} entries",
                limit=f"{MAX_ENTRIES:.1e}",
                instead="`carlemanc verify` checks single columns at any size.",
            )
        return step

    def _valid_states(self) -> IntArray:
        """Return the states at time 0 with a valid level code and empty slots 0, any slot values."""
        size = 1 << self.layout.slot_bits
        return self.layout.packed_indices(0, size)

    def _check_width(self) -> None:
        if self.layout.width > MAX_WIDTH:
            raise TooLarge(
                "the matrix L in the register basis",
                size=f"2^{self.layout.width} rows",
                limit=f"2^{MAX_WIDTH} (about 2 million)",
                instead="`carlemanc verify` checks single columns at any size.",
            )

    def _check_packed(self) -> None:
        size = self.times * self.carleman.dimension
        if size > MAX_PACKED:
            raise TooLarge(
                "the classical history",
                size=f"{size:.3g} amplitudes",
                limit=f"{MAX_PACKED:.1e}",
                instead="Bounds, circuits and counts do not form it.",
            )


def time_shift(times: int, start: int, stop: int) -> Any:
    """Return the (times, times) matrix that moves time t to t + 1 for start <= t < stop."""
    column = np.arange(start, stop)
    return sp.csr_matrix((np.ones(column.size), (column + 1, column)), shape=(times, times))
