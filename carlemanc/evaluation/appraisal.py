"""What a configuration costs on a machine, all runs together, beside what is asked of a classical computer.

Comes in: a configuration and how it is priced. Goes out: an `Appraisal`. It is what an estimate does without looking at
gates one by one, so that other configurations can be held against one: at other sizes, or with one key changed. Where
more than `COUNTED` weights are read by circuits of many uses, the uses alone are priced: a third or so less than all
their gates, in favor of the quantum side (counting a loader of hundreds of sites takes seconds, and listing them at
2^60 cannot be done).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from carlemanc.core.memo import Memo
from carlemanc.core.rounding import whole
from carlemanc.costs.classical_baseline import MACHINES, ClassicalProgram, at_hand
from carlemanc.costs.physical import LogicalJob
from carlemanc.costs.physical.frontier import hardware_named
from carlemanc.costs.physical.hardware import Hardware
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.draft import Draft
from carlemanc.evaluation.faults import fault_budget
from carlemanc.evaluation.objective import least_volume_point
from carlemanc.evaluation.price import Priced, price
from carlemanc.evaluation.readout_cost import ReadoutTotal, readout_total
from carlemanc.evaluation.settle import settle
from carlemanc.programs.lowering import Uncompute
from carlemanc.readout.observables import Observables
from carlemanc.sources.configuration import Configuration

COUNTED, LISTED = 256, 1 << 28
"""Weights that are read, and n, up to which the circuits of a readout are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """How runs are priced: the options of `estimate`.

    Args:
        hardware: name of a preset.
        uncompute: how ANDs are undone.
        synthesized: whether the file has words in place of rotations.
        rotation_epsilon: precision of each rotation; None: from the error budget.
    """

    hardware: str
    uncompute: Uncompute
    synthesized: bool
    rotation_epsilon: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Appraisal:
    """A design with its cost.

    Args:
        design: of the run.
        job: of one run.
        runs: as many runs as all circuits of the readout cost.
        failure_budget: of one run.
        seconds: of all runs one after another; None where no way to run them is known.
    """

    design: Design
    job: LogicalJob
    runs: int
    failure_budget: float
    seconds: Fraction | None

    @property
    def program(self) -> ClassicalProgram:
        """The best classical program for the same question on the machine at hand."""
        return at_hand(self.design.programs)[1]

    @property
    def ratio(self) -> Fraction | None:
        """Seconds of all runs over those of that program there; None where either is not known, or none are."""
        key, program = at_hand(self.design.programs)
        classical = program.seconds_on(MACHINES[key])
        return None if self.seconds is None or not classical else self.seconds / classical

    def seconds_on(self, hardware: Hardware) -> Fraction | None:
        """Return the seconds of all runs on another machine."""
        return seconds_of(self.job, self.runs, hardware, self.failure_budget)


@dataclass(frozen=True, kw_only=True, eq=False)
class Appraiser:
    """Appraises configurations as one estimate does.

    Args:
        memo: of this process.
        pricing: how runs are priced.
        draft: weighs the shares of epsilon of a configuration.
    """

    memo: Memo
    pricing: Pricing
    draft: Callable[[Configuration], Draft]
    _known: dict[Configuration, Appraisal] = field(default_factory=dict)

    def __call__(self, at: Configuration) -> Appraisal:
        """Return what a configuration costs. Raises InputError, TooLarge or CheckFailed as planning does."""
        if at not in self._known:
            self._known[at] = self._appraised(at)
        return self._known[at]

    def _appraised(self, at: Configuration) -> Appraisal:
        drafted = self.draft(at)
        unsolved = at.method.traits.counted_unsolved
        design = settle(self.memo, drafted, phases=not unsolved)
        pricing = self.pricing
        priced = price(
            design,
            uncompute=pricing.uncompute,
            synthesized=pricing.synthesized,
            rotation_epsilon=pricing.rotation_epsilon,
            gates=False,
        )
        runs = design.runs
        if isinstance(design.goal, Observables) or _is_counted(design):
            runs = runs_of(design, priced, readout_total(design, priced, pricing.uncompute))
        budget = fault_budget(design).failure_probability
        return Appraisal(
            design=design,
            job=priced.job,
            runs=runs,
            failure_budget=budget,
            seconds=seconds_of(priced.job, runs, hardware_named(pricing.hardware), budget),
        )


def _is_counted(design: Design) -> bool:
    """Whether the circuits of a readout of weights are counted here."""
    return design.system.support <= COUNTED and design.system.n <= LISTED


def runs_of(design: Design, priced: Priced, total: ReadoutTotal) -> int:
    """Return as many runs as all circuits of the readout cost in T gates; a run without any counts as one use."""
    if design.readout_circuits is None:
        return design.runs
    if not priced.t_of_a_run:
        return total.runs
    return whole(Fraction(total.t_in_all, priced.t_of_a_run))


def seconds_of(job: LogicalJob, runs: int, hardware: Hardware, failure_budget: float) -> Fraction | None:
    """Return the seconds of all runs one after another, at the point of least volume; None where there is none."""
    best = least_volume_point(job, hardware, failure_budget)
    return None if best is None else best.time * runs
