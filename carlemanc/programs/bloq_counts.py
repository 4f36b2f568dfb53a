"""Counts of a bloq from its call graph, without emitting it; equal to the tally of the emitted circuit.

Comes in: a bloq. Goes out: `BloqCounts`. The price of a leaf is the content of its fragment, so there is one price
table; everything above a leaf comes from `build_call_graph`, and the width from `decompose_bloq` (a bloq may state
it through `my_static_costs(QubitCount())`). Tests compare with `tally(emit(bloq))`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import qualtran
from qualtran import LeftDangle
from qualtran.bloqs.basic_gates import Ry
from qualtran.bloqs.bookkeeping import ArbitraryClifford
from qualtran.resource_counting import QubitCount, get_bloq_callee_counts

from carlemanc.core.errors import InternalError
from carlemanc.core.formula import Formula
from carlemanc.programs.angles import eighths, ry_word
from carlemanc.programs.emitter import decompose
from carlemanc.programs.fragment import Fragment
from carlemanc.programs.leaves import leaf_fragment
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import CODE

COUNTS = Formula(
    text="sums over the call graph, which are the rows of the ledger; a Toffoli is a temporary AND of 4 T",
    status="derived here",
    sources=("gidney2018", "harrigan2024"),
    where="equal to the emitted circuit wherever one is emitted",
)
WIDTH = Formula(
    text="the largest number of wires alive at once, freed wires taken again", status="derived here"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BloqCounts:
    """Counts of one bloq with ANDs undone in a given style.

    Args:
        t: T and T-dagger outside ANDs.
        toffoli: AND computations, and uncomputations where they are unitary.
        rotations: |angle| -> number of rz and ry that are no Clifford+T gates.
        measurements: measurements, those that undo ANDs included.
        qubits: width of the circuit.
        and_computed, and_uncomputed: the ANDs themselves.
    """

    t: int
    toffoli: int
    rotations: Mapping[float, int]
    measurements: int
    qubits: int
    and_computed: int
    and_uncomputed: int

    @property
    def rotation_count(self) -> int:
        """Number of rotations."""
        return sum(self.rotations.values())

    @property
    def t_in_file(self) -> int:
        """T gates of the file before rotations are synthesized."""
        return self.t + 4 * self.toffoli


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gates:
    """T gates, ANDs, undone ANDs, explicit measurements, rotations by |angle|."""

    t: int = 0
    computed: int = 0
    undone: int = 0
    measured: int = 0
    rotations: Mapping[float, int] = field(default_factory=dict)

    def adjoint(self) -> _Gates:
        return _Gates(t=self.t, computed=self.undone, undone=self.computed, rotations=self.rotations)


_NOTHING: Final = _Gates()


class BloqCounter:
    """Counts bloqs and remembers every one of them."""

    def __init__(self) -> None:
        self._gates: dict[qualtran.Bloq, _Gates] = {}
        self._widths: dict[qualtran.Bloq, int] = {}
        self._leaves: dict[qualtran.Bloq, Fragment | None] = {}

    def count(self, bloq: qualtran.Bloq, uncompute: Uncompute = "measure") -> BloqCounts:
        """Return the counts of `bloq`."""
        gates = self.gates(bloq)
        unitary = uncompute == "unitary"
        return BloqCounts(
            t=gates.t,
            toffoli=gates.computed + (gates.undone if unitary else 0),
            rotations=MappingProxyType(dict(gates.rotations)),
            measurements=gates.measured + (0 if unitary else gates.undone),
            qubits=self.qubits(bloq),
            and_computed=gates.computed,
            and_uncomputed=gates.undone,
        )

    def gates(self, bloq: qualtran.Bloq) -> _Gates:
        """Return the gate counts of `bloq` from call graphs. Raises InternalError where one is missing."""
        known = self._gates.get(bloq)
        if known is None:
            known = self._gates[bloq] = self._count_gates(bloq)
        return known

    def is_leaf(self, bloq: qualtran.Bloq) -> bool:
        """Return whether a bloq is counted by its gates, not by what it calls."""
        return isinstance(bloq, ArbitraryClifford | Ry) or self._leaf(bloq) is not None

    def _count_gates(self, bloq: qualtran.Bloq) -> _Gates:
        if isinstance(bloq, ArbitraryClifford):
            return _NOTHING
        if type(bloq) is Ry:  # the one leaf that comes in hundreds of thousands of kinds
            return _price_ry(float(bloq.angle))
        fragment = self._leaf(bloq)
        if fragment is not None:
            return _price(fragment)
        if isinstance(bloq, qualtran.Adjoint):
            return self.gates(bloq.subbloq).adjoint()
        t = computed = undone = measured = 0
        rotations: Counter[float] = Counter()
        for callee, times in callees(bloq):
            part = self.gates(callee)
            if part is _NOTHING:
                continue
            t += times * part.t
            computed += times * part.computed
            undone += times * part.undone
            measured += times * part.measured
            for angle, number in part.rotations.items():
                rotations[angle] += times * number
        return _Gates(t=t, computed=computed, undone=undone, measured=measured, rotations=rotations)

    def qubits(self, bloq: qualtran.Bloq) -> int:
        """Return the peak number of live wires of `bloq`."""
        known = self._widths.get(bloq)
        if known is None:
            known = self._widths[bloq] = self._count_qubits(bloq)
        return known

    def _count_qubits(self, bloq: qualtran.Bloq) -> int:
        fragment = self._leaf(bloq)
        if fragment is not None:
            return fragment.width
        if isinstance(bloq, qualtran.Adjoint):
            return self.qubits(bloq.subbloq)
        stated = bloq.my_static_costs(QubitCount())
        if stated is not NotImplemented:
            return int(stated)
        circuit = bloq if isinstance(bloq, qualtran.CompositeBloq) else decompose(bloq)
        live = sum(c.left.reg.bitsize for c in circuit.connections if c.left.binst is LeftDangle)
        peak = live
        for instance, before, after in circuit.iter_bloqnections():
            entering = sum(c.left.reg.bitsize for c in before)
            peak = max(peak, live - entering + self.qubits(instance.bloq))
            live += sum(c.left.reg.bitsize for c in after) - entering
        return int(max(peak, live))

    def _leaf(self, bloq: qualtran.Bloq) -> Fragment | None:
        if bloq not in self._leaves:
            self._leaves[bloq] = leaf_fragment(bloq)
        return self._leaves[bloq]


def count(bloq: qualtran.Bloq, uncompute: Uncompute = "measure") -> BloqCounts:
    """Count `bloq` from its call graph: equal to `tally(emit(bloq), uncompute)`.

    Raises:
        InternalError: a bloq inside has neither gates nor a call graph.
    """
    return BloqCounter().count(bloq, uncompute)


def _price_ry(angle: float) -> _Gates:
    if eighths(angle) is None:
        return _Gates(rotations={abs(angle): 1})
    t = sum(name in ("t", "tdg") for name, _ in ry_word(angle))
    return _Gates(t=t) if t else _NOTHING


def _price(fragment: Fragment) -> _Gates:
    if not len(fragment):
        return _NOTHING
    codes = np.bincount(fragment.codes, minlength=len(CODE)).tolist()
    turning = np.isin(fragment.codes, (CODE["rz"], CODE["ry"]))
    rotations = Counter(abs(angle) for angle in fragment.angles[turning].tolist() if eighths(angle) is None)
    return _Gates(
        t=codes[CODE["t"]] + codes[CODE["tdg"]],
        computed=codes[CODE["and"]],
        undone=codes[CODE["and_dg"]],
        measured=codes[CODE["measure"]],
        rotations=rotations,
    )


def callees(bloq: qualtran.Bloq) -> list[tuple[qualtran.Bloq, int]]:
    """Return what a bloq calls, and how often. Raises InternalError where that is not known."""
    try:
        found = get_bloq_callee_counts(bloq, ignore_decomp_failure=False)
    except (qualtran.DecomposeTypeError, qualtran.DecomposeNotImplementedError) as error:
        raise InternalError(
            f"no call graph is known for the bloq {bloq!s} ({type(bloq).__name__})"
        ) from error
    return [(callee, int(times)) for callee, times in found]
