"""Bloqs on single bits that state their gates once, and the two readings of them that need no emitter.

Comes in: `build(circuit)` of a subclass. Goes out: a Qualtran decomposition (`BloqWriter`), and a call graph and a
number of qubits (`CallCounter`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import product

import attrs
import numpy as np
from qualtran import (
    AddControlledT,
    Adjoint,
    Bloq,
    BloqBuilder,
    CtrlSpec,
    QBit,
    Register,
    Side,
    Signature,
    SoquetT,
)
from qualtran.bloqs import basic_gates as gates
from qualtran.bloqs.bookkeeping import Allocate, Free
from qualtran.bloqs.mcmt import And
from qualtran.bloqs.mcmt.specialized_ctrl import (
    AdjointWithSpecializedCtrl,
    SpecializeOnCtrlBit,
    get_ctrl_system_1bit_cv_from_bloqs,
)
from qualtran.resource_counting import CostKey, QubitCount, SympySymbolAllocator, get_cost_value

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit, Item
from carlemanc.core.errors import InternalError

_AND = {values: And(*values) for values in product((0, 1), repeat=2)}
_AND_ERASED = {values: And(*values, uncompute=True) for values in _AND}
_GATES = (
    gates.XGate, gates.YGate, gates.ZGate, gates.Hadamard, gates.SGate, gates.TGate, gates.Ry, gates.Rz,
    gates.CNOT, gates.CZ, gates.TwoBitSwap,
)  # fmt: skip
"""Gates that are as wide as their bits."""


class BloqWriter(BitCircuit):
    """Writes the gates into a Qualtran builder."""

    def __init__(self, builder: BloqBuilder, wires: dict[Bit, SoquetT]) -> None:
        super().__init__()
        self._builder = builder
        self.wires = wires

    def call(self, bloq: Bloq, **bits: Bit | Sequence[Bit]) -> None:
        arguments = {
            name: np.array([self.wires.pop(bit) for bit in bit_or_bits])
            if isinstance(bit_or_bits, list)
            else self.wires.pop(bit_or_bits)
            for name, bit_or_bits in bits.items()
            if not _is_left_out(bit_or_bits)
        }
        results = self._builder.add_d(bloq, **arguments)
        for name in arguments:
            bit_or_bits = bits[name]
            if isinstance(bit_or_bits, list):
                self.wires.update(zip(bit_or_bits, results[name], strict=True))
            else:
                self.wires[bit_or_bits] = results[name]

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        controls = np.array([self.wires[a], self.wires[b]])
        controls, self.wires[target] = self._builder.add(_AND[values], ctrl=controls)
        self.wires[a], self.wires[b] = controls

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        controls = np.array([self.wires[a], self.wires[b]])
        controls = self._builder.add(_AND_ERASED[values], ctrl=controls, target=self.wires.pop(target))
        self.wires[a], self.wires[b] = controls

    def allocate(self) -> Bit:
        bit = self._new_name()
        self.wires[bit] = self._builder.allocate(1, QBit())
        return bit

    def free(self, bit: Bit) -> None:
        self._builder.free(self.wires.pop(bit))

    def relabel(self, a: Bit, b: Bit) -> None:
        self.wires[a], self.wires[b] = self.wires[b], self.wires[a]


def _is_left_out(bits: object) -> bool:
    """Whether a register has no bits: Qualtran has none of size zero."""
    return bits is None or bits == []


class CallCounter(BitCircuit):
    """Counts the calls, and the bits alive at once: `peak` is the width of the circuit in the order it is written."""

    def __init__(self, live: int) -> None:
        super().__init__()
        self.calls: Counter[Bloq] = Counter()
        self.peak = live
        self._live = live

    def each(self, kinds: Iterable[Item], write: Callable[[Item], None], repeats: int = 1) -> None:
        before, live = self.calls, self._live
        for kind, times in Counter(kinds).items() if repeats else ():
            self.calls = Counter()
            write(kind)
            if self._live != live:
                raise InternalError(
                    f"a repeated part leaves {self._live - live} work bits more than it found"
                )
            for bloq, number in self.calls.items():
                before[bloq] += repeats * times * number
        self.calls = before

    def _grow(self) -> None:
        self._live += 1
        self.peak = max(self.peak, self._live)

    def call(self, bloq: Bloq, **bits: Bit | Sequence[Bit]) -> None:
        self.calls[bloq] += 1
        own = sum(len(on) if isinstance(on, list) else on is not None for on in bits.values())
        self.peak = max(self.peak, self._live - own + _width(bloq, own))

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self.calls[_AND[values]] += 1
        self._grow()

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self.calls[_AND_ERASED[values]] += 1
        self._live -= 1

    def allocate(self) -> Bit:
        self.calls[Allocate(QBit())] += 1
        self._grow()
        return self._new_name()

    def free(self, bit: Bit) -> None:
        self.calls[Free(QBit())] += 1
        self._live -= 1

    def relabel(self, a: Bit, b: Bit) -> None:
        pass


def _width(bloq: Bloq, own: int) -> int:
    """Return the peak number of live bits of a bloq on `own` bits."""
    if own <= 2 and isinstance(bloq, _GATES):
        return own
    if isinstance(bloq, Adjoint):
        return _width(bloq.subbloq, own)
    return bloq.width if isinstance(bloq, BitBloq) else int(get_cost_value(bloq, QubitCount()))


class BitBloq(Bloq):
    """A bloq on single bits that states its gates once, in `build`.

    Subclasses are `attrs.frozen(cache_hash=True)` with a field `is_controlled: bool`; a controlled bloq has one
    more register, `ctrl`, and does nothing where it is 0.
    """

    is_controlled: bool

    def bit_registers(self) -> dict[str, int | None]:
        """Return register name -> number of bits (None: a register that is one bit), without `ctrl`."""
        raise NotImplementedError

    def build(self, circuit: BitCircuit) -> None:
        """Write the gates."""
        raise NotImplementedError

    @property
    def ctrl(self) -> Bit | None:
        """The control; None where there is none."""
        return "ctrl" if self.is_controlled else None

    @cached_property
    def signature(self) -> Signature:
        sizes: dict[str, int | None] = {"ctrl": None} if self.is_controlled else {}
        sizes |= self.bit_registers()
        return Signature(
            [
                Register(name, QBit(), shape=() if size is None else (size,), side=Side.THRU)
                for name, size in sizes.items()
                if size is None or size > 0
            ]
        )

    def boundary_bits(self) -> list[Bit]:
        """Return the names of all bits in wire order: by register, most significant bit of an integer first."""
        names: list[Bit] = ["ctrl"] if self.is_controlled else []
        for register, size in self.bit_registers().items():
            names += [register] if size is None else self.bits(register)
        return names

    @cached_property
    def _counted(self) -> CallCounter:
        counter = CallCounter(len(self.boundary_bits()))
        self.build(counter)
        return counter

    @property
    def width(self) -> int:
        """Peak number of live bits, in the order the gates are written."""
        return self._counted.peak

    def my_static_costs(self, cost_key: CostKey) -> int:
        """State the width; every other cost comes from the call graph."""
        return self.width if isinstance(cost_key, QubitCount) else NotImplemented

    def bits(self, register: str) -> list[Bit]:
        """Return the bit names of a register, least significant first."""
        return [(register, i) for i in range(self.bit_registers()[register] or 0)]

    def build_composite_bloq(self, bb: BloqBuilder, **soquets: SoquetT) -> dict[str, SoquetT]:
        wires: dict[Bit, SoquetT] = {}
        for name, value in soquets.items():
            if isinstance(value, np.ndarray):
                wires |= {(name, i): wire for i, wire in enumerate(value)}
            else:
                wires[name] = value
        circuit = BloqWriter(bb, wires)
        self.build(circuit)
        return {
            name: np.array([wires[name, i] for i in range(len(value))])
            if isinstance(value, np.ndarray)
            else wires[name]
            for name, value in soquets.items()
        }

    def build_call_graph(self, ssa: SympySymbolAllocator) -> dict[Bloq, int]:
        return dict(self._counted.calls)

    def adjoint(self) -> Bloq:
        return BitAdjoint(self)

    def get_ctrl_system(self, ctrl_spec: CtrlSpec) -> tuple[Bloq, AddControlledT]:
        plain: Bloq = self
        made: tuple[Bloq, AddControlledT] = get_ctrl_system_1bit_cv_from_bloqs(
            self,
            ctrl_spec,
            current_ctrl_bit=1 if self.is_controlled else None,
            bloq_with_ctrl=attrs.evolve(plain, is_controlled=True),
            ctrl_reg_name="ctrl",
        )
        return made


@attrs.frozen(cache_hash=True)
class BitAdjoint(AdjointWithSpecializedCtrl):
    """The adjoint of a bit bloq, controlled as that is; of one field, so that Qualtran serializes it.

    Args:
        subbloq: the bloq.
    """

    subbloq: Bloq
    specialize_on_ctrl: SpecializeOnCtrlBit = attrs.field(default=SpecializeOnCtrlBit.ONE, init=False)
