r"""The operator whose kernel is the solution: G = (1 - |b'><b'|) (A + 1/t), on the system and one more qubit.

Dalzell's augmented matrix is A on c = 0 and 1/t on one more basis vector e. Here e = |1>|b>, and the whole of
c = 1 is scaled by 1/t: a rotation under c, so that the block has no subnormalization of its own (the published
sum A + e e^T/t has 1 + 1/t). It turns an ancilla of A, which is |0> there, or is part of the encoding's own last
rotation where that can rest at any multiple of the identity. With b' = (|0>|b> + |1>|b>)/sqrt(2) = |+>|b> the
preparation of b is never controlled.
The kernel of G is spanned by |0> A^-1 b + t |1>|b>, and its other singular values are at least min(sigma_min(A),
1/t), because ||G^T v|| = ||(A + 1/t)^T v|| for v orthogonal to b' (derived here, tested).

References: [dalzell2024] arXiv:2406.12086, section 3 (augmentation second-hand: QLSS 1.7; this form derived here).
"""

from __future__ import annotations

import attrs
from qualtran import Bloq

from carlemanc.block_encoding import HistoryBlockEncoding
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.nearly import turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


@attrs.frozen(cache_hash=True)
class KernelOperator(SequenceBloq):
    """Block encoding of G, subnormalization 1: one controlled query to A, two uses of the preparation of b.

    Args:
        prepare: |0> -> b/||b||, one register `system`.
        encoding: block encoding of A, registers `system` and (unless it needs none) `ancilla`.
        t: the guess of ||A^-1 b||/||b||, at least 1; None: no augmentation, G = (1 - |b><b|) A.
        eps: synthesis precision of each rotation of its own.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the block encoding's, then (with t) the augmentation qubit c (most significant).
        ancilla: the block encoding's, then (with t, where A has none) the flag of the rotation, then that of the
            projector.
    """

    prepare: Bloq
    encoding: Bloq
    t: float | None
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.encoding, "system") + (self.t is not None),
            "ancilla": register_size(self.encoding, "ancilla") + 1 + self._has_flag,
        }

    @property
    def _has_flag(self) -> bool:
        return self.t is not None and not register_size(self.encoding, "ancilla")

    def build(self, circuit: BitCircuit) -> None:
        system, added = self.bits("system"), []
        *block, outside = self.bits("ancilla")
        if self.t is not None:
            added = [system.pop()]
            self._apply_augmented(circuit, system, added[0], block, self.t)
        else:
            call_query(circuit, self.encoding, system, block, self.ctrl)
        call_query(circuit, self.prepare.adjoint(), system, [])
        for c in added:
            circuit.h(c)
        on_zero = [*system, *added]
        circuit.flip(outside, [self.ctrl, *on_zero], [1] + [0] * len(on_zero))
        for c in added:
            circuit.h(c)
        call_query(circuit, self.prepare, system, [])

    def _apply_augmented(
        self, circuit: BitCircuit, system: list[Bit], c: Bit, ancilla: list[Bit], t: float
    ) -> None:
        """A where c is 0, 1/t where c is 1: either way the first ancilla turns there."""
        block, flag, angle = ancilla[: len(ancilla) - self._has_flag], ancilla[0], turn(1 / t)
        if isinstance(self.encoding, HistoryBlockEncoding) and not self.is_controlled:
            query = self.encoding.controlled_or(1 / t)
            circuit.x(c)
            circuit.call(query, ctrl=c, system=system[::-1], ancilla=block[::-1])
            circuit.x(c)
            return
        with circuit.conjunction([self.ctrl, c], [1, 0]) as plain:
            call_query(circuit, self.encoding, system, block, plain)
        with circuit.conjunction([self.ctrl, c]) as extra:
            self._scale(circuit, angle, extra, flag)

    def _scale(self, circuit: BitCircuit, angle: float, where: Bit, flag: Bit) -> None:
        """Rotate `flag` to a |0> amplitude of 1/t where the bit is 1."""
        if angle:
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=[where], target=flag)


@attrs.frozen(cache_hash=True)
class KernelCircuit(SequenceBloq):
    """Start in e = |1>|b>, apply an even polynomial of G, ask for c = 0.

    Args:
        prepare: |0> -> b/||b||, one register `system`.
        transform: QSVT of a `KernelOperator`.
        filter: a second one, applied afterwards with c as another ancilla; None: no second.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the block encoding's.
        ancilla: those of the transforms, then c (most significant).
    """

    prepare: Bloq
    transform: Bloq
    filter: Bloq | None = None
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.transform, "system") - 1,
            "ancilla": register_size(self.transform, "ancilla") + self._filter_ancillas + 1,
        }

    @property
    def _filter_ancillas(self) -> int:
        return register_size(self.filter, "ancilla") if self.filter is not None else 0

    def build(self, circuit: BitCircuit) -> None:
        system = self.bits("system")
        *block, c = self.bits("ancilla")
        first = block[: register_size(self.transform, "ancilla")]
        second = block[len(first) :]
        call_query(circuit, self.prepare, system, [], self.ctrl)
        circuit.cx(self.ctrl, c)
        call_query(circuit, self.transform, [*system, c], first, self.ctrl)
        if self.filter is not None:
            call_query(circuit, self.filter, system, second, self.ctrl)
