"""Gate descriptions on named bits.

A bit bloq states its gates once, in `build(circuit)`, and every reader of them is a `BitCircuit` (module bit_bloq has
the decomposition and the counts, the emitter the circuit): all walk the same calls, which makes "counted = decomposed
= emitted" true by construction. Work bits come from `and_`, `work` and `allocate`, and every one is given back.

In place of a control None stands for no condition: `cx(None, target)` is `x(target)`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from typing import TypeVar

from qualtran import Bloq
from qualtran.bloqs.basic_gates import CNOT, CZ, Hadamard, Ry, XGate, ZGate

Bit = Hashable
"""The name of one bit: a register name, or (register name, index)."""
Item = TypeVar("Item", bound=Hashable)
_X, _H, _Z, _CX, _CZ = XGate(), Hadamard(), ZGate(), CNOT(), CZ()


class BitCircuit(ABC):
    """What `BitBloq.build` writes to. Bits are names; `target` arguments come last."""

    @abstractmethod
    def call(self, bloq: Bloq, **bits: Bit | Sequence[Bit]) -> None:
        """Apply `bloq`, each register given the bit or the list of bits it acts on; None and no bits are left out."""

    @abstractmethod
    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None: ...

    @abstractmethod
    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None: ...

    @abstractmethod
    def allocate(self) -> Bit:
        """Return a new bit in |0>."""

    @abstractmethod
    def free(self, bit: Bit) -> None:
        """Give back a bit that is in |0>."""

    @abstractmethod
    def relabel(self, a: Bit, b: Bit) -> None:
        """Exchange two bits by name: no gate."""

    def each(self, kinds: Iterable[Item], write: Callable[[Item], None], repeats: int = 1) -> None:
        """Apply `write(kind)` for each kind in turn: it depends on the kind alone and gives back its work bits.

        All of them are repeated so often. A counter reads each distinct kind once, so a million equal rounds are
        counted as fast as one.
        """
        for kind in chain.from_iterable(repeat(tuple(kinds), repeats)):
            write(kind)

    def __init__(self) -> None:
        self._fresh = 0

    def _new_name(self) -> Bit:
        self._fresh += 1
        return ("work", self._fresh)

    @contextmanager
    def work(self, size: int) -> Iterator[list[Bit]]:
        """Yield new bits in |0>, which must be |0> again at the end."""
        bits = [self.allocate() for _ in range(size)]
        yield bits
        for bit in bits:
            self.free(bit)

    @contextmanager
    def active(self, control: Bit | None) -> Iterator[Bit]:
        """Yield the control, or where there is none a new bit that is 1."""
        if control is not None:
            yield control
            return
        with self.work(1) as (one,):
            self.x(one)
            yield one
            self.x(one)

    def x(self, bit: Bit) -> None:
        """Flip `bit`."""
        self.call(_X, q=bit)

    def h(self, bit: Bit) -> None:
        """Hadamard."""
        self.call(_H, q=bit)

    def z(self, bit: Bit) -> None:
        """Phase flip."""
        self.call(_Z, q=bit)

    def cx(self, control: Bit | None, target: Bit) -> None:
        """Flip `target` where `control` is 1."""
        if control is None:
            self.x(target)
        else:
            self.call(_CX, ctrl=control, target=target)

    def cz(self, control: Bit | None, bit: Bit) -> None:
        """Phase flip where both are 1."""
        if control is None:
            self.z(bit)
        else:
            self.call(_CZ, q1=control, q2=bit)

    def ry(self, angle: float, target: Bit, eps: float) -> None:
        """Rotate by exp(-i angle Y / 2)."""
        self.call(Ry(angle, eps=eps), q=target)

    def and_(self, a: Bit, b: Bit, values: tuple[int, int] = (1, 1)) -> Bit:
        """Return a new bit [a = values[0] and b = values[1]]: one Toffoli."""
        target = self._new_name()
        self._compute_and(a, b, values, target)
        return target

    def erase_and(self, a: Bit, b: Bit, target: Bit, values: tuple[int, int] = (1, 1)) -> None:
        """Give back what `and_` returned."""
        self._erase_and(a, b, values, target)

    @contextmanager
    def conjunction(self, bits: Sequence[Bit | None], values: Sequence[int] | None = None) -> Iterator[Bit]:
        """Yield a bit that is 1 where every bit has its value (default 1); len(bits) - 1 Toffoli.

        A single bit with value 1 is yielded as it is; with value 0 it is flipped for the duration. A bit that is None
        is left out with its value; None is yielded where there is none.
        """
        wanted = [1] * len(bits) if values is None else values
        conditions = [pair for pair in zip(bits, wanted, strict=True) if pair[0] is not None]
        if len(conditions) <= 1:
            ((bit, wanted_value),) = conditions or [(None, 1)]
            if wanted_value == 0:
                self.x(bit)
            yield bit
            if wanted_value == 0:
                self.x(bit)
            return
        steps: list[tuple[Bit, Bit, Bit, tuple[int, int]]] = []
        last, value = conditions[0]
        for bit, wanted_value in conditions[1:]:
            target = self.and_(last, bit, (value, wanted_value))
            steps.append((last, bit, target, (value, wanted_value)))
            last, value = target, 1
        yield last
        for a, b, target, pair in reversed(steps):
            self.erase_and(a, b, target, pair)

    def flip(self, target: Bit, bits: Sequence[Bit | None], values: Sequence[int] | None = None) -> None:
        """Flip `target` where every bit has its value (default 1)."""
        with self.conjunction(bits, values) as all_:
            self.cx(all_, target)

    def flip_unless_zero(self, target: Bit, bits: Sequence[Bit], control: Bit | None) -> None:
        """Flip `target` where `control` is 1 and some bit is 1."""
        self.cx(control, target)
        self.flip(target, [control, *bits], [1] + [0] * len(bits))

    def cswap(self, control: Bit, a: Bit, b: Bit) -> None:
        """Exchange a and b where `control` is 1: one Toffoli."""
        self.cx(b, a)
        self.flip(b, [control, a])
        self.cx(b, a)

    def xor(self, constant: int, target: Sequence[Bit], control: Bit | None = None) -> None:
        """Flip the bits of `target`, least significant first, that are 1 in `constant`, where `control` is 1."""
        for position, bit in enumerate(target):
            if constant >> position & 1:
                self.cx(control, bit)

    def negate(self, control: Bit | None, bit: Bit) -> None:
        """The phase -1 where `control` is 1: on it, or as Z X Z X on any bit."""
        if control is not None:
            self.z(control)
            return
        for _ in range(2):
            self.z(bit)
            self.x(bit)
