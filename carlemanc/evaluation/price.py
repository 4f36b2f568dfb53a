"""What one run costs gate by gate: its ledger, rotations synthesized or kept, and the job a machine is given."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from carlemanc.costs import Ledger
from carlemanc.costs.ledger import LedgerRow
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
    """The gates of one run: counts of the file, in which rotations are kept or synthesized."""

    ledger: Ledger
    """Its rows add up to the run."""
    logical_qubits: int
    t_count: int
    toffoli_count: int
    rotation_count: int
    measurements: int
    """Measurements that undo ANDs, in the circuit's own gates too; those that read the registers come on top."""
    clifford_count: int | None
    """None, as the depth, of a circuit that can only be counted, as it has no gates, or has too many a query."""
    depth: int | None
    depth_is_exact: bool
    is_counted_only: bool
    """Whether the file cannot be written."""
    is_emitted: bool
    """Whether the circuit is short enough to be emitted: its phases are known."""
    synthesized: bool
    rotation_epsilon: float
    """Precision of each rotation."""
    rotation_t: int
    """T gates outside ANDs that synthesized rotations take, and their ANDs: within the counts or beside them."""
    rotation_toffoli: int
    t_of_a_rotation: Fraction
    """T gates of a rotation, on average."""
    prices: RotationPrices
    job: LogicalJob
    """What a machine is given: it synthesizes the rotations, whatever the file keeps."""

    @property
    def t_with_toffoli(self) -> int:
        """T outside ANDs, plus four a Toffoli."""
        return self.t_count + 4 * self.toffoli_count

    def t_of_part(self, row: LedgerRow) -> Fraction:
        """Return the T gates of a row of the ledger, four a Toffoli, rotations that are kept at their mean price."""
        kept = Fraction(0) if self.synthesized else row.rotations * self.t_of_a_rotation
        return row.t + 4 * row.toffoli + kept

    @property
    def t_of_a_run(self) -> int:
        """T gates of one run with its rotations synthesized and four T a Toffoli."""
        beside = 0 if self.synthesized else self.rotation_t + 4 * self.rotation_toffoli
        return self.t_with_toffoli + beside


def price(
    design: Design,
    *,
    uncompute: Uncompute,
    synthesized: bool,
    rotation_epsilon: float | None = None,
    gates: bool = True,
) -> Priced:
    """Return what a run costs. Raises InputError where its rotations cannot be used as its readout asks.

    Args:
        design: of the run.
        uncompute: how ANDs are undone.
        synthesized: whether the file has words in place of rotations.
        rotation_epsilon: precision of each rotation; by default from the error budget.
        gates: look at the gates of a circuit that is short enough to be emitted: they tell Cliffords and depth, and
            its rotations are synthesized. Without them these are None, and rotations are priced by the fit.
    """
    counter = design.counter
    parts = solver_parts(design, uncompute)
    counts = counter.count(design.circuit, uncompute)
    epsilon = rotation_epsilon or rotation_precision(design, rotation_groups(design))
    emitted = gates and is_emittable(design, synthesized=synthesized)
    prices = price_rotations(design, epsilon, exact=emitted, synthesized=synthesized)
    parts += shared_part(prices) if synthesized else []
    ledger = Ledger(rows=tuple(part.row(prices if synthesized else None, uncompute) for part in parts))
    ands = prices.total_ands(counts.rotations)
    rotation_t = prices.total_t(counts.rotations) + prices.shared_t
    rotation_toffoli = ands * (2 if uncompute == "unitary" else 1)
    counted_only = is_counted_only(design) or (synthesized and not prices.is_emitted)
    clifford, depth, depth_is_exact = None, None, False
    if gates and not counted_only and query_gates(design) <= EMITTED_GATES:
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
        ledger=ledger,
        logical_qubits=job.qubits if synthesized else counts.qubits,
        t_count=job.t,
        toffoli_count=ledger.total("toffoli"),
        rotation_count=job.rotations,
        measurements=ledger.total("measurements"),
        clifford_count=clifford,
        depth=depth,
        depth_is_exact=depth_is_exact,
        is_counted_only=counted_only,
        is_emitted=emitted,
        synthesized=synthesized,
        rotation_epsilon=epsilon,
        rotation_t=rotation_t,
        rotation_toffoli=rotation_toffoli,
        t_of_a_rotation=Fraction(rotation_t + 4 * rotation_toffoli, counts.rotation_count or 1),
        prices=prices,
        job=job,
    )
