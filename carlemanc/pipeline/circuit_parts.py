"""The parts of a solver's circuit and what each costs: the rows of the ledger.

Comes in: the bloq of one run. Goes out: counts of the preparation of b and of the queries to L, by form (plain,
adjoint, controlled), and the method's own gates as what is left of the whole. The number of calls comes from the
call graph, so it holds for every method.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import attrs
from qualtran import Adjoint, Bloq, CtrlSpec

from carlemanc.block_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.leaf_names import leaf_names
from carlemanc.circuit.bloq_counts import BloqCounter, callees
from carlemanc.circuit.counts import LogicalCounts, tally
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.lowering import Uncompute
from carlemanc.circuit.program import Program
from carlemanc.circuit.rotation_prices import RotationPrices
from carlemanc.circuit.synthesis import rewrite
from carlemanc.core.errors import InternalError
from carlemanc.pipeline.call_tree import CallTree, Part, inverse
from carlemanc.pipeline.qsvt_depth import qsvt_depth
from carlemanc.solvers.adiabatic_walk import AdiabaticCircuit, EigenstateFilter, WalkOperator
from carlemanc.solvers.amplification_circuit import AmplitudeAmplification
from carlemanc.solvers.chebyshev_lcu import ChebyshevLCU, WalkStep
from carlemanc.solvers.inversion_circuit import InversionCircuit
from carlemanc.solvers.kernel_operator import KernelCircuit, KernelOperator
from carlemanc.solvers.march_circuit import MarchCircuit
from carlemanc.solvers.phase_estimation import EigenvalueInversion
from carlemanc.solvers.projector_phase import ProjectorPhase
from carlemanc.solvers.qsvt import QSVT

EMITTED_GATES = 400_000
"""Circuits up to this many primitives are emitted to count Cliffords and depth; larger ones are counted by parts."""
GATES_PER_TOFFOLI, GATES_PER_ROTATION = 5, 3
"""About how many primitives a circuit has for each of its Toffoli gates and rotations."""
SYNTHESIZED_GATES = 10
"""About how many times longer a circuit gets by synthesis (a fifth of its gates become 50 to 200 each)."""
OWN_GATES = {
    "qsvt": "projector phases, real part",
    "lcu": "selector, walk reflections",
    "kernel": "projector phases, kernel operator",
    "hhl": "clock, walk reflections, rotation",
    "march": "counter of failures, amplification of steps",
    "adiabatic": "walk and filter reflections, projector of b",
}
"""What a method adds to its queries, as the ledger names it."""
_Form = tuple[str, bool]
_START = "prepare b"


def solver_parts(
    solver: Bloq,
    encodings: Sequence[Bloq],
    prepare: Bloq,
    *,
    method: str,
    own_calls: int,
    resting: float | None = None,
    counter: BloqCounter,
    uncompute: Uncompute,
) -> list[Part]:
    """Return b, L, L^dagger and their controlled forms, and the method's own gates.

    Args:
        solver: the circuit of one run.
        encodings, prepare: the bloqs it queries: the encoding of L, or those of the steps it marches by.
        method: names the last row (`OWN_GATES`).
        resting: the multiple of the identity that kernel calls the encoding of L or.
        own_calls: its number of calls: steps of the method's own.
        counter: remembers counts.
        uncompute: how ANDs are undone.
    """
    named = _named(encodings, prepare, method, resting)
    found, own_bloqs = _called(solver, named)
    bloqs = {name: bloq for bloq, name in named.items()}
    tree = CallTree(counter, uncompute, _step_names(encodings))
    parts = []
    for name, is_adjoint in sorted(found, key=lambda form: (list(bloqs).index(form[0]), form[1])):
        bloq = bloqs[name]
        parts.append(
            tree.part(
                Adjoint(bloq) if is_adjoint else bloq,
                found[name, is_adjoint],
                name=_adjoint_name(name, len(encodings)) if is_adjoint else name,
            )
        )
    own = _own_part(tree.parts(own_bloqs.items(), levels=1), method, own_calls)
    parts.append(replace(own, qubits=_block_bits(encodings) + 1))
    whole = counter.count(solver, uncompute)
    found_sums = (
        sum(p.t for p in parts),
        sum(p.toffoli for p in parts),
        sum(p.rotation_count for p in parts),
    )
    if found_sums != (whole.t, whole.toffoli, whole.rotation_count):
        raise InternalError(f"the parts of {solver} add up to {found_sums}, not to {whole}")
    return parts


def _own_part(children: tuple[Part, ...], method: str, calls: int) -> Part:
    """The gates of the method itself: whatever its circuit calls besides the queries."""
    angles: Counter[float] = Counter()
    for child in children:
        angles.update(child.angles)
    return Part(
        name=OWN_GATES.get(method, "the method's own gates"),
        calls=calls,
        t=sum(child.t for child in children),
        toffoli=sum(child.toffoli for child in children),
        measurements=sum(child.measurements for child in children),
        qubits=0,
        angles=angles,
        children=children,
    )


def _block_bits(encodings: Sequence[Bloq]) -> int:
    return max(
        sum(int(r.total_bits()) for r in encoding.signature.lefts() if r.name == "ancilla")
        for encoding in encodings
    )


def _step_names(encodings: Sequence[Bloq]) -> dict[Bloq, str]:
    """Return what the steps of the slots are called: which slot, which leaf loads which degrees."""
    found: dict[Bloq, str] = {}
    for encoding in encodings:
        for number, step in enumerate(getattr(encoding, "slot_steps", ()), start=1):
            leaves: dict[str, list[str]] = {}
            for degree, names in leaf_names(step).items():
                leaves.setdefault(" + ".join(names), []).append(str(degree))
            words = "; ".join(f"{name}, l = {', '.join(degrees)}" for name, degrees in leaves.items())
            found.setdefault(step, f"step of slot {number} ({words})")
    return found


def preparation_calls(solver: Bloq, prepare: Bloq) -> int:
    """Return how often `solver` calls the preparation of b or its adjoint, neither controlled."""
    return sum(_called(solver, {prepare: _START})[0].values())


def shared_part(prices: RotationPrices) -> list[Part]:
    """Return what synthesized rotations share: the catalyst of a phase gradient, made once and undone."""
    if not prices.shared_t:
        return []
    part = Part(
        name="catalyst of the phase gradient",
        calls=1,
        t=prices.shared_t,
        toffoli=0,
        measurements=0,
        qubits=prices.qubits,
        angles={},
    )
    return [part]


def _named(encodings: Sequence[Bloq], prepare: Bloq, method: str, resting: float | None) -> dict[Bloq, str]:
    """Return what the ledger calls each bloq that is queried, the preparation first."""
    found = {prepare: _START}
    for number, encoding in enumerate(encodings):
        what = "L" if method != "march" else "the step" + (f" {number}" if len(encodings) > 1 else "")
        found[encoding] = f"block encoding of {what}"
        found[encoding.get_ctrl_system(CtrlSpec())[0]] = f"controlled block encoding of {what}"
        if resting is not None and isinstance(encoding, HistoryBlockEncoding):
            found[encoding.controlled_or(resting)] = f"block encoding of {what}, or 1/t"
    return found


def _adjoint_name(name: str, encodings: int) -> str:
    """Return what the ledger calls the adjoint; short where there is one encoding."""
    if name == _START:
        return "unprepare b"
    if encodings > 1 or name.endswith("1/t"):
        return f"adjoint of {name}"
    return "its controlled adjoint" if name.startswith("controlled") else "its adjoint"


def _called(solver: Bloq, named: dict[Bloq, str]) -> tuple[Counter[_Form], Counter[Bloq]]:
    """Return (name, is adjoint) -> calls of the named bloqs inside the circuit, and calls of all the others.

    A controlled encoding that rests elsewhere than at 1 takes the name of the one that rests there.
    """
    known: dict[Bloq, Counter[_Form | Bloq]] = {}

    def calls(bloq: Bloq) -> Counter[_Form | Bloq]:
        if isinstance(bloq, HistoryBlockEncoding) and bloq.when_off < 1:
            name = named.get(attrs.evolve(bloq, when_off=1.0))
            if name is not None:
                named.setdefault(bloq, name)
        if bloq in named:
            return Counter({(named[bloq], False): 1})
        if isinstance(bloq, Adjoint):
            return Counter({_turned(one): times for one, times in calls(bloq.subbloq).items()})
        if not isinstance(bloq, CONTAINERS):
            return Counter({bloq: 1})
        if bloq not in known:
            total: Counter[_Form | Bloq] = Counter()
            for callee, times in callees(bloq):
                for one, inner in calls(callee).items():
                    total[one] += times * inner
            known[bloq] = total
        return known[bloq]

    every = calls(solver)
    return (
        Counter({one: times for one, times in every.items() if isinstance(one, tuple)}),
        Counter({one: times for one, times in every.items() if not isinstance(one, tuple)}),
    )


def _turned(one: _Form | Bloq) -> _Form | Bloq:
    """Return the adjoint of a named form, or of another bloq."""
    return (one[0], not one[1]) if isinstance(one, tuple) else inverse(one)


CONTAINERS = (
    InversionCircuit,
    QSVT,
    ChebyshevLCU,
    KernelCircuit,
    KernelOperator,
    EigenvalueInversion,
    WalkStep,
    AdiabaticCircuit,
    EigenstateFilter,
    WalkOperator,
    AmplitudeAmplification,
    MarchCircuit,
)
"""Bloqs that hold queries; every other bloq is counted whole."""


def is_emittable(encodings: Sequence[Bloq], queries: int, synthesized: bool, counter: BloqCounter) -> bool:
    """Return whether a circuit of so many queries is short enough to be emitted for its counts."""
    gates = query_gates(encodings, counter) * (SYNTHESIZED_GATES if synthesized else 1)
    return queries * max(gates, 1) <= EMITTED_GATES  # a query of Cliffords alone is work too


def query_gates(encodings: Sequence[Bloq], counter: BloqCounter) -> int:
    """Return about how many primitives the longest query has: Cliffords and depth are counted up to `EMITTED_GATES`."""
    return max(
        GATES_PER_TOFFOLI * counts.toffoli + GATES_PER_ROTATION * counts.rotation_count + counts.t
        for counts in map(counter.count, encodings)
    )


def clifford_and_depth(
    solver: Bloq, uncompute: Uncompute, prices: RotationPrices | None, *, emitted: bool
) -> tuple[int, int, bool]:
    """Clifford count and depth of the emitted circuit, and whether that depth is exact.

    A circuit that is too long to emit is counted by parts: exact but for the depth of another method than QSVT,
    which is then that of its parts in sequence. With prices, those of the synthesized circuit; rotations that can
    only be counted stay one gate each.
    """

    made = prices.synthesizer if prices else None

    @cache
    def program(bloq: Bloq) -> Program:
        return emit(bloq) if made is None else rewrite(emit(bloq), made)

    def counted(bloq: Bloq, is_adjoint: bool) -> LogicalCounts:
        return tally(program(bloq).adjoint() if is_adjoint else program(bloq), uncompute)

    repeated = qsvt_depth(solver, uncompute) if made is None else None
    if emitted and repeated is None:
        whole = counted(solver, False)
        return whole.clifford, whole.depth, True
    nothing = Program.of_width(0)
    shared = tally(
        nothing if made is None else rewrite(nothing, made), uncompute
    )  # a catalyst, once in each part

    def counted_alone(bloq: Bloq, is_adjoint: bool) -> LogicalCounts:
        counts = counted(bloq, is_adjoint)
        return replace(counts, clifford=counts.clifford - shared.clifford)

    clifford, in_sequence = _by_parts(solver, False, counted_alone, {})
    depth = in_sequence + shared.depth if repeated is None else repeated
    return clifford + shared.clifford, depth, repeated is not None


def _by_parts(
    bloq: Bloq,
    is_adjoint: bool,
    counted: Callable[[Bloq, bool], LogicalCounts],
    known: dict[tuple[Bloq, bool], tuple[int, int]],
) -> tuple[int, int]:
    """Sum Cliffords and depths over the calls; phases differ in nothing but their angle.

    An inverse is counted as such: what computes an AND there undoes it here, by other gates.
    """
    if isinstance(bloq, Adjoint):
        return _by_parts(bloq.subbloq, not is_adjoint, counted, known)
    if isinstance(bloq, ProjectorPhase):
        bloq = ProjectorPhase(bloq.bits, 0.7, bloq.eps, bloq.controls)
    if (bloq, is_adjoint) not in known:
        if isinstance(bloq, CONTAINERS):
            clifford = depth = 0
            for callee, times in callees(bloq):
                part = _by_parts(callee, is_adjoint, counted, known)
                clifford, depth = clifford + times * part[0], depth + times * part[1]
            known[bloq, is_adjoint] = clifford, depth
        else:
            counts = counted(bloq, is_adjoint)
            known[bloq, is_adjoint] = counts.clifford, counts.depth
    return known[bloq, is_adjoint]
