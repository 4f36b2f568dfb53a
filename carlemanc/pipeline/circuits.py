"""The quantum stages of one spec: a face of `Design` for drivers that hold a spec."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from qualtran import Bloq

from carlemanc.circuit.angles import TOLERANCE
from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.circuit.emitter import emit
from carlemanc.circuit.program import CODE, Program
from carlemanc.core.errors import TooLarge
from carlemanc.core.memo import Memo
from carlemanc.estimate.error_split import ErrorSplit
from carlemanc.evaluation.design import Design, counter_of, opened, state_epsilon
from carlemanc.evaluation.draft import Draft, draft
from carlemanc.evaluation.settle import settle, settled
from carlemanc.linear_system.history import MAX_ENTRIES, MAX_WIDTH
from carlemanc.pipeline.stages import SpecLike, Stages
from carlemanc.pipeline.system_files import (
    MATRIX_FILE,
    RHS_FILE,
    layout_document,
    solution_document,
    write_system,
)
from carlemanc.solvers.amplified import idle_amplification
from carlemanc.solvers.plan import SolverPlan
from carlemanc.sources.configuration import Configuration, Request, request_of
from carlemanc.sources.source import loaded, source_of

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
    ) -> None:
        self.spec = loaded(spec, overrides)
        self.source = source_of(self.spec)
        self.memo = Memo()
        self.synthesized = synthesized
        self._rounding = rounding

    @property
    def given_system(self) -> bool:
        return self.source.is_given

    @cached_property
    def request(self) -> Request:
        return request_of(self.spec)

    def at(self, method: str) -> Configuration:
        return replace(self.request.at, method=self.request.candidates[method])

    def draft_of(self, method: str) -> Draft:
        at, leading = self.at(method), self.at(self.request.leading)
        free = at.method.traits.access is not leading.method.traits.access or method == self.request.leading
        fixed = None if free else self.draft_of(self.request.leading).shares.coefficients
        return self.memo(draft, self.memo, at, coefficients=fixed)

    def design_of(self, method: str, *, phases: bool = True) -> Design:
        return self.memo(settle, self.memo, self.draft_of(method), phases=phases)

    def access_of(self, method: str) -> Any:
        at = self.at(method)
        if self._rounding is not None:
            return settled(self.memo, at, opened(self.memo, at), self._rounding)
        return self.design_of(method, phases=False).access

    @cached_property
    def encoding(self) -> Any:
        """The block encoding of L."""
        return self.access_of(self.request.leading).encodings[0]

    @cached_property
    def draft_encoding(self) -> Any:
        return opened(self.memo, self.at(self.request.leading)).encodings[0]

    @cached_property
    def counter(self) -> BloqCounter:
        return self.memo(counter_of, self.access_of(self.method))

    @cached_property
    def split(self) -> ErrorSplit:
        return self.split_of(self.method)

    def split_of(self, method: str) -> ErrorSplit:
        return self.draft_of(method).shares

    @cached_property
    def preparation(self) -> Any:
        return opened(self.memo, self.at(self.request.leading)).start

    @property
    def solver_epsilon(self) -> float:
        return self.epsilon_of(self.request.leading)

    def epsilon_of(self, method: str) -> float:
        return state_epsilon(opened(self.memo, self.at(method)).facts, self.spec.solver.epsilon)

    def readout_probability_of(self, method: str) -> float:
        return float(opened(self.memo, self.at(method)).facts.readout_probability)

    @property
    def readout_probability(self) -> float:
        return self.readout_probability_of(self.method)

    @cached_property
    def method(self) -> str:
        """The solver's name: the spec's, or the cheapest whose premise holds where the spec says "auto"."""
        return str(self.spec.solver.method) if self.choice is None else self.choice.best.method

    @cached_property
    def choice(self) -> SolverTable | None:
        if not self.request.is_open:
            return None
        from carlemanc.pipeline.solver_choice import solver_table

        return solver_table(self)

    @property
    def queried(self) -> tuple[Any, ...]:
        return self.queried_by(self.method)

    def queried_by(self, method: str) -> tuple[Any, ...]:
        return self.access_of(method).encodings

    def warn_idle(self, plan: SolverPlan) -> None:
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
        return layout_document(self.history.layout)

    def solution_document(self) -> dict[str, Any]:
        return solution_document(self)

    @property
    def started(self) -> Any:
        return self.started_by(self.method)

    def started_by(self, method: str) -> Any:
        return opened(self.memo, self.at(method)).start

    @property
    def readout_indices(self) -> npt.NDArray[np.int64]:
        return self.access_of(self.method).answer.indices()

    def plan_of(self, method: str, *, counting: bool = False) -> SolverPlan:
        return self.design_of(method, phases=not counting).plan

    def matrix_size(self) -> tuple[int, int]:
        return self.access_of(self.method).size()

    @cached_property
    def plan(self) -> SolverPlan:
        return self.plan_of(self.method)

    @cached_property
    def counted_plan(self) -> SolverPlan:
        return self.plan_of(self.method, counting=True)

    def circuit_of(self, plan: SolverPlan) -> Bloq:
        return self.at(plan.method).method.circuit(plan, self.access_of(plan.method))

    def amplitudes(self) -> tuple[npt.NDArray[Any], float]:
        access = self.access_of(self.method)
        vector = self.at(self.method).method.amplitudes(self.plan, access)
        return access.answer.pick(vector), float(np.vdot(vector, vector).real)

    @cached_property
    def solver(self) -> Bloq:
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
