"""The error budget of one spec: what each cause may take of solver.epsilon, and what it takes.

Comes in: circuits, their plan, the readout, what the synthesis of rotations does to the state and what failed
operations do to what is read. Goes out: one `BudgetPart` a cause. Every number is an l2 error of theta(T) - center
relative to its norm, so the parts add. The truncation and a network's approximation follow from carleman.order and the
network's degrees: they stand beside, with what they achieve, and take nothing of solver.epsilon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.access.access import caused_error
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.core.rounding import rounded_up
from carlemanc.pipeline.budget_part import BudgetPart as BudgetPart
from carlemanc.pipeline.circuits import MARCH, Circuits
from carlemanc.pipeline.faults import without_faults
from carlemanc.pipeline.readout import copy_probability, readout_plan, readout_runs
from carlemanc.solvers.plan import SolverPlan
from carlemanc.solvers.readout import claimed_error


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
    circuits: Circuits,
    plan: SolverPlan,
    synthesis: SynthesisError | None = None,
    faults: BudgetPart | None = None,
) -> dict[str, BudgetPart]:
    """Return the parts by name; on simulators rotations are exact (no `synthesis`) and nothing fails (no `faults`)."""
    unit = circuits.spec.solver.epsilon
    split, readable = circuits.split_of(plan.method), math.sqrt(circuits.readout_probability_of(plan.method))
    made = synthesis or SynthesisError(
        preparation=0.0, rest=0.0, status="proved", source="rotations are kept, exact"
    )
    budget = {
        "solver_polynomial": _polynomial(plan, split.polynomial * unit, readable),
        "coefficients": _coefficients(circuits, plan, readable),
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
    budget["readout"] = _readout(circuits, plan, split.readout * unit)
    budget["physical_faults"] = faults or without_faults(circuits, plan.method)
    norms = circuits.norms
    if (
        norms.formula.status == "assumed"
    ):  # every part is divided by the square root of the readout probability
        budget = {name: _resting_on(part, norms.source) for name, part in budget.items()}
    return budget | _beside(circuits)


def _resting_on(part: BudgetPart, source: str) -> BudgetPart:
    """Return a part whose number rests on norms that are assumed, or bounded from one side."""
    if not part.achieved:
        return part
    return replace(part, status="assumed", source=f"{part.source}; ||u(T)||: {source}")


def _polynomial(plan: SolverPlan, share: float, readable: float) -> BudgetPart:
    causes = ", ".join(plan.errors)
    unsolved = getattr(plan, "phases", "") is None
    return BudgetPart(
        share=share,
        achieved=plan.error_bound / readable,
        status="proved" if plan.is_certified else "measured",
        source=f"certificate of the method's {causes}"
        + ("; counted without phases" if unsolved else "")
        + ", by the square root of the readout probability",
    )


def _coefficients(circuits: Circuits, plan: SolverPlan, readable: float) -> BudgetPart:
    share = 0.0 if plan.method == MARCH else circuits.split_of(plan.method).coefficients
    share *= circuits.spec.solver.epsilon
    rounded = [rounding_error(encoding) for encoding in circuits.queried_by(plan.method)]
    if not any(rounded):
        return BudgetPart(share=share, achieved=0.0, status="proved", source="no coefficient is rounded")
    if plan.method == MARCH:
        source = f"loaded angles within {max(rounded):.2g} a step; no bound on their effect is known to march"
        return BudgetPart(share=None, achieved=None, status="unknown", source=source)
    norm = circuits.inverse_norm
    error = caused_error(circuits.encoding.alpha * rounded[0], norm.inverse_norm)
    source = f"b-bit angles move L by {circuits.encoding.alpha * rounded[0]:.2g}; ||L^-1|| is {norm.source}"
    return BudgetPart(share=share, achieved=error / readable, status="proved", source=source)


def _readout(circuits: Circuits, plan: SolverPlan, share: float) -> BudgetPart:
    """The error that the integer number of shots guarantees with the probability the spec asks for."""
    reading, given = readout_plan(circuits, plan.method), circuits.spec.readout.shots
    copies = readout_runs(circuits, plan) * reading.share(copy_probability(circuits, plan))
    if reading.method == "sampling":
        first = copies * reading.magnitude_share
        error = claimed_error(reading, first, copies - first)
    elif reading.method == "amplitude-estimation":
        error = reading.epsilon * reading.needed / copies
    else:
        error = reading.epsilon * math.sqrt(reading.needed / copies)
    return BudgetPart(
        share=None if given else share,
        achieved=error,
        status="proved" if reading.method == "sampling" else "model",
        source=f"{reading.source}; with probability {1 - reading.failure_probability:g}"
        + (", readout.shots is given" if given else ""),
    )


def _beside(circuits: Circuits) -> dict[str, BudgetPart]:
    """Truncation and approximation, relative to gradient descent's theta(T) - center."""
    if circuits.given_system:
        return {}
    parts = {"carleman_truncation": _truncation(circuits)}
    if circuits.dropped_error:
        parts["dropped_coefficients"] = _dropped(circuits)
    found = circuits.approximation
    if found is not None and not found.is_exact:
        distance = float(np.linalg.norm(circuits.classical() - circuits.center))
        parts["activation_approximation"] = BudgetPart(
            share=None,
            achieved=found.deviation / distance if distance else 0.0,
            status="measured",
            source="gradient descent of the approximated network against that of the network",
        )
    return parts


def _dropped(circuits: Circuits) -> BudgetPart:
    distance = float(sizes_along(circuits.sequence, circuits.displacement)[-1])
    known = math.isfinite(circuits.dropped_error) and math.isfinite(distance) and distance > 0
    return BudgetPart(
        share=None,
        achieved=circuits.dropped_error / distance if known else None,
        status="proved" if known else "unknown",
        source="entries of F_l below 2^-40 of what they were computed from are no terms; the bound is in the "
        "certificate of the truncation too",
    )


def _truncation(circuits: Circuits) -> BudgetPart:
    order = circuits.spec.carleman.order
    distance = float(sizes_along(circuits.sequence, circuits.displacement)[-1])
    bound = circuits.truncation_bounds([order])[order]
    resolved = math.isfinite(distance) and distance > 0
    assumed = circuits.is_shaped
    complete = assumed or circuits.is_run_to_the_end
    known = math.isfinite(bound) and resolved and complete
    source = f"certificate of order {order}" + (", relative to the assumed ||u(T)||" if assumed else "")
    if not known:
        source = (
            "the scalar majorant overflows within T steps"
            if complete
            else f"gradient descent was run for {circuits.steps_run} of {circuits.sequence.steps} steps: "
            "||u(T)|| is not known"
        )
    measured = None
    if circuits.is_solvable and resolved:
        classical = circuits.center + circuits.sequence.iterate(circuits.u_in)[-1]
        measured = float(np.linalg.norm(circuits.carleman_iterate() - classical)) / distance
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
