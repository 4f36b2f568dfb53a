"""Cliffords and depth of a run, which only its gates tell: of the emitted circuit, or of its parts.

Comes in: a design. Goes out: whether its circuit is short enough to be emitted, and its Clifford count and depth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from qualtran import Adjoint, Bloq

from carlemanc.bloqs.lookups import counted_only as lookups
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.ledger import Queries
from carlemanc.methods.projector_phase import ProjectorPhase
from carlemanc.programs.bloq_counts import callees
from carlemanc.programs.counts import LogicalCounts, tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program
from carlemanc.programs.rotation_prices import RotationPrices
from carlemanc.programs.synthesis import rewrite

EMITTED_GATES = 400_000
"""Circuits up to this many primitives are emitted to count Cliffords and depth; larger ones are counted by parts."""
GATES_PER_TOFFOLI, GATES_PER_ROTATION = 5, 3
"""About how many primitives a circuit has for each of its Toffoli gates and rotations."""
SYNTHESIZED_GATES = 10
"""About how many times longer a circuit gets by synthesis (a fifth of its gates become 50 to 200 each)."""


def is_counted_only(design: Design) -> bool:
    """Return whether what is queried has no gates, as QRAM has none."""
    return any(map(lookups.is_counted_only, (*design.access.encodings, design.access.start)))


def is_short(design: Design, *, synthesized: bool) -> bool:
    """Return whether a run is short enough to be emitted for its counts."""
    gates = query_gates(design) * (SYNTHESIZED_GATES if synthesized else 1)
    return design.plan.queries_L * max(gates, 1) <= EMITTED_GATES  # a query of Cliffords alone is work too


def is_emittable(design: Design, *, synthesized: bool) -> bool:
    """Return whether a run has gates and is short enough to be emitted for its counts."""
    return not is_counted_only(design) and is_short(design, synthesized=synthesized)


def query_gates(design: Design) -> int:
    """Return about how many primitives the longest query has: Cliffords and depth are counted up to `EMITTED_GATES`."""
    return max(
        GATES_PER_TOFFOLI * counts.toffoli + GATES_PER_ROTATION * counts.rotation_count + counts.t
        for counts in map(design.counter.count, design.access.encodings)
    )


def clifford_and_depth(
    design: Design, uncompute: Uncompute, prices: RotationPrices | None, *, emitted: bool
) -> tuple[int, int, bool]:
    """Clifford count and depth of the emitted circuit, and whether that depth is exact.

    A circuit that is too long to emit is counted by parts: exact but for the depth of another method than QSVT,
    which is then that of its parts in sequence. With prices, those of the synthesized circuit; rotations that can
    only be counted stay one gate each.
    """
    made, solver = prices.synthesizer if prices else None, design.circuit
    queries = Queries(
        {design.access.start: "", **design.method.queried(design.plan, design.access)}, design.counter
    )

    @cache
    def program(bloq: Bloq) -> Program:
        return emit(bloq) if made is None else rewrite(emit(bloq), made)

    def counted(bloq: Bloq, is_adjoint: bool) -> LogicalCounts:
        return tally(program(bloq).adjoint() if is_adjoint else program(bloq), uncompute)

    repeated = design.method.depth(design.plan, solver, uncompute) if made is None else None
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

    clifford, in_sequence = _by_parts(solver, False, counted_alone, queries, {})
    depth = in_sequence + shared.depth if repeated is None else repeated
    return clifford + shared.clifford, depth, repeated is not None


def _by_parts(
    bloq: Bloq,
    is_adjoint: bool,
    counted: Callable[[Bloq, bool], LogicalCounts],
    queries: Queries,
    known: dict[tuple[Bloq, bool], tuple[int, int]],
) -> tuple[int, int]:
    """Sum Cliffords and depths over the calls; phases differ in nothing but their angle.

    An inverse is counted as such: what computes an AND there undoes it here, by other gates.
    """
    if isinstance(bloq, Adjoint):
        return _by_parts(bloq.subbloq, not is_adjoint, counted, queries, known)
    if isinstance(bloq, ProjectorPhase):
        bloq = ProjectorPhase(bloq.bits, 0.7, bloq.eps, bloq.controls)
    if (bloq, is_adjoint) not in known:
        if queries.holds(bloq):
            clifford = depth = 0
            for callee, times in callees(bloq):
                part = _by_parts(callee, is_adjoint, counted, queries, known)
                clifford, depth = clifford + times * part[0], depth + times * part[1]
            known[bloq, is_adjoint] = clifford, depth
        else:
            counts = counted(bloq, is_adjoint)
            known[bloq, is_adjoint] = counts.clifford, counts.depth
    return known[bloq, is_adjoint]
