"""`estimate`: what the compiled circuit costs, as a ledger that adds up, with every assumption named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from carlemanc.block_encoding import step_forms
from carlemanc.classical.measured_rates import measured_machine
from carlemanc.commands.estimate_result import Estimate
from carlemanc.commands.explanations import explanations
from carlemanc.commands.gate_set import GateSet, check_rotation_epsilon
from carlemanc.commands.opening import Opened, open_spec, warn_idle
from carlemanc.core.memo import Memo
from carlemanc.costs.physical.frontier import hardware_named
from carlemanc.evaluation.appraisal import Appraiser, Pricing, runs_of
from carlemanc.evaluation.assumptions import state_assumptions
from carlemanc.evaluation.budget import error_budget
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import FaultBudget, fault_budget
from carlemanc.evaluation.judgment import Judgment, judge
from carlemanc.evaluation.observable_costs import ObservableCost, observable_costs
from carlemanc.evaluation.physical import PhysicalEstimate, price_physical
from carlemanc.evaluation.price import Priced, price
from carlemanc.evaluation.readout_cost import ReadoutTotal, readout_total
from carlemanc.evaluation.rotations import synthesis_error
from carlemanc.linear_system.norm_dilemma import norm_dilemma
from carlemanc.model.upload import Upload
from carlemanc.programs.lowering import Uncompute
from carlemanc.sources.configuration import DEFAULT_HARDWARE
from carlemanc.sources.source import SpecLike

SPLIT = (
    "epsilon is split over its causes for the least T of all runs, each with the cycles of a step, by a model of the "
    "counts (derived here); one split "
    "for both gate sets, so that the rotations kept in one are those synthesized in the other"
)
"""How the error budget was made."""


def estimate(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    uncompute: Uncompute = "measure",
    gate_set: GateSet = "clifford+rz",
    rotation_epsilon: float | None = None,
    hardware: str = DEFAULT_HARDWARE,
    cross_check: bool = False,
    measure_rates: bool = False,
    memo: Memo | None = None,
    upload: Upload | None = None,
    levers: bool = True,
) -> Estimate:
    """Count the circuit of a spec.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        uncompute: how ANDs are undone.
        gate_set: with `clifford+t`, `t_count` includes the synthesized rotations and `rotation_count` is 0.
        rotation_epsilon: precision of each rotation; by default from the error budget.
        hardware: preset of `costs.physical.HARDWARE`.
        cross_check: ask Microsoft's resource estimator (extra `qdk`) for the physical cost of the same run too.
        measure_rates: time products and walks on this machine, about two seconds, and show it beside the assumed ones.
        memo: stages that earlier calls found, to be found again.
        upload: a segment of the spec's schedule, to be counted instead of all steps.
        levers: evaluate other configurations too, once the result is asked for them: what would have to change, and the
            crossovers.

    Raises InputError, TooLarge.
    """
    check_rotation_epsilon(rotation_epsilon)
    hardware_named(hardware)
    synthesized = gate_set == "clifford+t"
    found = open_spec(spec, overrides, synthesized=synthesized, memo=memo, upload=upload, hardware=hardware)
    found.warn()
    design = found.designed()
    priced = price(design, uncompute=uncompute, synthesized=synthesized, rotation_epsilon=rotation_epsilon)
    faults = fault_budget(design)
    warn_idle(design)
    total = readout_total(design, priced, uncompute)
    physical = price_physical(
        priced.job,
        runs=runs_of(design, priced, total),
        failure_budget=faults.failure_probability,
        hardware=hardware,
        cross_check=cross_check,
    )
    pricing = Pricing(
        hardware=hardware, uncompute=uncompute, synthesized=synthesized, rotation_epsilon=rotation_epsilon
    )
    appraise = Appraiser(memo=found.memo, pricing=pricing, draft=found.draft_at) if levers else None
    judged = judge(design, physical, appraise, measured=measured_machine() if measure_rates else None)
    observables = observable_costs(design, priced, physical, uncompute, judged.verdict.separation)
    result = _estimate(found, design, priced, faults, physical, total, observables, judged)
    return replace(result, explanations=tuple(explanations(design, result)))


def _estimate(
    found: Opened,
    design: Design,
    priced: Priced,
    faults: FaultBudget,
    physical: PhysicalEstimate,
    total: ReadoutTotal,
    observables: tuple[ObservableCost, ...],
    judged: Judgment,
) -> Estimate:
    """Put the numbers together; nothing is worked out here but what classical machines need."""
    lifted, norms, conditioning = design.lifted, design.system.norms, design.access.conditioning
    return Estimate(
        **{field: getattr(priced, field) for field in Priced.__dataclass_fields__},
        name=found.spec.name,
        choices=found.choices,
        n=design.system.n,
        steps=None if lifted is None else lifted.steps,
        order=None if lifted is None else lifted.order,
        verdict=judged.verdict,
        regime=None if lifted is None else lifted.regime,
        dilemma=None if lifted is None else norm_dilemma(lifted),
        plan=design.plan,
        alpha=design.plan.alpha,
        kappa=None if conditioning is None else conditioning.kappa,
        kappa_source=f"{design.plan.method} inverts nothing" if conditioning is None else conditioning.source,
        kappa_reason="" if conditioning is None else conditioning.reason,
        kappa_at_least=None if conditioning is None else norms.kappa_at_least,
        forms=None if lifted is None else step_forms(design.access.encodings[0]),
        error_budget=error_budget(design, synthesis_error(design, priced.prices), faults.part(physical.best)),
        faults=faults,
        readout_probability=design.readout_probability,
        readout=design.readout,
        support=design.system.support,
        target=design.goal.name,
        observables=observables,
        runs=design.runs,
        total=total,
        norms_source=norms.source,
        baseline=judged.baseline,
        assumptions=(
            *state_assumptions(design, found.choice.reason),
            faults.assumption,
            priced.prices.assumption,
            SPLIT,
        ),
        physical=physical,
    )
