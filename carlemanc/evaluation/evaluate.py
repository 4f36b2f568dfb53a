"""What one configuration costs, as numbers: no bloq, no array is held by what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from carlemanc.core.document import Document
from carlemanc.core.memo import Memo
from carlemanc.core.rounding import ceiling, whole
from carlemanc.costs.physical import LogicalJob
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.draft import Draft, draft
from carlemanc.evaluation.faults import fault_budget
from carlemanc.evaluation.gate_depth import is_counted_only, is_emittable, is_short
from carlemanc.evaluation.readout_cost import gates_of
from carlemanc.evaluation.rotations import (
    RotationGroups,
    price_rotations,
    rotation_groups,
    rotation_precision,
)
from carlemanc.evaluation.settle import settle
from carlemanc.methods.amplified import amplification_document
from carlemanc.programs.bloq_counts import BloqCounts
from carlemanc.programs.rotation_prices import MIXED_FALLBACK, smooth_price
from carlemanc.sources.configuration import Configuration

COUNTED_QUERIES = 100_000
"""Circuits of more queries than this are counted from their queries, unless their bloq counts without walking them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Document):
    """One configuration's run, and all its runs.

    Args:
        method: its name.
        kappa: alpha ||L^-1||; None where nothing is inverted.
        queries_L, queries_b: of one run.
        qubits: logical qubits, without those of synthesis.
        t_of_a_run: every T gate, four a Toffoli, rotations synthesized.
        success_probability, success_is_bound, error_bound, is_certified: of the plan.
        keeps_norm: whether the norm of the answer is read too.
        amplification: what is amplified, and in how many rounds.
        readout_probability: share of the final state that is the answer.
        runs: of the circuit, successful or not.
        expected_t: T of all circuits: every run is paid for, successful or not; 4 significant digits.
        is_counted: whether the circuit's bloq was counted; false where its queries were priced.
        has_gates: whether its circuit can be emitted.
        job: what a machine is given for one run.
        failure_budget: probability that an operation of a run may fail with.
    """

    method: str
    kappa: float | None
    queries_L: int
    queries_b: int
    qubits: int
    t_of_a_run: int
    success_probability: float
    success_is_bound: bool
    error_bound: float
    is_certified: bool
    keeps_norm: bool
    amplification: dict[str, Any]
    readout_probability: float
    runs: int
    expected_t: int
    is_counted: bool
    has_gates: bool
    job: LogicalJob
    failure_budget: float

    KEYS = """
        kappa queries.L=queries_L queries.b=queries_b qubits t_per_run=t_of_a_run success_probability amplification
        keeps_norm error_bound success_is_bound certified=is_certified readout_probability runs expected_t
        counted=is_counted
    """


def evaluate(
    memo: Memo,
    at: Configuration,
    *,
    coefficients: float | None = None,
    exact: bool = False,
    synthesized: bool = True,
    circuits: bool = True,
) -> Evaluation:
    """Return what a configuration costs. Raises InputError, TooLarge or CheckFailed as planning does.

    Args:
        memo: of this process; `evaluation_memo` bounds it.
        at: the configuration.
        coefficients: the share of loaded coefficients, where it is decided already.
        exact: solve and synthesize what is short enough to be emitted, as an estimate does; else nothing is solved,
            rotations are priced by a fit, and so are the queries of a circuit that exists only solved.
        synthesized: whether rotations are counted as words (where they are exact, more of them then are).
        circuits: count the circuits of a readout that has its own; else their uses of the run alone are priced.
    """
    drafted = memo(draft, memo, at, coefficients=coefficients)
    design = settle(memo, drafted, phases=False, rough=not exact)
    traits = at.method.traits
    is_emitted = exact and is_emittable(design, synthesized=synthesized)
    is_counted = not traits.walks_queries or (
        design.plan.queries_L <= COUNTED_QUERIES and (exact or traits.counted_unsolved)
    )
    if is_emitted or (exact and is_counted and traits.walks_queries):
        design = settle(memo, drafted)
    if not is_counted:
        return _evaluation(design, _priced_queries(design), circuits=False, is_counted=False)
    counts, groups = design.counter.count(design.circuit), rotation_groups(design)
    if exact:
        precision = rotation_precision(design, groups)
        prices = price_rotations(design, precision, exact=is_emitted, synthesized=synthesized)
        rotations_t = prices.all_t(counts.rotations)
    else:
        rotations_t = _fitted_t(design, groups)
    job = LogicalJob(
        qubits=counts.qubits,
        t=counts.t,
        toffoli=counts.toffoli,
        rotations=counts.rotation_count,
        rotation_t=rotations_t,
        measurements=counts.measurements,
    )
    return _evaluation(design, job, circuits=circuits)


def designed(memo: Memo, drafted: Draft, *, synthesized: bool) -> Design:
    """Return a design with its phases where its circuit is emitted for its counts, else with unknown phases."""
    counted = settle(memo, drafted, phases=False)
    whole_run = not counted.method.traits.counted_unsolved  # exists only with its weights or schedule
    if whole_run or is_short(counted, synthesized=synthesized):
        return settle(memo, drafted)
    return counted


def _evaluation(design: Design, job: LogicalJob, *, circuits: bool, is_counted: bool = True) -> Evaluation:
    """Put the numbers together; `circuits`: with those of the readout counted, where it has its own."""
    plan = design.plan
    design.readout.check_size()
    runs, every = design.runs, Fraction(design.runs * job.t_states)
    own = design.readout_circuits if circuits else None
    if own is not None:
        outside, toffoli, rotations = gates_of(design, own, "measure")
        every = outside + 4 * toffoli + rotations * Fraction(job.rotation_t, job.rotations or 1)
    return Evaluation(
        method=plan.method,
        kappa=plan.kappa_effective,
        queries_L=plan.queries_L,
        queries_b=plan.queries_b,
        qubits=job.qubits,
        t_of_a_run=job.t_states,
        success_probability=plan.success_probability,
        success_is_bound=plan.success_is_bound,
        error_bound=plan.error_bound,
        is_certified=plan.is_certified,
        keeps_norm=plan.amplitude_scale is not None,
        amplification=amplification_document(plan),
        readout_probability=design.readout_probability,
        runs=runs,
        expected_t=whole(every),
        is_counted=is_counted,
        has_gates=not is_counted_only(design) and design.at.synthesis != MIXED_FALLBACK,
        job=job,
        failure_budget=fault_budget(design).failure_probability,
    )


def _priced_queries(design: Design) -> LogicalJob:
    """The job from queries: each with a controlled reflection of the block ancillas and two more ANDs."""
    plan, access, counter = design.plan, design.access, design.counter
    query: BloqCounts = counter.count(access.encodings[0])
    start: BloqCounts = counter.count(access.start)
    t = plan.queries_L * (query.t_in_file + 4 * (access.block_bits + 2)) + plan.queries_b * start.t_in_file
    tables = 3 << max(0, plan.ancillas - 2)  # a selector or clock, loaded, unloaded and rotated by
    rotations = RotationGroups(
        preparation=plan.queries_b * start.rotation_count,
        rest=plan.queries_L * query.rotation_count + tables,
    )
    return LogicalJob(
        qubits=query.qubits + plan.ancillas,
        t=t,
        toffoli=0,
        rotations=rotations.total,
        rotation_t=_fitted_t(design, rotations),
        measurements=0,
    )


def _fitted_t(design: Design, rotations: RotationGroups) -> int:
    """T of so many rotations by the fit of their price; no angle is synthesized."""
    if not rotations.total:
        return 0
    each = smooth_price(design.at.synthesis)(rotation_precision(design, rotations), rotations.total)
    return rotations.total * ceiling(each)
