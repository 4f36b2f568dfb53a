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

References: [gslw2019] arXiv:1806.01838, Theorem 17 and Corollary 18 (conventions derived here and tested on
non-normal matrices).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from qualtran import AddControlledT, Bloq, BloqBuilder, CtrlSpec, DecomposeTypeError, QAny, Signature, SoquetT
from qualtran.bloqs.basic_gates import Hadamard
from qualtran.bloqs.mcmt.specialized_ctrl import get_ctrl_system_1bit_cv_from_bloqs
from qualtran.resource_counting import (
    BloqCountDictT,
    CostKey,
    QubitCount,
    SympySymbolAllocator,
    get_cost_value,
)
from qualtran.symbolics import HasLength, SymbolicFloat, SymbolicInt

from carlemanc.solvers.projector_phase import ProjectorPhase

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

    Registers:
        system: the block encoding's.
        ancilla: real-part flag (most significant) and the block encoding's ancillas.
    """

    block_encoding: Bloq
    phases: tuple[float, ...] | HasLength = attrs.field(converter=_hashable)
    eps: SymbolicFloat = 1e-11
    adjoint_first: bool = True

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
        return Signature.build_from_dtypes(
            system=QAny(self.system_bitsize), ancilla=QAny(self.ancilla_bitsize)
        )

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

    def build_composite_bloq(self, bb: BloqBuilder, system: SoquetT, ancilla: SoquetT) -> dict[str, SoquetT]:
        """Last phase first in time, queries between them."""
        phases = self.known_phases()
        wires = split_flag(bb, ancilla)
        wires["flag"] = bb.add(Hadamard(), q=wires["flag"])
        for step, phi in enumerate(reversed(phases)):
            if step:
                system = add_query(bb, self.query(step - 1), system, wires)
            wires = bb.add_d(self.phase(phi), **wires)
        wires["flag"] = bb.add(Hadamard(), q=wires["flag"])
        return {"system": system, "ancilla": join_flag(bb, wires)}

    def phase(self, phi: float, controls: int = 0) -> ProjectorPhase:
        """Return one projector phase of this sequence."""
        return ProjectorPhase(self.block_bitsize, phi, self.eps, controls)

    def phase_counts(self, controls: int = 0) -> Iterator[tuple[Bloq, SymbolicInt]]:
        """Yield each distinct projector phase with its multiplicity."""
        if isinstance(self.phases, HasLength):
            yield self.phase(GENERIC_PHASE, controls), self.phases.n
        else:
            for phi, number in Counter(self.phases).items():
                yield self.phase(phi, controls), number

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """d queries, d + 1 phases, two H."""
        counts: BloqCountDictT = {Hadamard(): 2, **dict(self.phase_counts())}
        for step, number in ((0, (self.degree + 1) // 2), (1, self.degree // 2)):
            query = self.query(step)
            if number != 0:
                counts[query] = counts.get(query, 0) + number
        return counts

    def my_static_costs(self, cost_key: CostKey) -> Any:
        """Width without walking d queries: the wider of a query and a projector phase."""
        if not isinstance(cost_key, QubitCount):
            return NotImplemented
        query = get_cost_value(self.block_encoding, cost_key) + 1  # its adjoint is as wide
        return max(query, get_cost_value(self.phase(GENERIC_PHASE), cost_key) + self.system_bitsize)

    def get_ctrl_system(self, ctrl_spec: CtrlSpec) -> tuple[Bloq, AddControlledT]:
        """Control the phases and, for odd degree, the last query: see `ControlledQSVT`."""
        from carlemanc.solvers.controlled_qsvt import ControlledQSVT

        return get_ctrl_system_1bit_cv_from_bloqs(
            self, ctrl_spec, current_ctrl_bit=None, bloq_with_ctrl=ControlledQSVT(self), ctrl_reg_name="ctrl"
        )

    def __str__(self) -> str:
        return f"QSVT[{self.block_encoding}, d={self.degree}]"


def split_flag(bb: BloqBuilder, ancilla: SoquetT) -> dict[str, SoquetT]:
    """Return the real-part flag and, if there are any, the block ancillas as one register."""
    flag, *rest = bb.split(ancilla)
    return {"flag": flag} | ({"ancilla": bb.join(np.array(rest), dtype=QAny(len(rest)))} if rest else {})


def join_flag(bb: BloqBuilder, wires: dict[str, SoquetT]) -> SoquetT:
    """Undo `split_flag`."""
    rest = list(bb.split(wires["ancilla"])) if "ancilla" in wires else []
    return bb.join(np.array([wires["flag"], *rest]), dtype=QAny(len(rest) + 1))


def add_query(bb: BloqBuilder, query: Bloq, system: SoquetT, wires: dict[str, SoquetT]) -> SoquetT:
    """Add one query, updating the block ancillas in `wires`; return the system register."""
    out = bb.add_d(query, system=system, **{name: wires[name] for name in wires if name == "ancilla"})
    wires |= {name: out[name] for name in out if name == "ancilla"}
    return out["system"]
