"""A vector of many amplitudes known by their number alone: its loader is counted and cannot be emitted."""

from __future__ import annotations

from functools import cached_property

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq, CallCounter
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.lookups.unary_iteration import counted_only
from carlemanc.bloqs.rotations.loaded_ry import LoadedRy


@attrs.frozen(cache_hash=True, kw_only=True)
class ShapedAmplitudes(BitBloq):
    """Map |0> to any normalized sum_{i < count} v_i |i>: one loaded rotation a bit, its angles in 2^depth rows.

    Args:
        size: number of target bits.
        count: number of amplitudes, at most 2^size.
        loading: memory and qubits that lookups may use.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: about 2 count Toffoli by lookup, b - 2 rotations a bit.

    References:
        Grover and Rudolph, arXiv:quant-ph/0208112; loaded angles as in `LoadedRy`.
    """

    size: int
    count: int
    loading: Loading = DEFAULT_LOADING
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    @property
    def values(self) -> tuple[float, ...]:
        """The first amplitude of one weight: positive."""
        return (1.0,)

    @cached_property
    def _counted(self) -> CallCounter:
        counter = CallCounter(len(self.boundary_bits()))
        self._write(counter)
        return counter

    def build(self, circuit: BitCircuit) -> None:
        raise counted_only(
            f"a list of {self.count:,} amplitudes, which is priced by lookup",
            "start from fewer weights, { sparse = { ... } }, or from { function = ... }, which a short circuit loads",
        )

    def _write(self, circuit: BitCircuit) -> None:
        target = self.bits("target")
        for depth in range(self.size):
            nodes = -(-self.count >> (self.size - depth))
            rotation = LoadedRy(
                LookupShape(nodes, depth), self.loading.bits, self.loading, self.eps, self.is_controlled
            )
            above = target[self.size - depth :]
            circuit.call(rotation, ctrl=self.ctrl, address=above, target=target[self.size - 1 - depth])
