r"""QSVT under one control, with one query controlled at most.

With every projector phase switched off, H...H and the queries cancel in pairs: for even degree nothing is
left, for odd degree the last query, the only one that is controlled. A phase is switched by taking the
control into its zero test (one AND more); for control 0 that leaves $e^{-i\varphi_k Z}$ on the flag, and all
of them together are undone by one controlled rotation by $\sum_k \varphi_k$ (derived here).
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import attrs
from qualtran import AddControlledT, Bloq, BloqBuilder, CtrlSpec, QBit, Register, Signature, SoquetT
from qualtran.bloqs.basic_gates import CNOT, Hadamard, Rz
from qualtran.bloqs.mcmt.specialized_ctrl import get_ctrl_system_1bit_cv_from_bloqs
from qualtran.resource_counting import (
    BloqCountDictT,
    CostKey,
    QubitCount,
    SympySymbolAllocator,
    get_cost_value,
)
from qualtran.symbolics import HasLength

from carlemanc.solvers.qsvt import GENERIC_PHASE, QSVT, add_query, join_flag, split_flag


@attrs.frozen(cache_hash=True)
class ControlledQSVT(Bloq):
    """`qsvt` where ctrl is 1, the identity where it is 0.

    Args:
        qsvt: the sequence.

    Registers:
        ctrl: the control.
        system, ancilla: those of `qsvt`.
    """

    qsvt: QSVT

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        return Signature([Register("ctrl", QBit()), *self.qsvt.signature])

    def adjoint(self) -> ControlledQSVT:
        """Control of the adjoint."""
        return ControlledQSVT(self.qsvt.adjoint())

    @property
    def _total_phase(self) -> float:
        if isinstance(self.qsvt.phases, HasLength):
            return GENERIC_PHASE
        return math.remainder(math.fsum(self.qsvt.phases), 2 * math.pi)

    @cached_property
    def _controlled_query(self) -> tuple[Bloq, AddControlledT]:
        return self.qsvt.query(self.qsvt.degree - 1).get_ctrl_system(CtrlSpec())

    def build_composite_bloq(
        self, bb: BloqBuilder, ctrl: SoquetT, system: SoquetT, ancilla: SoquetT
    ) -> dict[str, SoquetT]:
        """Controlled phases, plain queries but for the last of an odd number, one correction."""
        phases = self.qsvt.known_phases()
        wires = split_flag(bb, ancilla)
        wires["flag"] = bb.add(Hadamard(), q=wires["flag"])
        for step, phi in enumerate(reversed(phases)):
            if step == len(phases) - 1 and step % 2:
                ctrl, system = self._add_controlled_query(bb, ctrl, system, wires)
            elif step:
                system = add_query(bb, self.qsvt.query(step - 1), system, wires)
            out = bb.add_d(self.qsvt.phase(phi, controls=1), ctrl=ctrl, **wires)
            ctrl, wires = out.pop("ctrl"), out
        ctrl, wires["flag"] = self._correct(bb, ctrl, wires["flag"])
        wires["flag"] = bb.add(Hadamard(), q=wires["flag"])
        return {"ctrl": ctrl, "system": system, "ancilla": join_flag(bb, wires)}

    def _add_controlled_query(
        self, bb: BloqBuilder, ctrl: SoquetT, system: SoquetT, wires: dict[str, SoquetT]
    ) -> tuple[SoquetT, SoquetT]:
        _, add = self._controlled_query
        inputs = {"system": system, **{name: wires[name] for name in wires if name == "ancilla"}}
        (ctrl,), outputs = add(bb, [ctrl], inputs)
        query = self.qsvt.query(self.qsvt.degree - 1)
        named = dict(zip((register.name for register in query.signature.rights()), outputs, strict=True))
        wires |= {name: named[name] for name in named if name == "ancilla"}
        return ctrl, named["system"]

    def _correct(self, bb: BloqBuilder, ctrl: SoquetT, flag: SoquetT) -> tuple[SoquetT, SoquetT]:
        """Apply exp(i total Z_flag (1 + Z_ctrl)/2)."""
        rotation = Rz(-self._total_phase, eps=self.qsvt.eps)
        flag = bb.add(rotation, q=flag)
        ctrl, flag = bb.add(CNOT(), ctrl=ctrl, target=flag)
        flag = bb.add(rotation, q=flag)
        return bb.add(CNOT(), ctrl=ctrl, target=flag)

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """The counts of the plain sequence, with controlled phases, one query controlled, one correction."""
        degree = self.qsvt.degree
        counts: BloqCountDictT = {
            Hadamard(): 2,
            CNOT(): 2,
            Rz(-self._total_phase, eps=self.qsvt.eps): 2,
            **dict(self.qsvt.phase_counts(controls=1)),
        }
        odd = degree % 2
        for step, number in ((0, (degree + 1) // 2 - odd), (1, degree // 2)):
            query = self.qsvt.query(step)
            if number != 0:
                counts[query] = counts.get(query, 0) + number
        if odd:
            controlled = self._controlled_query[0]
            counts[controlled] = counts.get(controlled, 0) + 1
        return counts

    def my_static_costs(self, cost_key: CostKey) -> Any:
        """Width without walking d queries."""
        if not isinstance(cost_key, QubitCount):
            return NotImplemented
        widths = [get_cost_value(self.qsvt.query(step), cost_key) + 2 for step in (0, 1)]
        if self.qsvt.degree % 2:
            widths.append(get_cost_value(self._controlled_query[0], cost_key) + 1)
        phase = get_cost_value(self.qsvt.phase(GENERIC_PHASE, controls=1), cost_key)
        return max(*widths, phase + self.qsvt.system_bitsize)

    def get_ctrl_system(self, ctrl_spec: CtrlSpec) -> tuple[Bloq, AddControlledT]:
        """Reduce further controls to this one by ANDs."""
        return get_ctrl_system_1bit_cv_from_bloqs(
            self, ctrl_spec, current_ctrl_bit=1, bloq_with_ctrl=self, ctrl_reg_name="ctrl"
        )

    def __str__(self) -> str:
        return f"C[{self.qsvt}]"
