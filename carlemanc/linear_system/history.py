"""The linear system L x = b whose solution is the history of the truncated Carleman iterate.

L = I - S (x) B over times 0..T, then p padding rows that copy time T (THEORY 5.1, 5.3); b holds the lift of
u_in at time 0 and the sources c at times 1..T. Where the steps differ (stochastic gradient descent), block
(t+1, t) of L is -B_t and b at t + 1 is c_t, those of `systems[schedule[t]]`. Two forms of the same vectors:
*packed*, shape (T + p + 1, dimension), in which everything is solved, and the *register* basis of
`RegisterLayout` (a power of two), which the circuit encodes and L.npz stores. Register states that no time,
level or slot value uses: L is exactly the identity there, except that the padding copies act on every slot
value whose level code is valid and whose empty slots are 0 (the circuit compares no slot with n); those
states never mix with the used ones, and L stays invertible on them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.core.arrays import IntArray, Vector
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.history_norm import lower_bidiagonal
from carlemanc.linear_system.register_layout import RegisterLayout, bits_for
from carlemanc.linear_system.scheduled_steps import ScheduledSteps
from carlemanc.model.weights import DenseWeights, Point, Weights, as_array, point_norm, point_size

NOTHING_MOVES = (
    "the right-hand side is zero: the weights start at the center and the gradient vanishes there, "
    "so theta never moves; choose another training.initial or training.center"
)
"""What a user is told where b = 0."""
MAX_WIDTH = 21
"""Widest register whose matrix is written: 2^21, about 2 million rows."""
MAX_ENTRIES = 60_000_000
"""Largest number of stored entries of L."""
_NO_MATRIX = "Lower n, T or N: the circuit itself needs no matrix (compile, estimate)."
MAX_PACKED = 100_000_000
"""Largest packed history (T + p + 1) * dimension."""


@dataclass(frozen=True, kw_only=True, eq=False, init=False)
class HistorySystem(ScheduledSteps):
    """T steps from `u_in` ((n,), about the center), step t by `systems[schedule[t]]`, then p copies.

    All systems share n, gamma, order, levels and corrections. Raises ValueError where they do not, and for a start
    of another length or a schedule beyond them.
    """

    padding: int
    start: Point
    """u_in in the form it was given."""

    def __init__(
        self,
        *,
        systems: Sequence[CarlemanSystem],
        schedule: Sequence[int],
        u_in: npt.ArrayLike | Point,
        padding: int = 0,
    ) -> None:
        start = u_in if isinstance(u_in, Weights | DenseWeights) else _frozen(u_in)
        if systems and (point_size(start) != systems[0].n or padding < 0):
            raise ValueError(f"need u_in of length {systems[0].n} and padding >= 0")
        values = {"systems": tuple(systems), "schedule": tuple(schedule), "padding": padding, "start": start}
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self.check()

    @cached_property
    def layout(self) -> RegisterLayout:
        """The registers that the system is encoded in."""
        return RegisterLayout(
            time_bits=max(1, bits_for(self.times)),
            slots=self.levels[-1],
            slot_bits=bits_for(self.n),
            levels=self.levels,
        )

    @property
    def u_in(self) -> Vector:
        """u(0) = theta(0) - center, (n,), read-only. Raises TooLarge for millions of weights."""
        return as_array(self.start)

    @property
    def times(self) -> int:
        """Number of used times, T + p + 1."""
        return self.steps + self.padding + 1

    @property
    def work(self) -> int:
        """Operations of one product with every block B_t, and of the copies."""
        return self.step_work + self.padding * self.dimension

    def fingerprint(self) -> str:
        """Return a content hash of everything that decides L and b."""
        text = self.matrix_fingerprint().encode()
        return hashlib.sha256(text + np.ascontiguousarray(self.u_in).tobytes()).hexdigest()

    def matrix_fingerprint(self) -> str:
        """Return a content hash of everything that decides L."""
        steps = self.steps if self.is_uniform else self.schedule
        names = "|".join(item.fingerprint() for item in self.systems)
        return hashlib.sha256(f"{names}|{steps}|{self.padding}".encode()).hexdigest()

    # --- packed form -------------------------------------------------------------------------------------

    def packed_rhs(self) -> Vector:
        """Return b, shape (T + p + 1, dimension)."""
        self._check_packed()
        rhs = np.zeros((self.times, self.dimension))
        rhs[0] = self.systems[0].lift(self.u_in)
        schedule = np.array(self.schedule, dtype=np.int64)
        for index, system in enumerate(self.systems):
            if system.is_driven:
                rhs[1 + np.flatnonzero(schedule == index)] = system.source()
        return rhs

    def solve(self) -> Vector:
        """Return x = L^-1 b, shape (T + p + 1, dimension), by block forward substitution (cached, read-only).

        A divergent system may overflow to inf or nan here; no warning is raised.
        """
        return self._solution

    @cached_property
    def _solution(self) -> Vector:
        solution = self.substitute(self.packed_rhs())
        solution.setflags(write=False)
        return solution

    def substitute(self, rhs: Vector) -> Vector:
        """Return L^-1 rhs in packed form."""
        return self._swept(rhs, inverse=True, transposed=False)

    def substitute_transposed(self, rhs: Vector) -> Vector:
        """Return L^-T rhs in packed form (backward substitution)."""
        return self._swept(rhs, inverse=True, transposed=True)

    def apply(self, x: Vector) -> Vector:
        """Return L x in packed form."""
        return self._swept(x, inverse=False, transposed=False)

    def apply_transposed(self, x: Vector) -> Vector:
        """Return L^T x in packed form."""
        return self._swept(x, inverse=False, transposed=True)

    def _swept(self, x: Vector, *, inverse: bool, transposed: bool) -> Vector:
        """Return L x, or L^-1 x by substitution: each block B_t moves what stands at one time to the next."""
        result = np.array(x, dtype=np.float64)
        source, combine = (result, np.add) if inverse else (x, np.subtract)
        times = range(self.times - 1)
        with np.errstate(over="ignore", invalid="ignore"):
            for time in reversed(times) if transposed else times:
                here, there = (time + 1, time) if transposed else (time, time + 1)
                moved = source[here]
                if time < self.steps:
                    moved = self.products(time)[transposed](moved)
                combine(result[there], moved, out=result[there])
        return result

    def packed_matrix(self) -> sp.csr_matrix:
        """Return L in packed order (csr, unit lower triangular). Raises TooLarge as `matrix` does."""
        return self._matrix(self._checked_steps(), sp.identity(self.dimension), self.dimension, self.times)

    def _matrix(
        self, steps: Sequence[sp.csr_matrix], copy: sp.csr_matrix, size: int, times: int
    ) -> sp.csr_matrix:
        blocks = [*(steps[index] for index in self.schedule), *[copy] * self.padding]
        return lower_bidiagonal(blocks, size=size, times=times)

    @np.errstate(over="ignore")
    def start_norm(self) -> float:
        """Return ||x(0)||_2 from the norm of the start alone, at any n: x is b at time 0, whatever comes later."""
        return float(np.sqrt(self._start_square()))

    def _start_square(self) -> np.float64:
        start = np.float64(point_norm(self.start)) / self.gamma
        return np.float64(sum(start ** (2 * level) for level in self.levels))

    @np.errstate(over="ignore")
    def rhs_norm(self) -> float:
        """Return ||b||_2 from norms alone, at any n: b is a sum of product vectors (THEORY 5.4)."""
        limit = self.corrections or self.order
        square = self._start_square()
        for index, times in Counter(self.schedule).items():
            drive = np.float64(0.0)
            if self.systems[index].is_driven:
                drive = np.float64(self.systems[index].factor_operators[0].norm2)
            square += times * np.float64(sum(drive ** (2 * level) for level in self.levels if level <= limit))
        return float(np.sqrt(square))

    @np.errstate(over="ignore", invalid="ignore")
    def solution_norm(self) -> float:
        """Return ||x||_2 (packed solve)."""
        return float(np.linalg.norm(self.solve()))

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def readout_probability(self) -> float:
        """Return the share of ||x||^2 at times t >= T on level 1 (nan if x is zero or overflowed)."""
        wanted = np.linalg.norm(self.solve()[self.steps :, : self.n])
        return float(np.square(wanted / np.linalg.norm(self.solve())))

    def weights(self) -> Vector:
        """Return gamma times level 1 of x at time T: the truncated iterate about the center, (n,)."""
        return np.asarray(self.gamma * self.solve()[self.steps, : self.n])

    # --- register basis ----------------------------------------------------------------------------------

    def packed_indices(self) -> IntArray:
        """Return the register index of every packed entry, shape (T + p + 1, dimension)."""
        self._check_packed()
        at_zero = self.layout.packed_indices(0, self.n)
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

    def matrix(self) -> sp.csr_matrix:
        """Return L as csr in the register basis, 2^width rows. Raises TooLarge above about 2 million rows."""
        self._check_width()
        at_zero, size = (
            self.layout.packed_indices(0, self.n),
            1 << (self.layout.width - self.layout.time_bits),
        )
        steps = []
        for step in map(sp.coo_matrix, self._checked_steps()):
            steps.append(sp.coo_matrix((step.data, (at_zero[step.row], at_zero[step.col])), (size, size)))
        copied = self._valid_states()
        copy = sp.coo_matrix((np.ones(copied.size), (copied, copied)), (size, size))
        return self._matrix(steps, copy, size, 1 << self.layout.time_bits)

    def solution_indices(self) -> IntArray:
        """Return the register indices of level 1 at time T, (n,): theta(T) = center + gamma * x[indices]."""
        return np.asarray(self.readout_indices()[0])

    def readout_indices(self, entries: IntArray | None = None) -> IntArray:
        """Return the register indices of level 1 at the times T..T+p, (p + 1, k), of some weights or all n."""
        times = np.arange(self.steps, self.times, dtype=np.int64)[:, None]
        wanted = np.arange(self.n, dtype=np.int64) if entries is None else np.asarray(entries)
        return self.layout.index(times, 1, [wanted[None, :]])

    def _checked_steps(self) -> list[sp.csr_matrix]:
        """Return B of every system as csr, after checking that all T blocks fit."""
        steps: list[sp.csr_matrix] = []
        for system in self.systems:
            steps.append(system.to_sparse())
            _check_entries(sum(step.nnz for step in steps))
        taken = sum(steps[index].nnz for index in self.schedule)
        _check_entries(taken + self.padding * self._valid_states().size)
        return steps

    def _valid_states(self) -> IntArray:
        """Return the states at time 0 with a valid level code and empty slots 0, any slot values."""
        size = 1 << self.layout.slot_bits
        return self.layout.packed_indices(0, size)

    def _check_width(self) -> None:
        if self.layout.width > MAX_WIDTH:
            size, limit = f"2^{self.layout.width} rows", f"2^{MAX_WIDTH} (about 2 million)"
            raise TooLarge("the matrix L in the register basis", size=size, limit=limit, instead=_NO_MATRIX)

    def _check_packed(self) -> None:
        size = self.times * self.dimension
        if size > MAX_PACKED:
            raise TooLarge(
                "the classical history",
                size=f"{size:.3g} amplitudes",
                limit=f"{MAX_PACKED:.1e}",
                instead="Bounds, circuits and counts do not form it.",
            )


def _check_entries(entries: int) -> None:
    if entries > MAX_ENTRIES:
        limit = f"{MAX_ENTRIES:.1e}"
        raise TooLarge("the matrix L", size=f"{entries:.3g} entries", limit=limit, instead=_NO_MATRIX)


def _frozen(values: npt.ArrayLike) -> Vector:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
