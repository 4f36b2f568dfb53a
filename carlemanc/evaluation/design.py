"""A design: a configuration with its shares of epsilon, what it queries, its plan and its circuit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from qualtran import Bloq

from carlemanc.access.access import Access, Opener, Reading, System
from carlemanc.access.facts import Facts
from carlemanc.classical.question import Question, question_of
from carlemanc.classical.registry import classical_programs
from carlemanc.classical.solvers.registry import classical_solvers
from carlemanc.classical.solvers.solver import SystemQuestion
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.memo import Memo
from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.costs.error_split import ErrorSplit
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.method import AnyMethod
from carlemanc.methods.plan import Plan
from carlemanc.observables.event import copies_of
from carlemanc.programs.bloq_counts import BloqCounter
from carlemanc.readout.goal import Goal
from carlemanc.readout.readout_circuit import ReadoutCircuit
from carlemanc.readout.readout_plan import ReadoutPlan, Setting
from carlemanc.sources.configuration import Configuration
from carlemanc.sources.systems import given_of, lifted_by, system_of, training_of


def state_epsilon(method: AnyMethod, facts: Facts, epsilon: float) -> float:
    """Return the relative error allowed to the state of one use, so that theta(T) - center is within epsilon.

    ||theta~ - theta|| / ||theta - center|| <= (||x~ - x||/||x||) / sqrt(readout probability), proved; what
    amplification adds to it the method says.
    """
    return min(0.5, method.inner_epsilon(epsilon) * math.sqrt(facts.readout_probability))


def evaluation_memo() -> Memo:
    """Return a memo that keeps all numbers, and as many heavy stages as a search goes back to."""
    return Memo({open_access: 4, counter_of: 4, lifted_by: 8, training_of: 2, given_of: 2})


def opened(memo: Memo, at: Configuration, bits: int | None = None) -> Access[Facts]:
    """Return what a configuration's method queries, with loaded angles of so many bits; None: a standard length."""
    system = system_of(memo, at.source, at.lift)
    return memo(open_access, at.method.traits.access, system, at.reading, bits)


def open_access(opener: Opener, system: System, reading: Reading, bits: int | None) -> Access[Facts]:
    """Open a system: the heavy stage, to be called through a memo."""
    return opener(system, reading, bits)


def counter_of(access: Access[Facts]) -> BloqCounter:
    """Return what remembers the counts of an access's bloqs, to be called through a memo."""
    return BloqCounter()


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """What is run.

    Args:
        at: the configuration.
        shares: of epsilon.
        access: what is queried, as fine as its share asks.
        plan: queries, success and certificate.
        counter: remembers the counts of its bloqs.
    """

    at: Configuration
    shares: ErrorSplit
    access: Access[Facts]
    plan: Plan
    counter: BloqCounter

    @property
    def system(self) -> System:
        """What is solved."""
        return self.access.system

    @property
    def lifted(self) -> Lifted | None:
        """The lifted training; None for a linear system as it is."""
        return self.system if isinstance(self.system, Lifted) else None

    @property
    def method(self) -> AnyMethod:
        """The method."""
        return self.at.method

    @property
    def goal(self) -> Goal:
        """What is read."""
        return self.at.goal

    @property
    def one_use_epsilon(self) -> float:
        """Relative error allowed to the state of one use of the method's circuit."""
        return state_epsilon(self.method, self.access.facts, self.at.epsilon)

    @property
    def epsilon(self) -> float:
        """Relative error allowed to the final state of a run, amplified or not."""
        return min(0.5, self.at.epsilon * math.sqrt(self.plan.readout_probability))

    @property
    def readout_probability(self) -> float:
        """Share of the final state of a run that is the answer."""
        return self.plan.readout_probability

    @cached_property
    def circuit(self) -> Bloq:
        """The circuit of one run; without phases it can only be counted."""
        return self.method.circuit(self.plan, self.access)

    @cached_property
    def readout(self) -> ReadoutPlan:
        """The readout: its precision on theta(T) - center is its share of epsilon.

        Only the entries that can be nonzero at T are read: outside the light cone x vanishes (`model.light_cone`), so
        that leaving out what the circuit has there brings theta(T) closer to it, and the bounds hold with d = the
        support. Where the shots are given, the readout has no share, and the plan is that for all of epsilon.
        Raises InputError where no bound is known for what is to be read.
        """
        self.goal.check(self.at.source.origin)
        found = self.goal.plan(self.system, self.at.epsilon * (self.shares.readout or 1.0))
        if found.amplifies and self.plan is not self.plan.one_use:
            problem = Problem(
                where=f"{self.at.source.origin}: solver.amplification",
                found=f'a run with rounds of its own, and readout.method = "{found.method}"',
                allowed="false: the circuits of this readout amplify a plain run as far as it pays",
            )
            raise InputError("this readout amplifies by itself", [problem])
        return found

    @property
    def runs(self) -> int:
        """Runs of the circuit, successful or not: those that are given, or as many as epsilon asks for."""
        return self.goal.shots or self.readout.runs(self.plan.copy_probability, self.setting)

    @cached_property
    def question(self) -> Question:
        """What a classical computer is asked instead. Raises TypeError for a linear system as it is."""
        if self.lifted is None:
            raise TypeError("a linear system as it is trains nothing")
        return question_of(self.lifted, self.goal, self.at.epsilon, self.at.source)

    @cached_property
    def programs(self) -> tuple[ClassicalProgram, ...]:
        """What the classical programs cost for it; for a linear system as it is, what solvers of it cost."""
        if isinstance(self.system, Given):
            return classical_solvers(SystemQuestion(given=self.system, epsilon=self.at.epsilon))
        return classical_programs(self.question)

    @cached_property
    def setting(self) -> Setting:
        """What a run is made of, for a readout that has circuits of its own."""
        plan, answer = self.plan, self.access.answer
        copies, calibration, factor = copies_of(self.access), None, plan.copy_probability
        if plan.amplitude_scale is not None:
            factor = plan.amplitude_scale**2 * copies
        elif answer.calibration is not None and (known := answer.calibration.norm):
            calibration = plan.success_probability * (known / plan.solution_norm) ** 2
            factor = calibration * copies / known**2
        return Setting(access=self.access, scale=plan.amplitude_scale, calibration=calibration, factor=factor)

    @cached_property
    def readout_circuits(self) -> Sequence[ReadoutCircuit] | None:
        """The circuits of the readout; None where all are priced as the plain run."""
        return self.readout.circuits(self.circuit, self.plan.copy_probability, self.setting)
