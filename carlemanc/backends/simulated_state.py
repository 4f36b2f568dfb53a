"""What every simulator returns: the amplitudes of one register where all other wires are |0>."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import ComplexArray
from carlemanc.core.errors import TooLarge
from carlemanc.programs.sparse_state import BasisStates

_DENSE_BITS: Final = 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedState:
    """Amplitudes of a register of `bits` wires, all other wires projected on |0>; nothing is renormalized.

    Attributes:
        backend: name of the simulator.
        register: name of the register.
        bits: its number of wires.
        width: wires of the circuit that was simulated.
        indices: basis states with an amplitude, (k,) ascending integers (int64; Python ints above 63 bits).
        amplitudes: (k,) complex128.
    """

    backend: str
    register: str
    bits: int
    width: int
    indices: BasisStates
    amplitudes: ComplexArray

    def __post_init__(self) -> None:
        if len(self.indices) != len(self.amplitudes):
            raise ValueError("indices and amplitudes differ in length")
        self.indices.setflags(write=False)
        self.amplitudes.setflags(write=False)

    @property
    def success_probability(self) -> float:
        """Probability that every other wire is found in |0>."""
        return float(np.sum(np.abs(self.amplitudes) ** 2))

    def at(self, indices: npt.ArrayLike) -> ComplexArray:
        """Return the amplitudes of the given basis states, same shape, 0 where the state has none."""
        wanted = np.asarray(indices)
        if not len(self.indices):
            return np.zeros(wanted.shape, dtype=np.complex128)
        place = np.minimum(np.searchsorted(self.indices, wanted), len(self.indices) - 1)
        return np.where(self.indices[place] == wanted, self.amplitudes[place], 0.0)

    def dense(self) -> ComplexArray:
        """Return all 2^bits amplitudes. Raises TooLarge above 26 bits."""
        if self.bits > _DENSE_BITS:
            raise TooLarge(
                f"the vector of register {self.register!r}",
                size=f"2^{self.bits} amplitudes",
                limit=f"2^{_DENSE_BITS}",
                instead="Read single amplitudes with `at`.",
            )
        vector = np.zeros(1 << self.bits, dtype=np.complex128)
        vector[self.indices.astype(np.int64)] = self.amplitudes
        return vector


def state_from_vector(
    vector: ComplexArray, *, backend: str, register: str, width: int, cutoff: float = 1e-16
) -> SimulatedState:
    """Return the state of a register from all its amplitudes, dropping those not above `cutoff`."""
    indices = np.flatnonzero(np.abs(vector) > cutoff)
    return SimulatedState(
        backend=backend,
        register=register,
        bits=len(vector).bit_length() - 1,
        width=width,
        indices=indices,
        amplitudes=np.asarray(vector[indices], dtype=np.complex128),
    )
