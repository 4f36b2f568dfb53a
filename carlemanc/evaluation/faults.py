"""Failed logical operations of a run: how likely they may be, and what they do to what is read.

Comes in: a design. Goes out: the failure budget of a run, which the physical cost keeps, and the part of the error
budget. Nothing heralds a failed operation, so failed runs are read like others: the budget follows from how precisely
theta(T) is to be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carlemanc.core.formula import Formula
from carlemanc.costs.physical import PhysicalCost
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.readout.fault_bias import BIAS, BUDGET, failure_within, fault_bias


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultBudget:
    """What failed operations may take.

    Args:
        share: of the l2 error of theta(T) - center relative to its norm; None where they may not happen at all.
        failure_probability: that any operation of one run fails, at most; 3 digits, so that no distance follows from
            the last bits of a double.
        copy: probability that a run without failures gives a copy of what is read.
        success: of all ancillas |0>, where the method loses the norm of x.
        largest: number of largest weights that are kept.
        runs: of all circuits.
        of: what fails, in words: runs, or uses of a run in the circuits of the readout.
        formula: how the failure probability follows.
        status: of the bound, for the readout that is used.
    """

    share: float | None
    failure_probability: float
    copy: float
    success: float | None
    largest: int | None
    runs: int
    of: str
    formula: Formula
    status: str

    @property
    def inputs(self) -> dict[str, Any]:
        """What it follows from."""
        if self.share is None:
            return {"uses": self.runs}
        return {"share": self.share, "P": self.copy}

    @property
    def assumption(self) -> str:
        """What is taken for granted, in a sentence."""
        return (
            f"logical operations fail as events, in independent {self.of}; nothing "
            "heralds it and a failed run may yield anything: a run may fail with a probability of "
            f"{self.failure_probability:.3g}"
        )

    def part(self, point: PhysicalCost | None) -> BudgetPart:
        """Return the part of the error budget at a point of the frontier; None: no machine keeps the budget."""
        if point is None:
            source = (
                f"no physical cost is known for a failure probability of {self.failure_probability:.3g} a run"
            )
            return BudgetPart(share=self.share, achieved=None, status="unknown", source=source)
        failure = point.failure_probability
        told = f"a run fails with a probability of at most {failure:.3g}; "
        if self.share is None:
            return BudgetPart(share=None, achieved=0.0, status="proved", source=told + self.formula.text)
        bias = fault_bias(failure, self.copy, success=self.success, largest=self.largest)
        return BudgetPart(share=self.share, achieved=bias, status=self.status, source=told + BIAS.text)


def fault_budget(design: Design) -> FaultBudget:
    """Return the budget of one run, those of the sign circuit included.

    The shares give that of epsilon, whether shots are given or derived.
    """
    plan, readout = design.plan, design.readout
    kept: dict[str, Any] = {
        "copy": plan.copy_probability,
        "success": plan.success_probability if plan.amplitude_scale is None else None,
        "largest": readout.keeps,
        "runs": design.runs,
        "of": "uses of a run alike" if readout.amplifies else "runs alike, those of the sign circuit too",
    }
    share = _share(design)
    if share is None:
        failure, formula = readout.failure_budget(design.runs, plan.copy_probability)
        return FaultBudget(
            share=None, failure_probability=failure, formula=formula, status=formula.status, **kept
        )
    return FaultBudget(
        share=share,
        failure_probability=failure_within(
            share, copy=kept["copy"], success=kept["success"], largest=kept["largest"]
        ),
        formula=BUDGET,
        status="proved" if readout.formula.status == "proved" else "model",
        **kept,
    )


def without_faults(design: Design) -> BudgetPart:
    """Return the part of a run on a simulator."""
    source = "no logical operation fails, as on simulators"
    return BudgetPart(share=_share(design), achieved=0.0, status="assumed", source=source)


def uncorrected(design: Design) -> BudgetPart:
    """Return the part of a run on a device without error correction."""
    source = "this device corrects no errors: nothing bounds what its noise does to what is read"
    return BudgetPart(share=_share(design), achieved=None, status="unknown", source=source)


def _share(design: Design) -> float | None:
    """What failed operations may take; None for a readout that none of its runs may spoil."""
    return design.shares.faults * design.at.epsilon or None
