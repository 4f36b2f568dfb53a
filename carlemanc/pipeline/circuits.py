"""The quantum stages of one spec: encoding, preparation, plan and circuit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from qualtran import Bloq

from carlemanc.block_encoding import HistoryBlockEncoding
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.circuit.bloq_counts import count
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.program import CODE, Program
from carlemanc.pipeline.coefficients import COEFFICIENT_SHARE, allowed_error, encode_within
from carlemanc.pipeline.stages import SpecLike, Stages
from carlemanc.solvers.amplified import Amplified
from carlemanc.solvers.plan import AbstractLinearSolver, SolverPlan
from carlemanc.solvers.registry import solver
from carlemanc.state_preparation import PrepareRightHandSide, prepare

if TYPE_CHECKING:
    from carlemanc.pipeline.solver_choice import SolverTable

ROTATION_SHARE = 0.1
"""Share of the solver's epsilon left to rotation synthesis where rotations are synthesized."""


class Circuits(Stages):
    """`Stages`, and the circuits made from them."""

    def __init__(
        self,
        spec: SpecLike,
        overrides: Iterable[str] = (),
        *,
        synthesized: bool = False,
        rounding: float | None = None,
    ) -> None:
        super().__init__(spec, overrides)
        self.synthesized = synthesized
        self._rounding = rounding

    @cached_property
    def encoding(self) -> HistoryBlockEncoding:
        """The block encoding of L; loaded coefficients keep it within `rounding`, by default their share of epsilon."""
        return encode_within(self.history, self.loading, self._allowed_rounding)

    def _allowed_rounding(self) -> float:
        if self._rounding is not None:
            return self._rounding
        return allowed_error(COEFFICIENT_SHARE * self.solver_epsilon, self.inverse_norm.inverse_norm)

    @cached_property
    def coefficient_share(self) -> float:
        """Share of the solver's epsilon for the rounding of coefficients; 0 where none is rounded."""
        return COEFFICIENT_SHARE if rounding_error(self.encoding) else 0.0

    @property
    def solver_share(self) -> float:
        """Share of the solver's epsilon left to its polynomial."""
        return 1 - (ROTATION_SHARE if self.synthesized else 0.0) - self.coefficient_share

    @property
    def loading(self) -> Loading | None:
        """How tables are read; None where the spec keeps plain lookups."""
        asked = self.spec.compile
        if asked.memory == "lookup" and not asked.ancilla_budget:
            return None
        return Loading(memory=asked.memory, ancilla_budget=asked.ancilla_budget)

    @cached_property
    def preparation(self) -> PrepareRightHandSide:
        """The preparation of b/||b||."""
        return prepare(self.history)

    @cached_property
    def preparation_rotations(self) -> int:
        """Number of rotations in the preparation of b."""
        return count(self.preparation).rotation_count

    @property
    def solver_epsilon(self) -> float:
        """Relative error allowed to ||x~ - x||, so that theta(T) - center is within solver.epsilon.

        ||theta~ - theta|| / ||theta - center|| <= (||x~ - x||/||x||) / sqrt(readout probability), proved.
        """
        return min(0.5, self.spec.solver.epsilon * math.sqrt(self.norms.readout_probability))

    def error_budget(self) -> dict[str, float]:
        """How solver.epsilon is split, each in relative error of theta(T) - center."""
        share = ROTATION_SHARE if self.synthesized else 0.0
        return {
            "solver_polynomial": self.spec.solver.epsilon * self.solver_share,
            "rotation_synthesis": self.spec.solver.epsilon * share,
            "coefficients": self.spec.solver.epsilon * self.coefficient_share,
        }

    @cached_property
    def method(self) -> str:
        """The solver's name: the spec's, or the cheapest whose premise holds where the spec says "auto"."""
        return str(self.spec.solver.method) if self.choice is None else self.choice.best.method

    @cached_property
    def choice(self) -> SolverTable | None:
        """The table that "auto" chose from, None where the spec names a method."""
        if self.spec.solver.method != "auto":
            return None
        from carlemanc.pipeline.solver_choice import solver_table

        return solver_table(self)

    @cached_property
    def linear_solver(self) -> AbstractLinearSolver:
        """The solver itself."""
        return self.solver_of(self.method)

    def solver_of(self, method: str) -> AbstractLinearSolver:
        """Return the solver of a method with the options of the spec."""
        found = solver(method, **({"polynomial": self.spec.solver.polynomial} if method == "qsvt" else {}))
        return Amplified(inner=found) if self.spec.solver.amplification else found

    def plan_of(self, chosen: AbstractLinearSolver, alpha: float) -> SolverPlan:
        """Return the plan of a solver for a subnormalization."""
        return chosen.plan(
            alpha=alpha,
            inverse_norm=self.inverse_norm.inverse_norm,
            epsilon=self.solver_epsilon * self.solver_share,
            rhs_norm=self.norms.rhs_norm,
            solution_norm=self.norms.solution_norm,
        )

    @cached_property
    def plan(self) -> SolverPlan:
        """Degree, phases and success probability of the inversion."""
        return self.plan_of(self.linear_solver, self.encoding.alpha)

    @cached_property
    def counted_plan(self) -> SolverPlan:
        """The same without phases, for degrees no circuit is emitted at."""
        return self.plan_of(self.linear_solver.for_counting(), self.encoding.alpha)

    def circuit_of(self, plan: SolverPlan) -> Bloq:
        """Return the circuit of one run of a plan."""
        return self.solver_of(plan.method).circuit(plan, self.preparation, self.encoding)

    @cached_property
    def solver(self) -> Bloq:
        """|b>, then the inversion."""
        return self.circuit_of(self.plan)

    def program(self, stage: str) -> Program:
        """Emit the circuit of a stage of CONTRACT section 2."""
        bloqs = {"block-encoding": "encoding", "state-preparation": "preparation"}
        program = emit(getattr(self, bloqs.get(stage, "solver")))
        if stage == "full":
            program = measured(program)
        metadata: dict[str, Any] = {"carlemanc": "program", "spec": self.spec.name, "stage": stage}
        if stage != "state-preparation":
            metadata |= {"alpha": self.encoding.alpha}
        return replace(program, metadata=metadata)


def measured(program: Program) -> Program:
    """Measure every register, the ancillas of the block encoding first."""
    names = sorted(program.registers, key=lambda name: name == "system")
    wires = [wire for name in names for wire in program.registers[name]]
    places = np.full((len(wires), 3), -1, dtype=np.int32)
    places[:, 0] = wires
    return replace(
        program,
        codes=np.concatenate([program.codes, np.full(len(wires), CODE["measure"], dtype=np.uint8)]),
        wires=np.concatenate([program.wires, places]),
        angles=np.concatenate([program.angles, np.zeros(len(wires))]),
    )
