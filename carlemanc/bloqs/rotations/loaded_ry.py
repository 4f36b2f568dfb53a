"""A Y rotation by a b-bit angle that a lookup provides: b rotations whatever the number of angles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import attrs
import numpy as np
from qualtran import Bloq

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.call_total import CallTotal
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.lookup_data import LookupData, LookupShape, LookupTable
from carlemanc.bloqs.lookups.table_load import loaded
from carlemanc.bloqs.price import is_rotation, price_of
from carlemanc.core.arrays import FloatArray, Mask


def angle_table(angles: FloatArray, bits: int, unused: Mask | None = None) -> LookupTable:
    """Return the angles in units of 4 pi / 2^bits, rounded, modulo 4 pi; unused ones are free."""
    steps = np.rint(angles / (4 * math.pi) * (1 << bits)).astype(np.int64)
    return LookupTable(steps & (1 << bits) - 1, unused)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digits:
    """Which bits of the angle are loaded, and the angle common to all."""

    loaded: tuple[int, ...]
    common: float
    data: LookupData


@attrs.frozen(cache_hash=True)
class LoadedRy(BitBloq):
    r"""Apply exp(-i theta_x Y / 2) to the target, theta_x = 4 pi data[x] / 2^b, x the value of the address.

    The bits that differ between entries are looked up; bit j then turns the target by +phi_j or -phi_j, phi_j
    half its weight (a rotation between two CNOTs), and one rotation by the sum of the phi_j and of the common
    bits completes it. The weights pi, pi/2 and pi/4 are Clifford or one T.

    Registers: address, target; the same as `MultiplexedRy`.

    Args:
        data: `angle_table`, or a `LookupShape`, which is counted and cannot be emitted.
        angle_bits: b; rounding an angle costs at most pi 2^-b in operator norm.
        loading: memory and qubits the lookup may use.
        eps: synthesis precision of each rotation.
        is_controlled: rotate only where `ctrl` is 1.

    Cost: at most b - 2 rotations and the lookup twice.

    References:
        Derived here; checked numerically.
    """

    data: LookupData
    angle_bits: int
    loading: Loading = DEFAULT_LOADING
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.data.address_size, "target": None}

    @property
    def rounding_error(self) -> float:
        """Operator-norm distance, at most, from the rotation by the angles before rounding."""
        return math.pi * 2.0**-self.angle_bits

    @cached_property
    def _digits(self) -> _Digits:
        if isinstance(self.data, LookupShape):
            return _Digits(loaded=tuple(range(self.angle_bits)), common=0.0, data=self.data)
        entries = self.data.entries
        first = 0 if self.is_controlled else int(entries[0])
        differs = int(np.bitwise_or.reduce(entries ^ first))
        places = tuple(place for place in range(self.angle_bits) if differs >> place & 1)
        packed = np.zeros(len(entries), dtype=np.int64)
        for digit, place in enumerate(places):
            packed |= (entries >> place & 1) << digit
        common = (first & ~differs) * 4 * math.pi / 2**self.angle_bits
        return _Digits(loaded=places, common=common, data=LookupTable(packed, ~self.data.used))

    @property
    def rotation_count(self) -> int:
        """Number of rotations, those by multiples of pi/4 left out."""
        fine = sum(place < self.angle_bits - 3 for place in self._digits.loaded)
        return fine + is_rotation(self._total)

    @property
    def toffoli_count(self) -> int:
        """Number of AND computations."""
        return price_of(self).toffoli

    @property
    def _total(self) -> float:
        halves = sum(self._half_weight(place) for place in self._digits.loaded)
        return math.remainder(self._digits.common + halves, 4 * math.pi)

    def _half_weight(self, place: int) -> float:
        return 2 * math.pi * 2.0 ** (place - self.angle_bits)

    def build(self, circuit: BitCircuit) -> None:
        digits = self._digits
        halves = [self._half_weight(place) for place in digits.loaded]
        if self._total:
            circuit.ry(self._total, "target", self.eps)
        if not halves:
            return
        address = self.bits("address")
        with loaded(
            circuit, digits.data, len(halves), address, control=self.ctrl, loading=self.loading
        ) as angle:
            for bit, half in zip(angle, halves, strict=True):
                circuit.cx(bit, "target")
                circuit.ry(-half, "target", self.eps)
                circuit.cx(bit, "target")


def rounding_error(bloq: Bloq) -> float:
    """Return the operator-norm error, at most, that rounded angles cause anywhere inside `bloq`."""
    return _ROUNDING.of(bloq)


_ROUNDING = CallTotal(lambda bloq: bloq.rounding_error if isinstance(bloq, LoadedRy) else None)
