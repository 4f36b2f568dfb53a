"""The classical side of an estimate: what the same answer costs classically, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from carlemanc.costs.classical_baseline import ClassicalBaseline, Crossover, Machine
from carlemanc.evaluation.appraisal import Appraiser
from carlemanc.evaluation.crossover import crossovers
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.levers import levers
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.evaluation.separation import separation_of
from carlemanc.evaluation.verdict import Verdict, verdict_of
from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.norm_dilemma import norm_dilemma


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """Both sides, and what they come to.

    Args:
        baseline: the classical side.
        verdict: whether it pays.
    """

    baseline: ClassicalBaseline
    verdict: Verdict


def judge(
    design: Design,
    physical: PhysicalEstimate,
    appraise: Appraiser | None,
    measured: Machine | None = None,
) -> Judgment:
    """Return the judgment of a design.

    Args:
        design: of the run.
        physical: cost of all its runs.
        appraise: looks at other configurations, for levers and crossovers, once these are read; None: these are left
            out.
        measured: the user's own machine, to be shown beside the others.
    """
    lifted, best = design.lifted, physical.best
    seconds = None if best is None else best.time * physical.runs
    crossings: Mapping[str, Crossover] = {}
    if appraise is not None and lifted is not None:
        crossings = crossovers(appraise, design, lifted)
    verdict = verdict_of(
        design.programs,
        seconds,
        None if lifted is None else separation_of(design, lifted, None if best is None else best.time),
        absent=physical.reason,
        notes=[] if lifted is None else _notes(lifted),
        crossovers=crossings,
        find_levers=tuple if appraise is None else partial(levers, appraise, design, lifted),
    )
    baseline = ClassicalBaseline(
        programs=design.programs, all_runs=seconds, crossovers=crossings, measured=measured
    )
    return Judgment(baseline=baseline, verdict=verdict)


def _notes(lifted: Lifted) -> list[str]:
    """What else speaks for or against it."""
    found = []
    dilemma = norm_dilemma(lifted)
    if dilemma is not None:
        found.append(dilemma.to_text())
    if lifted.is_shaped:
        found.append("no entry of the map is known: programs that use its structure are not looked at")
    return found
