r"""Quantum singular value transformation of a block encoding, real part included.

For a block encoding with block $A/\alpha = W \Sigma V^\dagger$, R-convention phases (module phase_factors) of
a real polynomial f and the query applied first being $U$ or $U^\dagger$, the block of the circuit (all
ancillas zero) is

* first query $U^\dagger$, odd degree: $V f(\Sigma) W^\dagger$, the polynomial of $A^\dagger$: with f near
$s/x$ it is
  $s \alpha A^{-1}$; it ends with $U^\dagger$ too;
* first query $U$, odd degree: $W f(\Sigma) V^\dagger$;
* even degree: $V f(\Sigma) V^\dagger$ after $U$ first, $W f(\Sigma) W^\dagger$ after $U^\dagger$ first.

The real-part flag is the most significant ancilla: between two H its components see the phases and their
negatives, so the block is exactly Re of the sequence's polynomial, sign +, with no global phase left over.

Under a control one query is controlled at most: with every projector phase switched off, H...H and the queries
cancel in pairs; for even degree nothing is left, for odd degree the last query, the only one that is controlled.
A phase is switched by taking the control into its zero test (one AND more); for control 0 that leaves
$e^{-i\varphi_k Z}$ on the flag, and all of them together are undone by one controlled rotation by $\sum_k
\varphi_k$ (derived here).

References: [gslw2019] arXiv:1806.01838, Theorem 17 and Corollary 18 (conventions derived here and tested on
non-normal matrices).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

import attrs
import numpy as np
from qualtran import (
    AddControlledT,
    Adjoint,
    Bloq,
    BloqBuilder,
    CtrlSpec,
    DecomposeTypeError,
    QAny,
    QBit,
    Register,
    Signature,
    SoquetT,
)
from qualtran.bloqs.basic_gates import CNOT, Hadamard, Rz
from qualtran.bloqs.mcmt.specialized_ctrl import get_ctrl_system_1bit_cv_from_bloqs
from qualtran.resource_counting import (
    BloqCountDictT,
    CostKey,
    QubitCount,
    SympySymbolAllocator,
    get_cost_value,
)
from qualtran.symbolics import HasLength, SymbolicFloat, SymbolicInt

from carlemanc.methods.projector_phase import ProjectorPhase

GENERIC_PHASE = 1.0
"""The phase (radians) that stands for each of `HasLength` unknown ones when counting: no multiple of pi/4."""


def _hashable(phases: Iterable[float] | HasLength) -> tuple[float, ...] | HasLength:
    return phases if isinstance(phases, HasLength) else tuple(float(phi) for phi in phases)


@attrs.frozen(cache_hash=True)
class QSVT(Bloq):
    """The alternating sequence of queries and projector phases between two Hadamards on the real-part flag.

    Args:
        block_encoding: bloq with registers `system` and, unless it needs none, `ancilla`.
        phases: (d+1,) R-convention phases, the first one applied last; or `HasLength(d + 1)`: counted only.
        eps: synthesis precision of each of the d+1 rotations.
        adjoint_first: whether the query applied first (in time) is the adjoint: true for inversion.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        ctrl: present if `is_controlled`.
        system: the block encoding's.
        ancilla: real-part flag (most significant) and the block encoding's ancillas.
    """

    block_encoding: Bloq
    phases: tuple[float, ...] | HasLength = attrs.field(converter=_hashable)
    eps: SymbolicFloat = 1e-11
    adjoint_first: bool = True
    is_controlled: bool = False

    @property
    def degree(self) -> SymbolicInt:
        """Number of queries."""
        return (self.phases.n if isinstance(self.phases, HasLength) else len(self.phases)) - 1

    @property
    def system_bitsize(self) -> SymbolicInt:
        """Wires of the system register."""
        return self.block_encoding.signature.get_left("system").bitsize

    @cached_property
    def block_bitsize(self) -> SymbolicInt:
        """Wires of the block encoding's own ancilla register."""
        lefts = {register.name: register.bitsize for register in self.block_encoding.signature.lefts()}
        return lefts.get("ancilla", 0)

    @property
    def ancilla_bitsize(self) -> SymbolicInt:
        """Wires that are |0> on success."""
        return self.block_bitsize + 1

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        ctrl = [Register("ctrl", QBit())] if self.is_controlled else []
        system, ancilla = QAny(self.system_bitsize), QAny(self.ancilla_bitsize)
        return Signature([*ctrl, Register("system", system), Register("ancilla", ancilla)])

    def query(self, step: int) -> Bloq:
        """Return the query applied after `step` others."""
        return self._adjoint_query if self.adjoint_first ^ bool(step % 2) else self.block_encoding

    @cached_property
    def _adjoint_query(self) -> Bloq:
        return self.block_encoding.adjoint()

    def known_phases(self) -> tuple[float, ...]:
        """Return the phases; raises DecomposeTypeError where only their number is known."""
        if isinstance(self.phases, HasLength):
            raise DecomposeTypeError(f"only the number of phases is known: {self}")
        return self.phases

    def adjoint(self) -> QSVT:
        """The reversed sequence with opposite phases: the polynomial of the adjoint matrix."""
        first = self.adjoint_first ^ bool(self.degree % 2)
        if isinstance(self.phases, HasLength):
            return attrs.evolve(self, adjoint_first=first)
        return attrs.evolve(self, phases=tuple(-phi for phi in reversed(self.phases)), adjoint_first=first)

    def build_composite_bloq(
        self, bb: BloqBuilder, system: SoquetT, ancilla: SoquetT, **ctrl: SoquetT
    ) -> dict[str, SoquetT]:
        """Last phase first in time, queries between them."""
        phases = self.known_phases()
        flag, *block = bb.split(ancilla)
        wires = ctrl | {"flag": bb.add(Hadamard(), q=flag)}
        if block:
            wires["ancilla"] = bb.join(np.array(block), dtype=QAny(len(block)))
        for step, phi in enumerate(reversed(phases)):
            if step:
                system = self._add_query(bb, step - 1, system, wires)
            wires = bb.add_d(self.phase(phi), **wires)
        if self.is_controlled:
            self._undo_phases(bb, wires)
        flag = bb.add(Hadamard(), q=wires.pop("flag"))
        block = list(bb.split(wires.pop("ancilla"))) if block else []
        return wires | {
            "system": system,
            "ancilla": bb.join(np.array([flag, *block]), dtype=QAny(len(block) + 1)),
        }

    def _add_query(self, bb: BloqBuilder, step: int, system: SoquetT, wires: dict[str, SoquetT]) -> SoquetT:
        """Add one query, updating the block ancillas and the control in `wires`; return the system register."""
        query = self.query(step)
        registers = {"system": system, **{name: wires[name] for name in wires if name == "ancilla"}}
        if step == self.degree - 1 and self._is_last_query_controlled:
            (wires["ctrl"],), outputs = self._controlled_query[1](bb, [wires["ctrl"]], registers)
            names = (register.name for register in query.signature.rights())
            registers = dict(zip(names, outputs, strict=True))
        else:
            registers = bb.add_d(query, **registers)
        system = registers.pop("system")
        wires |= registers
        return system

    def _undo_phases(self, bb: BloqBuilder, wires: dict[str, SoquetT]) -> None:
        """Apply exp(i total Z_flag (1 + Z_ctrl)/2): with control 0 each phase is exp(-i phi Z_flag)."""
        for _ in range(2):
            wires["flag"] = bb.add(self._half_of_phases, q=wires["flag"])
            wires["ctrl"], wires["flag"] = bb.add(CNOT(), ctrl=wires["ctrl"], target=wires["flag"])

    @property
    def _half_of_phases(self) -> Rz:
        if isinstance(self.phases, HasLength):
            return Rz(-GENERIC_PHASE, eps=self.eps)
        return Rz(-math.remainder(math.fsum(self.phases), 2 * math.pi), eps=self.eps)

    @property
    def _is_last_query_controlled(self) -> bool:
        return self.is_controlled and bool(self.degree % 2)

    @cached_property
    def _controlled_query(self) -> tuple[Bloq, AddControlledT]:
        bloq, add = self.query(self.degree - 1).get_ctrl_system(CtrlSpec())
        return bloq, add

    def phase(self, phi: float) -> ProjectorPhase:
        """Return one projector phase of this sequence."""
        return ProjectorPhase(self.block_bitsize, phi, self.eps, int(self.is_controlled))

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """d queries (under a control the last of an odd number controlled), d + 1 phases, two H, one correction."""
        counts: Counter[Bloq] = Counter({Hadamard(): 2})
        if self.is_controlled:
            counts.update({CNOT(): 2, self._half_of_phases: 2})
        phases = self.phases
        distinct = {GENERIC_PHASE: phases.n} if isinstance(phases, HasLength) else Counter(phases)
        for phi, number in distinct.items():
            counts[self.phase(phi)] += number
        controlled = int(self._is_last_query_controlled)
        for step, number in ((0, (self.degree + 1) // 2 - controlled), (1, self.degree // 2)):
            if number != 0:
                counts[self.query(step)] += number
        if controlled:
            counts[self._controlled_query[0]] += 1
        return dict(counts)

    def my_static_costs(self, cost_key: CostKey) -> SymbolicInt:
        """Width without walking d queries: the wider of a query and a projector phase."""
        if not isinstance(cost_key, QubitCount):
            return NotImplemented
        query = _width_of(self.block_encoding, cost_key) + 1 + self.is_controlled
        phase = get_cost_value(self.phase(GENERIC_PHASE), cost_key) + self.system_bitsize
        if not self._is_last_query_controlled:
            return max(query, phase)
        return max(query, phase, _width_of(self._controlled_query[0], cost_key) + 1)

    def get_ctrl_system(self, ctrl_spec: CtrlSpec) -> tuple[Bloq, AddControlledT]:
        """Control the phases and, for odd degree, the last query; reduce further controls to this one by ANDs."""
        bloq, add = get_ctrl_system_1bit_cv_from_bloqs(
            self,
            ctrl_spec,
            current_ctrl_bit=1 if self.is_controlled else None,
            bloq_with_ctrl=attrs.evolve(self, is_controlled=True),
            ctrl_reg_name="ctrl",
        )
        return bloq, add

    def __str__(self) -> str:
        plain = f"QSVT[{self.block_encoding}, d={self.degree}]"
        return f"C[{plain}]" if self.is_controlled else plain


def _width_of(bloq: Bloq, cost_key: CostKey) -> SymbolicInt:
    """Return the width of a query: an adjoint is as wide as the bloq, and writing it out takes seconds."""
    width: SymbolicInt = get_cost_value(bloq.subbloq if isinstance(bloq, Adjoint) else bloq, cost_key)
    return width
