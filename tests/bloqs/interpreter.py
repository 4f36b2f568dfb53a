"""A third reading of `BitBloq.build`, independent of Qualtran and of the emitter: it acts on a dictionary state."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from qualtran import Adjoint, Bloq
from qualtran.bloqs.basic_gates import CNOT, CZ, Hadamard, Ry, XGate, ZGate

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


class Interpreter(BitCircuit):
    """State: {frozenset of the global bits that are 1: amplitude}; `names` maps local names to global bits."""

    def __init__(self, state: dict[frozenset[Any], float], names: dict[Bit, Any] | None = None) -> None:
        super().__init__()
        self.state = state
        self.names: dict[Bit, Any] = names if names is not None else {}
        self.fresh = [0]

    def _bit(self, name: Bit) -> Any:
        return self.names.get(name, name)

    def allocate(self) -> Bit:
        name = self._new_name()
        self.fresh[0] += 1
        self.names[name] = ("global", self.fresh[0])
        return name

    def free(self, bit: Bit) -> None:
        assert all(self._bit(bit) not in key for key, a in self.state.items() if abs(a) > 1e-12), (
            "freed a dirty bit"
        )
        del self.names[bit]

    def relabel(self, a: Bit, b: Bit) -> None:
        self.names[a], self.names[b] = self._bit(b), self._bit(a)

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self.fresh[0] += 1
        self.names[target] = ("global", self.fresh[0])
        self._flip_where(a, b, values, target)

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self._flip_where(a, b, values, target)
        self.free(target)

    def _flip_where(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        a, b, target = self._bit(a), self._bit(b), self._bit(target)
        self._permute(lambda k: k ^ {target} if ((a in k), (b in k)) == tuple(map(bool, values)) else k)

    def _permute(self, image: Any) -> None:
        self.state = {image(key): amplitude for key, amplitude in self.state.items()}

    def _branch(self, bit: Any, matrix: list[list[float]]) -> None:
        new: defaultdict[frozenset[Any], float] = defaultdict(float)
        for key, amplitude in self.state.items():
            column = int(bit in key)
            new[key - {bit}] += matrix[0][column] * amplitude
            new[key | {bit}] += matrix[1][column] * amplitude
        self.state = {key: a for key, a in new.items() if abs(a) > 1e-15}

    def call(self, bloq: Bloq, **bits: Any) -> None:
        bits = {register: on for register, on in bits.items() if on is not None and on != []}
        if isinstance(bloq, Adjoint):
            Recorded(self, bloq.subbloq, bits).play_backward()
        elif isinstance(bloq, BitBloq):
            names = {}
            for register, on in bits.items():
                if isinstance(on, list):
                    names |= {(register, i): self._bit(bit) for i, bit in enumerate(on)}
                else:
                    names[register] = self._bit(on)
            inner = Interpreter(self.state, names)
            inner.fresh = self.fresh
            bloq.build(inner)
            self.state = inner.state
            for register, on in bits.items():  # a bloq may exchange its own bits by relabeling
                for i, bit in enumerate(on if isinstance(on, list) else [on]):
                    local = (register, i) if isinstance(on, list) else register
                    self.names[bit] = inner._bit(local)
        else:
            self._gate(bloq, bits)

    def _gate(self, bloq: Bloq, bits: dict[str, Any]) -> None:
        r = math.sqrt(0.5)
        if isinstance(bloq, CNOT):
            control, target = self._bit(bits["ctrl"]), self._bit(bits["target"])
            self._permute(lambda k: k ^ {target} if control in k else k)
        elif isinstance(bloq, CZ):
            a, b = (self._bit(bits[name]) for name in ("q1", "q2"))
            self.state = {k: -v if a in k and b in k else v for k, v in self.state.items()}
        else:
            bit = self._bit(bits["q"])
            if isinstance(bloq, XGate):
                self._permute(lambda k: k ^ {bit})
            elif isinstance(bloq, ZGate):
                self.state = {k: -v if bit in k else v for k, v in self.state.items()}
            elif isinstance(bloq, Hadamard):
                self._branch(bit, [[r, r], [r, -r]])
            elif isinstance(bloq, Ry):
                c, s = math.cos(bloq.angle / 2), math.sin(bloq.angle / 2)
                self._branch(bit, [[c, -s], [s, c]])
            else:
                raise TypeError(f"no action for {bloq}")


class Recorded(BitCircuit):
    """Records the calls of a bloq, to play them backward."""

    def __init__(self, host: Interpreter, bloq: Bloq, bits: dict[str, Any]) -> None:
        super().__init__()
        self.host, self.steps, self.names = host, [], {}
        for register, on in bits.items():
            if isinstance(on, list):
                self.names |= {(register, i): bit for i, bit in enumerate(on)}
            else:
                self.names[register] = on
        assert isinstance(bloq, BitBloq)
        bloq.build(self)

    def _name(self, bit: Bit) -> Bit:
        return self.names.get(bit, (id(self), bit))

    def _on(self, bits: dict[str, Any]) -> dict[str, Any]:
        return {
            r: [self._name(b) for b in on] if isinstance(on, list) else self._name(on)
            for r, on in bits.items()
        }

    def call(self, bloq: Bloq, **bits: Any) -> None:
        self.steps.append(("call", bloq, self._on(bits)))

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self.steps.append(("and", self._name(a), self._name(b), values, self._name(target)))

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self.steps.append(("erase", self._name(a), self._name(b), values, self._name(target)))

    def allocate(self) -> Bit:
        raise NotImplementedError

    free = relabel = allocate  # type: ignore[assignment]

    def play_backward(self) -> None:
        for kind, *arguments in reversed(self.steps):
            if kind == "call":
                self.host.call(arguments[0].adjoint(), **arguments[1])
            elif kind == "and":
                self.host._erase_and(*arguments)
            else:
                self.host._compute_and(*arguments)


def act(bloq: Bloq, ones: list[Any]) -> dict[frozenset[Any], float]:
    """Apply `bloq` to the basis state whose bits named in `ones` are 1; the bits keep the register names."""
    interpreter = Interpreter({frozenset(ones): 1.0})
    bloq.build(interpreter)
    local = {place: name for name, place in interpreter.names.items() if name != place}  # after relabeling
    return {frozenset(local.get(bit, bit) for bit in key): a for key, a in interpreter.state.items()}
