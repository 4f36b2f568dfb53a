"""The verdict of an estimate as lines: what stands first, and the reasons and levers at the end."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.commands.estimate_result import Estimate
from carlemanc.core.double_precision import as_float
from carlemanc.evaluation.levers import Lever
from carlemanc.evaluation.truncation import Truncation
from carlemanc.evaluation.verdict import NO, Verdict, VerdictCrossover


def first_lines(found: Estimate) -> list[str]:
    """Return whether it pays, the regime, the truncation, and which numbers are bounds; without a training the last."""
    lines = [f"does it pay            {verdict_line(found.verdict)}"]
    if found.regime is not None and found.truncation is not None:
        regime = found.regime
        lines.append(
            f"regime                 {regime.name}{regime.where} (mu = {regime.mu:.4g}, R = {regime.R:.4g})"
        )
        lines.append(f"order                  {_truncation(found.truncation)}")
    return [*lines, f"bound or computed      {_known(found)}"]


def verdict_line(found: Verdict) -> str:
    """Return the verdict in one line: whether it pays, against what, and by which factor."""
    against = f"the best classical program known to this tool ({found.against}, on {found.machine})"
    if found.factor is None:
        return f"{found.pays}: nothing to compare with {against}"
    factor = as_float(found.factor)
    if found.pays == NO:
        return f"{found.pays}: all runs take {factor:.3g} times as long as {against}"
    return f"{found.pays}: all runs take {factor:.3g} of the time of {against}"


def last_lines(found: Verdict) -> list[str]:
    """Return the reasons and the levers."""
    lines = ["", f"why: {found.pays}", *[f"  - {line}" for line in found.reasons]]
    if found.crossover is not None:
        lines.append(f"  - {crossover_line(found.crossover)}")
    return lines + lever_lines(found.levers)


def crossover_line(found: VerdictCrossover) -> str:
    """Return where it would pay, and the wall time there."""
    value = f"{found.value:.3g}" if isinstance(found.value, float) else str(found.value)
    time = "" if found.seconds is None else f", after {as_float(found.seconds):.3g} s of wall time"
    return f"crossover at {found.quantity} = {value} against {found.machine}{time}"


def lever_lines(levers: Sequence[Lever]) -> list[str]:
    """Return the table of levers; none where none was found."""
    levers = [lever for lever in levers if lever.factor < 1]
    if not levers:
        return []
    rows = [
        "",
        "what would help, one change at a time (quantum over classical time, both found anew with all other keys kept)",
    ]
    width = max(len(lever.what) for lever in levers)
    return rows + [
        f"  {lever.what:<{width}}  {f'{lever.factor:.3g}':>9} times   {lever.before} -> {lever.after}"
        for lever in levers
    ]


def _truncation(found: Truncation) -> str:
    if found.truncation is None:
        return f"{found.value}, truncation: none (nothing is known of what it does to theta(T))"
    size = f"{found.truncation:.3g} of ||theta(T) - center||"
    match found.status:
        case "certified":
            return f"{found.value}, truncation: certified, at most {size}"
        case "measured":
            return f"{found.value}, truncation: measured, {size}"
        case _:
            return f"{found.value}, truncation: none (the certificate, {size}, tells nothing)"


def _known(found: Estimate) -> str:
    """Say which of the numbers that costs rest on are bounds; a loose one is said first."""
    if found.kappa is None:
        kappa = f"no kappa ({found.kappa_source})"
    elif found.kappa_source == "bound":
        low = "" if found.kappa_at_least is None else f", at least {found.kappa_at_least:.4g}"
        kappa = f"kappa is a proved bound, perhaps far above the truth{low}"
    else:
        kappa = "kappa is computed"
    success = "a bound" if found.plan.success_is_bound else "computed"
    return f"{kappa}; the success probability is {success}"
