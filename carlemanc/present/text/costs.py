"""What the runs of an estimate take: physical qubits and seconds, and the same training on classical machines."""

from __future__ import annotations

from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import MACHINES, ClassicalBaseline, Crossover
from carlemanc.costs.physical.microsoft import MicrosoftEstimate
from carlemanc.evaluation.physical import PhysicalEstimate


def physical_lines(found: PhysicalEstimate) -> list[str]:
    """Return the physical cost, or why there is none."""
    if found.best is None:
        return [f"physical cost          none: {found.reason}"]
    point, points = found.best, found.points
    return [
        f"failed operations      {point.failure_probability:.3g} a run, {found.failure_budget:.3g} allowed "
        "(they are not heralded, and bias what is read)",
        f"physical qubits        {point.qubits}   ({point.model}, d = {point.distance})",
        f"time of a run          {point.seconds:.3g} s; all runs {found.seconds_of_all_runs:.3g} s",
        f"frontier               {len(points)} points, {points[0].qubits} to "
        f"{points[-1].qubits} qubits, {points[0].seconds:.3g} to {points[-1].seconds:.3g} s",
        *([f"cross-check            {_microsoft(found.cross_check)}"] if found.cross_check else []),
    ]


def _microsoft(found: MicrosoftEstimate) -> str:
    return (
        f"{found.qubits} physical qubits and {float(found.time):.3g} s, d = {found.distance}, "
        f"{found.factories} factories (qdk {found.version})"
    )


def baseline_lines(found: ClassicalBaseline) -> list[str]:
    """Return the classical program, its seconds beside those of the quantum runs, and the crossovers."""
    machines, program = MACHINES.values(), found.program
    times = ", ".join(
        f"{as_float(machine.seconds(found.flops)):.3g} s on {machine.name}" for machine in machines
    )
    lines = [
        f"classical baseline     {found.flops} flops for the same steps: {times}",
        f"                       the best classical program known to this tool: {program.name} ({program.reason})",
    ]
    for what, seconds in (("all runs", found.all_runs), ("one sample", found.one_sample)):
        ratios = [found.ratio(machine, seconds) for machine in machines]
        if seconds is not None and None not in ratios:
            against = ", ".join(
                f"{as_float(ratio):.3g} times {machine.name}"
                for ratio, machine in zip(ratios, machines, strict=True)
                if ratio is not None
            )
            lines.append(f"quantum, {what:<13} {as_float(seconds):.3g} s: {against}")
    return lines + [f"crossover              {_crossover(item)}" for item in found.crossovers.values()]


def _crossover(item: Crossover) -> str:
    shown = [
        f"n = 2^{n.bit_length() - 1} against {MACHINES[key].name}"
        for key, n in item.found.items()
        if n is not None
    ]
    return f"{item.what}: {', '.join(shown) or 'none'} ({item.reason})"
