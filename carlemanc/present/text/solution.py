"""How a system of the user's own circuits is solved: the plan in a few lines."""

from __future__ import annotations

from carlemanc.commands.solution import Solution, SolvedState
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View

_SHOWN = 8
"""Entries of a solution that are listed."""


@text.register
def solution_text(found: Solution, view: View = FIRST) -> str:
    """Return what a run takes and how often it succeeds."""
    least = "at least " if found.success_is_bound else ""
    rounds = found.amplification["rounds"]
    amplified = f", after {rounds} round{'s' * (rounds > 1)} of amplification" if rounds else ""
    whose = "x" if found.keeps_norm else "x/||x||: the method loses the norm"
    return "\n".join(
        [
            f"{found.method}: kappa = alpha ||L^-1|| = {found.kappa:.4g}, alpha = {found.alpha:.4g}",
            f"relative error        {found.epsilon:.3g} asked, {found.error_bound:.3g} bound with exact rotations",
            f"queries               {found.queries:,} of the encoding, {found.preparations:,} of the preparation",
            f"gates                 {found.t_count:,} T, {found.toffoli_count:,} Toffoli, "
            f"{found.rotation_count:,} rotations",
            f"T of a run            {found.t_of_a_run:,}, each rotation to {found.rotation_epsilon:.3g}",
            f"T of a success        {'at most ' * found.success_is_bound}{found.expected_t:,}",
            f"logical qubits        {found.logical_qubits:,}",
            f"success probability   {least}{found.success_probability:.4g}{amplified}",
            f"holds                 {whose}",
        ]
    )


@text.register
def state_text(found: SolvedState, view: View = FIRST) -> str:
    """Return the first entries of a simulated solution, or all of them."""
    shown = len(found.x) if view.whole else _SHOWN
    lines = [
        f"{'x' if found.has_norm else 'x/||x||'} by {found.backend}, "
        f"success probability {found.success_probability:.4g}"
    ]
    lines += [f"x_{i:<5} {value:.10f}" for i, value in enumerate(found.x[:shown])]
    if len(found.x) > shown:
        lines.append(f"... {len(found.x) - shown:,} more entries")
    return "\n".join(lines)
