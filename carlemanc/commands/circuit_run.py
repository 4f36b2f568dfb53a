"""What every run of a circuit states, and the time that its parts took."""

from __future__ import annotations

import time
from typing import Any

from carlemanc.commands.backend_choice import Amplitudes
from carlemanc.commands.opening import Opened
from carlemanc.evaluation.budget import error_budget
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.methods.amplified import amplification_document


def circuit_run(
    design: Design, opened: Opened, found: Amplitudes, faults: BudgetPart | None = None
) -> dict[str, Any]:
    """Return the fields of a `CircuitRun` from exact amplitudes, but for its seconds."""
    plan = design.plan
    return {
        "name": opened.spec.name,
        "choices": opened.choices,
        "epsilon": design.at.epsilon,
        "error_budget": error_budget(design, faults=faults),
        "success_probability": found.success,
        "planned_success_probability": plan.success_probability,
        "backend": found.backend,
        "backend_reason": found.reason,
        "alpha": plan.alpha,
        "qubits": found.width,
        "gates": found.gates,
        "method": plan.method,
        "degree": plan.degree,
        "amplification": amplification_document(plan),
    }


class Clock:
    """Wall time of the parts of a run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Record the time since the last lap."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now
