r"""The rotation between two queries: $e^{i\varphi Z \otimes (2\Pi - 1)}$, $\Pi$ = all block ancillas zero.

`ZeroTest` computes the projector's bit once by a tree of ANDs and `ProjectorPhase` keeps it over the
rotation, so a projector phase costs one AND per ancilla beyond the first and one Rz (a pair of
multi-controlled X costs twice the ANDs). The flag carries the sign: on flag 0 the phase is $+\varphi$, on
flag 1 $-\varphi$, which makes H ... H around the sequence the real part of the polynomial.

References: [gslw2019] Gilyén, Su, Low, Wiebe, arXiv:1806.01838, Fig. 1 and Corollary 18; QUALTRAN section 4.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property

import attrs
import numpy as np
from qualtran import (
    Bloq,
    BloqBuilder,
    DecomposeTypeError,
    QAny,
    QBit,
    Register,
    Side,
    Signature,
    SoquetT,
)
from qualtran.bloqs.basic_gates import CNOT, Rz, XGate
from qualtran.bloqs.mcmt import And
from qualtran.resource_counting import BloqCountDictT, CostKey, QubitCount, SympySymbolAllocator
from qualtran.symbolics import SymbolicFloat, SymbolicInt, is_symbolic


@attrs.frozen(cache_hash=True)
class ZeroTest(Bloq):
    """Negate `ancilla` and write into the last wire of `work` whether it was all zero (and `ctrl` one).

    The ancillas stay negated until the adjoint runs. Costs `bits + controls - 1` ANDs of depth log2.

    Args:
        bits: number of wires tested for zero.
        controls: 0 or 1 wires tested for one.

    Registers:
        ctrl: the wire tested for one, shape (1,), present if `controls` is 1.
        ancilla: the wires tested for zero.
        work [right]: (bits + controls - 1,) partial results; the last one is the answer.
    """

    bits: SymbolicInt
    controls: int = 0

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        ctrl = [Register("ctrl", QBit(), shape=(1,))] if self.controls else []
        work = Register("work", QBit(), shape=(self.bits + self.controls - 1,), side=Side.RIGHT)
        return Signature([*ctrl, Register("ancilla", QAny(self.bits)), work])

    def build_composite_bloq(self, bb: BloqBuilder, **soqs: SoquetT) -> dict[str, SoquetT]:
        """Negate, then AND the wires pairwise, first come first served: a balanced tree."""
        if is_symbolic(self.bits):
            raise DecomposeTypeError(f"cannot decompose symbolic {self}")
        wires: list[SoquetT] = [*soqs.get("ctrl", ()), *bb.split(soqs["ancilla"])]
        for i in range(self.controls, len(wires)):
            wires[i] = bb.add(XGate(), q=wires[i])
        waiting = deque(range(len(wires)))
        inputs = len(wires)
        while len(waiting) > 1:
            one, two = waiting.popleft(), waiting.popleft()
            (wires[one], wires[two]), target = bb.add(And(), ctrl=np.array([wires[one], wires[two]]))
            waiting.append(len(wires))
            wires.append(target)
        ctrl = {"ctrl": np.array(wires[:1])} if self.controls else {}
        ancilla = bb.join(np.array(wires[self.controls : inputs]), dtype=QAny(self.bits))
        return ctrl | {"ancilla": ancilla, "work": np.array(wires[inputs:])}

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """One AND per tested wire beyond the first."""
        return {XGate(): self.bits, And(): self.bits + self.controls - 1}


@attrs.frozen(cache_hash=True)
class ProjectorPhase(Bloq):
    r"""$e^{i\varphi Z_{flag} (2\Pi - 1)}$ with $\Pi = |0\rangle\langle 0|$ on `ancilla` (and |1> on `ctrl`).

    With `controls` 1 and ctrl = 0 it is therefore $e^{-i\varphi Z_{flag}}$, not the identity: a whole
    sequence of them is corrected once (see `QSVT`), which costs one AND per phase instead of one
    more rotation.

    Args:
        bits: number of block ancillas.
        phi: the phase, radians.
        eps: synthesis precision of the rotation.
        controls: 0 or 1.

    Registers:
        ctrl: present if `controls` is 1.
        flag: its |0> component sees +phi, its |1> component -phi.
        ancilla: the block ancillas; absent if `bits` is 0.
    """

    bits: SymbolicInt
    phi: SymbolicFloat
    eps: SymbolicFloat = 1e-11
    controls: int = 0

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        return Signature.build_from_dtypes(
            **({"ctrl": QBit()} if self.controls else {}), flag=QBit(), ancilla=QAny(self.bits)
        )

    def adjoint(self) -> ProjectorPhase:
        """The opposite phase."""
        return attrs.evolve(self, phi=-self.phi)

    def build_composite_bloq(self, bb: BloqBuilder, flag: SoquetT, **soqs: SoquetT) -> dict[str, SoquetT]:
        """XOR the projector's bit onto the flag, rotate, undo: Z of the flag becomes -Z (2 Pi - 1)."""
        if is_symbolic(self.bits):
            raise DecomposeTypeError(f"cannot decompose symbolic {self}")
        if self.bits + self.controls == 0:
            return {"flag": bb.add(Rz(-2 * self.phi, eps=self.eps), q=flag)}
        if self.bits == 0:
            soqs["ctrl"], flag = self._rotate(bb, soqs["ctrl"], flag)
        elif self.bits + self.controls == 1:
            wire = bb.add(XGate(), q=soqs["ancilla"])
            wire, flag = self._rotate(bb, wire, flag)
            soqs["ancilla"] = bb.add(XGate(), q=wire)
        else:
            soqs, flag = self._test_and_rotate(bb, soqs, flag)
        return soqs | {"flag": flag}

    def _test_and_rotate(
        self, bb: BloqBuilder, soqs: dict[str, SoquetT], flag: SoquetT
    ) -> tuple[dict[str, SoquetT], SoquetT]:
        test = ZeroTest(self.bits, self.controls)
        tested = {name: np.array([soquet]) if name == "ctrl" else soquet for name, soquet in soqs.items()}
        out = bb.add_d(test, **tested)
        out["work"][-1], flag = self._rotate(bb, out["work"][-1], flag)
        out = bb.add_d(test.adjoint(), **out)
        return {name: out[name][0] if name == "ctrl" else out[name] for name in soqs}, flag

    def _rotate(self, bb: BloqBuilder, bit: SoquetT, flag: SoquetT) -> tuple[SoquetT, SoquetT]:
        bit, flag = bb.add(CNOT(), ctrl=bit, target=flag)
        flag = bb.add(Rz(2 * self.phi, eps=self.eps), q=flag)
        bit, flag = bb.add(CNOT(), ctrl=bit, target=flag)
        return bit, flag

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """One rotation; the zero test and its adjoint where there is more than one wire to test."""
        tested = self.bits + self.controls
        if tested == 0:
            return {Rz(-2 * self.phi, eps=self.eps): 1}
        counts: BloqCountDictT = {Rz(2 * self.phi, eps=self.eps): 1, CNOT(): 2}
        if is_symbolic(tested) or tested > 1:
            test = ZeroTest(self.bits, self.controls)
            counts |= {test: 1, test.adjoint(): 1}
        elif self.bits == 1:
            counts |= {XGate(): 2}
        return counts

    def my_static_costs(self, cost_key: CostKey) -> SymbolicInt:
        """State the width, the same for every phase: flag, tested wires and their partial results."""
        if not isinstance(cost_key, QubitCount):
            return NotImplemented
        tested = self.bits + self.controls
        return 1 + tested + (tested - 1 if is_symbolic(tested) or tested > 1 else 0)
