"""The error budget of a design: what each cause may take of epsilon, and what it takes.

Comes in: a design, what the synthesis of rotations does to the state and what failed operations do to what is read.
Goes out: one `BudgetPart` a cause. Every number is an l2 error of theta(T) - center relative to its norm, so the parts
add. The truncation and a network's approximation follow from the order and the network's degrees: they stand beside,
with what they achieve, and take nothing of epsilon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.carleman.trajectory import sizes_along
from carlemanc.core.rounding import rounded_up
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import without_faults
from carlemanc.linear_system.lifted import Lifted


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisError:
    """What synthesized rotations do to the final state, at most, in l2.

    Args:
        preparation, rest: of those that prepare b, and of all others.
        status, source: as in `BudgetPart`.
    """

    preparation: float
    rest: float
    status: str
    source: str


def error_budget(
    design: Design, synthesis: SynthesisError | None = None, faults: BudgetPart | None = None
) -> dict[str, BudgetPart]:
    """Return the parts by name; on simulators rotations are exact (no `synthesis`) and nothing fails (no `faults`)."""
    unit, split, plan = design.at.epsilon, design.shares, design.plan
    readable, added = math.sqrt(plan.readout_probability), unit / design.method.inner_epsilon(unit)
    made = synthesis or SynthesisError(
        preparation=0.0, rest=0.0, status="proved", source="rotations are kept, exact"
    )
    budget = {
        "solver_polynomial": _polynomial(design, readable / added),
        "coefficients": _coefficients(design, math.sqrt(design.access.facts.readout_probability) / added),
    }
    for name, share, error in (
        ("rotation_synthesis", split.rotations, made.rest),
        ("state_preparation", split.preparation, made.preparation),
    ):
        budget[name] = BudgetPart(
            share=share * unit,
            achieved=rounded_up(plan.synthesis_error(error) / readable),  # the digits that its angles have
            status=made.status,
            source=made.source,
        )
    budget["readout"] = _readout(design)
    budget["physical_faults"] = faults or without_faults(design)
    norms = design.system.norms
    if norms.formula.status == "assumed":  # every part is divided by the root of the readout probability
        budget = {name: _resting_on(part, norms.source) for name, part in budget.items()}
    return budget | (beside(design.lifted) if design.lifted is not None else {})


def _resting_on(part: BudgetPart, source: str) -> BudgetPart:
    """Return a part whose number rests on norms that are assumed, or bounded from one side."""
    if not part.achieved:
        return part
    return replace(part, status="assumed", source=f"{part.source}; ||u(T)||: {source}")


def _polynomial(design: Design, readable: float) -> BudgetPart:
    plan = design.plan
    return BudgetPart(
        share=design.shares.polynomial * design.at.epsilon,
        achieved=plan.error_bound / readable,
        status="proved" if plan.is_certified else "measured",
        source="certificate of the method"
        + (f"'s {', '.join(plan.errors)}" if plan.errors else "")
        + (f"; {plan.caveat}" if plan.caveat else "")
        + ", by the square root of the readout probability",
    )


def _coefficients(design: Design, readable: float) -> BudgetPart:
    rounding = design.access.rounding
    share = design.shares.coefficients * design.at.epsilon if rounding.is_bounded else 0.0
    if not rounding.error:
        return BudgetPart(share=share, achieved=0.0, status="proved", source="no coefficient is rounded")
    if rounding.harm is None:
        return BudgetPart(share=None, achieved=None, status="unknown", source=rounding.source)
    return BudgetPart(share=share, achieved=rounding.harm / readable, status="proved", source=rounding.source)


def _readout(design: Design) -> BudgetPart:
    """The error that the integer number of shots guarantees with the probability the spec asks for."""
    reading, given = design.readout, design.goal.shots
    return BudgetPart(
        share=None if given else design.shares.readout * design.at.epsilon,
        achieved=reading.achieved(design.runs, design.plan.copy_probability),
        status="proved" if reading.formula.status == "proved" else "model",
        source=f"{reading.source}; with probability {1 - reading.failure_probability:g}"
        + (", readout.shots is given" if given else ""),
    )


def beside(lifted: Lifted) -> dict[str, BudgetPart]:
    """Return truncation and approximation, relative to gradient descent's theta(T) - center."""
    parts = {"carleman_truncation": _truncation(lifted)}
    if lifted.dropped_error:
        parts["dropped_coefficients"] = _dropped(lifted)
    found = lifted.approximation
    if found is not None and not found.is_exact:
        distance = float(np.linalg.norm(lifted.classical() - lifted.center))
        parts["activation_approximation"] = BudgetPart(
            share=None,
            achieved=found.deviation / distance if distance else 0.0,
            status="measured",
            source="gradient descent of the approximated network against that of the network",
        )
    return parts


def _dropped(lifted: Lifted) -> BudgetPart:
    distance = float(sizes_along(lifted.sequence, lifted.displacement)[-1])
    known = math.isfinite(lifted.dropped_error) and math.isfinite(distance) and distance > 0
    return BudgetPart(
        share=None,
        achieved=lifted.dropped_error / distance if known else None,
        status="proved" if known else "unknown",
        source="entries of F_l below 2^-40 of what they were computed from are no terms; the bound is in the "
        "certificate of the truncation too",
    )


def _truncation(lifted: Lifted) -> BudgetPart:
    order = lifted.order
    distance = float(sizes_along(lifted.sequence, lifted.displacement)[-1])
    bound = lifted.truncation_bounds([order])[order]
    resolved = math.isfinite(distance) and distance > 0
    assumed = lifted.is_shaped
    complete = assumed or lifted.is_run_to_the_end
    known = math.isfinite(bound) and resolved and complete
    source = f"certificate of order {order}" + (", relative to the assumed ||u(T)||" if assumed else "")
    if not known:
        source = (
            "the scalar majorant overflows within T steps"
            if complete
            else f"gradient descent was run for {lifted.steps_run} of {lifted.steps} steps: "
            "||u(T)|| is not known"
        )
    measured = None
    if lifted.is_solvable and resolved:
        classical = lifted.center + lifted.sequence.iterate(lifted.u_in)[-1]
        measured = float(np.linalg.norm(lifted.carleman_iterate() - classical)) / distance
    return BudgetPart(
        share=None,
        achieved=bound / distance if known else None,
        status=("assumed" if assumed else "proved") if known else "unknown",
        source=source,
        measured=measured,
    )


def missed(budget: Mapping[str, BudgetPart]) -> str | None:
    """Return a sentence that names the parts above their share, or None."""
    found = [
        f"{name.replace('_', ' ')} takes {part.achieved:.3g}, its share is {part.share:.3g}"
        for name, part in budget.items()
        if not part.is_kept
    ]
    return "the error budget is not kept: " + "; ".join(found) if found else None
