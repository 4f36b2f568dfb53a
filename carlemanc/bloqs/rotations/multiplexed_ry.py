"""A Y rotation whose angle depends on an address: exact, without Toffoli gates."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.nearly import SAME
from carlemanc.core.arrays import FloatArray


def walsh_hadamard(values: FloatArray) -> FloatArray:
    """Return sum_x (-1)^(g.x) values[x] for every mask g (length a power of two)."""
    result = values.astype(np.float64).copy()
    half = 1
    while half < len(result):
        pairs = result.reshape(-1, 2, half)
        result = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        half *= 2
    return result


@attrs.frozen(cache_hash=True)
class MultiplexedRy(BitBloq):
    r"""Apply exp(-i theta_x Y / 2) to the target, x the value of the address.

    The rotation is written as a product of Ry conjugated by CNOTs, one per Walsh-Hadamard coefficient
    $\varphi_g = 2^{-k}\sum_x(-1)^{g\cdot x}\theta_x$ in Gray-code order; coefficients below 1e-12 are left
    out, so structured angle tables cost less than 2^k rotations.

    Args:
        angles: theta_x, radians, 2^k of them; bit i of x is address bit i.
        eps: synthesis precision of each rotation (operator norm).
        is_controlled: rotate only where `ctrl` is 1 (one more address bit with zero angles).

    References:
        Möttönen et al., Phys. Rev. Lett. 93, 130502 (2004); the pruning is derived here, checked numerically.
    """

    angles: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def address_size(self) -> int:
        """Number of address bits k."""
        return (len(self.angles) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": None}

    @cached_property
    def _steps(self) -> list[tuple[int, float]]:
        """(mask, angle) in Gray-code order, without negligible angles."""
        angles = np.array(self.angles)
        if len(angles) != 1 << self.address_size:
            raise ValueError(f"number of angles must be a power of two, found {len(angles)}")
        if self.is_controlled:
            angles = np.concatenate([np.zeros_like(angles), angles])
        coefficients = walsh_hadamard(angles) / len(angles)
        order = [index ^ (index >> 1) for index in range(len(angles))]
        return [(g, float(coefficients[g])) for g in order if abs(coefficients[g]) > SAME]

    @property
    def rotation_count(self) -> int:
        """Number of rotations, Clifford angles included."""
        return len(self._steps)

    def build(self, circuit: BitCircuit) -> None:
        address: list[Bit] = [*self.bits("address"), *(["ctrl"] if self.is_controlled else [])]
        mask = 0
        for wanted, angle in self._steps:
            self._toggle(circuit, address, mask ^ wanted)
            circuit.ry(angle, "target", self.eps)
            mask = wanted
        self._toggle(circuit, address, mask)

    @staticmethod
    def _toggle(circuit: BitCircuit, address: list[Bit], difference: int) -> None:
        for i, bit in enumerate(address):
            if difference >> i & 1:
                circuit.cx(bit, "target")
