"""The quantum stages of one spec: encoding, preparation, plan and circuit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from qualtran import Bloq

from carlemanc.block_encoding import HistoryBlockEncoding, encode
from carlemanc.bloqs.loading import Loading
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.circuit.angles import TOLERANCE
from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.program import CODE, Program
from carlemanc.core.errors import TooLarge
from carlemanc.estimate.error_split import ErrorSplit, optimal_split
from carlemanc.linear_system.history import MAX_ENTRIES, MAX_WIDTH
from carlemanc.model.light_cone.cone import light_cone, reached_list
from carlemanc.model.light_cone.growth import LightCone
from carlemanc.model.upload import Upload
from carlemanc.pipeline.coefficients import allowed_error, encode_within
from carlemanc.pipeline.cost_model import cost_model
from carlemanc.pipeline.march_parts import MarchParts
from carlemanc.pipeline.plan_success import with_exact_success
from carlemanc.pipeline.stages import SpecLike, Stages
from carlemanc.pipeline.system_files import (
    MATRIX_FILE,
    RHS_FILE,
    layout_document,
    solution_document,
    write_system,
)
from carlemanc.solvers.amplified import Amplified, idle_amplification
from carlemanc.solvers.plan import AbstractLinearSolver, SolverPlan
from carlemanc.solvers.registry import solver
from carlemanc.state_preparation import PrepareRightHandSide, prepare

if TYPE_CHECKING:
    from carlemanc.pipeline.solver_choice import SolverTable

MARCH = "march"
"""The method that inverts nothing: it queries the steps, not L."""
SOLVED = ("solver", "full")
"""Stages whose circuit is the method's."""
LARGEST_ALPHA = TOLERANCE**-2
"""Of a history system that is emitted."""


class Circuits(Stages):
    """`Stages`, and the circuits made from them."""

    def __init__(
        self,
        spec: SpecLike,
        overrides: Iterable[str] = (),
        *,
        synthesized: bool = False,
        rounding: float | None = None,
        upload: Upload | None = None,
    ) -> None:
        super().__init__(spec, overrides, upload=upload)
        self.synthesized = synthesized
        self._rounding = rounding
        self._splits: dict[str, ErrorSplit] = {}

    @cached_property
    def encoding(self) -> HistoryBlockEncoding:
        """The block encoding of L; loaded coefficients keep it within `rounding`, by default their share of epsilon."""
        return encode_within(self.draft_encoding, self.history, self.loading, self._allowed_rounding)

    @cached_property
    def draft_encoding(self) -> HistoryBlockEncoding:
        """The same with loaded angles of a standard length: what the split of epsilon is weighed by."""
        return encode(self.history, loading=self.loading)

    def _allowed_rounding(self) -> float:
        if self._rounding is not None:
            return self._rounding
        share = self.coefficient_split.coefficients
        return allowed_error(share * self.solver_epsilon, self.inverse_norm.inverse_norm)

    @cached_property
    def counter(self) -> BloqCounter:
        """Remembers the counts of every bloq of this spec."""
        return BloqCounter()

    @cached_property
    def split(self) -> ErrorSplit:
        """How solver.epsilon is split, for the spec's method."""
        return self.split_of(self.method)

    @property
    def coefficient_split(self) -> ErrorSplit:
        """The split that the bits of loaded angles follow; all methods call one encoding of L."""
        return self.split_of(
            "qsvt" if self.spec.solver.method in ("auto", MARCH) else self.spec.solver.method
        )

    def split_of(self, method: str) -> ErrorSplit:
        """Return how solver.epsilon is split for a method; the same for both gate sets, see `error_split`."""
        if method not in self._splits:
            asked = self.spec.solver.method
            fixed = None
            if method not in (asked, MARCH) and not (asked in ("auto", MARCH) and method == "qsvt"):
                fixed = self.coefficient_split.coefficients
            self._splits[method] = optimal_split(cost_model(self, method), coefficients=fixed)
        return self._splits[method]

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
        return prepare(self.history, loading=self.loading)

    @property
    def solver_epsilon(self) -> float:
        """Relative error allowed to ||x~ - x||, so that theta(T) - center is within solver.epsilon.

        ||theta~ - theta|| / ||theta - center|| <= (||x~ - x||/||x||) / sqrt(readout probability), proved.
        """
        return self.epsilon_of("qsvt")

    def epsilon_of(self, method: str) -> float:
        """The same for a method: marching leaves another share of its state at theta(T)."""
        return min(0.5, self.spec.solver.epsilon * math.sqrt(self.readout_probability_of(method)))

    def readout_probability_of(self, method: str) -> float:
        """Share of the state a method leaves that stands at t >= T on level 1."""
        return self.march.readout_probability if method == MARCH else self.norms.readout_probability

    @property
    def readout_probability(self) -> float:
        """The same of the spec's method."""
        return self.readout_probability_of(self.method)

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

    def solver_of(self, method: str, *, counting: bool = False) -> AbstractLinearSolver:
        """Return the solver of a method with the options of the spec; `counting`: for plans without phases."""
        table = self.spec.solver
        options: dict[str, dict[str, Any]] = {
            "qsvt": {"polynomial": table.polynomial},
            "kernel": {"norm": table.norm},
        }
        found: AbstractLinearSolver
        if method == MARCH:
            found = self.march.solver(solve_phases=not counting)
        else:
            found = solver(method, **options.get(method, {}))
        found = Amplified(inner=found) if table.amplification else found
        return found.for_counting() if counting else found

    @cached_property
    def march(self) -> MarchParts:
        """What marching takes in place of the encoding of L and the preparation of b."""
        sizes = None
        if not self.is_solvable:
            along = sizes_along(self.sequence, self.displacement) / self.gamma
            sizes = (float(along[0]), float(along[-1]))
        return MarchParts(history=self.history, loading=self.loading, sizes=sizes)

    @property
    def queried(self) -> tuple[HistoryBlockEncoding, ...]:
        """The block encodings that the method's circuit calls."""
        return self.queried_by(self.method)

    def queried_by(self, method: str) -> tuple[HistoryBlockEncoding, ...]:
        """The block encodings that the circuit of a method calls: that of L, or those of the steps."""
        return self.march.encodings if method == MARCH else (self.encoding,)

    def warn_idle(self, plan: SolverPlan) -> None:
        """Issue a warning where the spec asks for amplification and no round helps."""
        if idle := idle_amplification(plan):
            warnings.warn(idle, stacklevel=3)

    def write_system(self, directory: Path) -> tuple[str | None, str | None]:
        """Write L.npz and b.npy; return their names, None where L is too large."""
        history = self.history
        if history.layout.width > MAX_WIDTH or history.entries_bound > MAX_ENTRIES:
            return None, None
        try:
            write_system(history, directory)
        except TooLarge:  # the packed step itself does not fit: the contract's null
            return None, None
        return MATRIX_FILE, RHS_FILE

    def layout_document(self) -> dict[str, Any]:
        """Parts of the system register of L."""
        return layout_document(self.history.layout)

    def solution_document(self) -> dict[str, Any]:
        """Where theta(T) stands in x."""
        return solution_document(self)

    @property
    def started(self) -> PrepareRightHandSide:
        """The preparation that the method's circuit begins with."""
        return self.started_by(self.method)

    def started_by(self, method: str) -> PrepareRightHandSide:
        """The preparation that the circuit of a method begins with."""
        return self.march.preparation if method == MARCH else self.preparation

    @property
    def light_cone(self) -> LightCone:
        """Which weights of theta - center can be nonzero at T."""
        return light_cone(self.sequence, self.displacement)

    @property
    def support(self) -> int:
        """How many entries of what is read can be nonzero, at least 1: known before the run."""
        return max(1, self.light_cone.support)

    @cached_property
    def read_sites(self) -> npt.NDArray[np.int64]:
        """Those entries, ascending; all n where none can be. Raises TooLarge for lattices that are never run."""
        sites = reached_list(self.sequence, self.displacement)
        return sites if len(sites) else np.arange(self.n, dtype=np.int64)

    @property
    def readout_indices(self) -> npt.NDArray[np.int64]:
        """Basis states of theta(T) - center in the method's final state, (copies, n)."""
        return self.march.readout_indices if self.method == MARCH else self.history.readout_indices()

    def plan_of(self, method: str, *, counting: bool = False) -> SolverPlan:
        """Return the plan of a method; `counting`: without phases, for degrees no circuit is emitted at."""
        chosen = self.solver_of(method, counting=counting)
        epsilon = self.epsilon_of(method) * self.split_of(method).polynomial
        plan = chosen.plan(**self.plan_numbers(method, epsilon, self.queried_by(method)[0].alpha))
        if method == MARCH:
            return plan
        if self.spec.solver.amplification or self.is_shaped:
            return plan
        return with_exact_success(plan, chosen, 1 << self.encoding.system_bitsize, self.small_system)

    def plan_numbers(self, method: str, epsilon: float, alpha: float) -> dict[str, float]:
        """Return what a method plans with: `epsilon` is the relative error of its final state."""
        if method == MARCH:
            return self.march.numbers(epsilon)
        return {
            "alpha": alpha,
            "inverse_norm": self.inverse_norm.inverse_norm,
            "epsilon": epsilon,
            "rhs_norm": self.norms.rhs_norm,
            "solution_norm": self.norms.solution_norm,
        }

    def small_system(self) -> tuple[Any, Any]:
        """L and b in the basis of the register."""
        return self.history.matrix(), self.history.rhs()

    def matrix_size(self) -> tuple[int, int]:
        """Return the width of the register and a bound of the entries of L: what block arithmetic holds."""
        return self.history.layout.width, self.history.entries_bound

    @cached_property
    def plan(self) -> SolverPlan:
        """Degree, phases and success probability of the inversion."""
        return self.plan_of(self.method)

    @cached_property
    def counted_plan(self) -> SolverPlan:
        """The same without phases, for degrees no circuit is emitted at."""
        return self.plan_of(self.method, counting=True)

    def circuit_of(self, plan: SolverPlan) -> Bloq:
        """Return the circuit of one run of a plan."""
        chosen = self.solver_of(plan.method)
        if plan.method == MARCH:
            return chosen.circuit(plan, self.march.preparation, self.march.encodings)
        return chosen.circuit(plan, self.preparation, self.encoding)

    def amplitudes(self) -> tuple[npt.NDArray[Any], float]:
        """Return the amplitudes of theta(T) - center, (copies, n), and the success probability, without gates."""
        if self.method == MARCH:
            march = self.march
            vector = self.linear_solver.amplitudes(
                self.plan, march.extended.matrices(), march.extended.start()
            )
            return vector[march.level_one][None, :], float(np.vdot(vector, vector).real)
        vector = self.linear_solver.amplitudes(self.plan, self.history.matrix(), self.history.rhs())
        return vector[self.readout_indices], float(np.vdot(vector, vector).real)

    @cached_property
    def solver(self) -> Bloq:
        """|b>, then the inversion."""
        return self.circuit_of(self.plan)

    def program(self, stage: str) -> Program:
        """Emit the circuit of a stage of CONTRACT section 2."""
        bloqs = {"block-encoding": "encoding", "state-preparation": "preparation"}
        if stage != "state-preparation" and not self.given_system:
            check_resolved(self.queried[0] if stage in SOLVED else self.encoding)
        program = emit(getattr(self, bloqs.get(stage, "solver")))
        if stage == "full":
            program = measured(program)
        metadata: dict[str, Any] = {"carlemanc": "program", "spec": self.spec.name, "stage": stage}
        if stage != "state-preparation":
            metadata |= {"alpha": self.queried[0].alpha if stage in SOLVED else self.encoding.alpha}
        return replace(program, metadata=metadata)


def check_resolved(encoding: Any) -> None:
    """Refuse to emit an encoding of L whose smallest amplitudes are angles that count as zero. Raises TooLarge.

    L has entries of size 1 (its diagonal), which a block encoding weighs with alpha^(-1/2) on either side.
    """
    if encoding.alpha > LARGEST_ALPHA:
        raise TooLarge(
            "the block encoding",
            size=f"alpha = {encoding.alpha:.3g}, with amplitudes of {encoding.alpha**-0.5:.1g}",
            limit=f"alpha = {LARGEST_ALPHA:.3g}, amplitudes of {TOLERANCE:g}, in double precision",
            instead="Its cost can still be counted: carlemanc estimate. A center nearer to zero makes it smaller.",
        )


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
