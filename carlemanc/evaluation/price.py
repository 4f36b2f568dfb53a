"""What one run costs gate by gate: its ledger, rotations synthesized or kept, and the job a machine is given."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from carlemanc.costs import Ledger, Row
from carlemanc.costs.physical import LogicalJob
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.gate_depth import (
    EMITTED_GATES,
    clifford_and_depth,
    is_counted_only,
    is_emittable,
    query_gates,
)
from carlemanc.evaluation.ledger import shared_part, solver_parts
from carlemanc.evaluation.rotations import price_rotations, rotation_groups, rotation_precision
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.rotation_prices import RotationPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The gates of one run.

    Args:
        rows: of the ledger; they add up to the run.
        qubits, t, toffoli, rotations, measurements: of the file.
        clifford, depth, depth_is_exact: None, None and false where only counts are known.
        is_counted_only: whether the file cannot be written.
        is_emitted: whether the circuit is short enough to be emitted: its phases are known.
        rotation_epsilon: precision of each rotation.
        rotation_t, rotation_toffoli: T gates outside ANDs that synthesized rotations take, and their ANDs: within the
            counts or beside them.
        t_of_a_rotation: T gates of a rotation, on average.
        prices: of rotations.
        job: what a machine is given: it synthesizes the rotations, whatever the file keeps.
    """

    rows: tuple[Row, ...]
    qubits: int
    t: int
    toffoli: int
    rotations: int
    measurements: int
    clifford: int | None
    depth: int | None
    depth_is_exact: bool
    is_counted_only: bool
    is_emitted: bool
    rotation_epsilon: float
    rotation_t: int
    rotation_toffoli: int
    t_of_a_rotation: Fraction
    prices: RotationPrices
    job: LogicalJob


def price(
    design: Design, *, uncompute: Uncompute, synthesized: bool, rotation_epsilon: float | None = None
) -> Priced:
    """Return what a run costs. Raises InputError where its rotations cannot be used as its readout asks.

    Args:
        design: of the run.
        uncompute: how ANDs are undone.
        synthesized: whether the file has words in place of rotations.
        rotation_epsilon: precision of each rotation; by default from the error budget.
    """
    counter = design.counter
    parts = solver_parts(design, uncompute)
    counts = counter.count(design.circuit, uncompute)
    epsilon = rotation_epsilon or rotation_precision(design, rotation_groups(design))
    emitted = is_emittable(design, synthesized=synthesized)
    prices = price_rotations(design, epsilon, exact=emitted, synthesized=synthesized)
    parts += shared_part(prices) if synthesized else []
    ledger = Ledger(rows=tuple(part.row(prices if synthesized else None, uncompute) for part in parts))
    ands = prices.total_ands(counts.rotations)
    rotation_t = prices.total_t(counts.rotations) + prices.shared_t
    rotation_toffoli = ands * (2 if uncompute == "unitary" else 1)
    counted_only = is_counted_only(design) or (synthesized and not prices.is_emitted)
    clifford, depth, depth_is_exact = None, None, False
    if not counted_only and query_gates(design) <= EMITTED_GATES:
        clifford, depth, depth_is_exact = clifford_and_depth(
            design, uncompute, prices if synthesized else None, emitted=emitted
        )
    measured = counts.rotation_count * prices.measured + (ands if uncompute == "measure" else 0)
    job = LogicalJob(
        qubits=counts.qubits + prices.qubits,
        t=ledger.total("t"),
        toffoli=ledger.total("toffoli") + (0 if synthesized else rotation_toffoli),
        rotations=ledger.total("rotations"),
        rotation_t=0 if synthesized else rotation_t,
        measurements=ledger.total("measurements") + (0 if synthesized else measured),
    )
    return Priced(
        rows=ledger.rows,
        qubits=job.qubits if synthesized else counts.qubits,
        t=job.t,
        toffoli=ledger.total("toffoli"),
        rotations=job.rotations,
        measurements=ledger.total("measurements"),
        clifford=clifford,
        depth=depth,
        depth_is_exact=depth_is_exact,
        is_counted_only=counted_only,
        is_emitted=emitted,
        rotation_epsilon=epsilon,
        rotation_t=rotation_t,
        rotation_toffoli=rotation_toffoli,
        t_of_a_rotation=Fraction(rotation_t + 4 * rotation_toffoli, counts.rotation_count or 1),
        prices=prices,
        job=job,
    )
