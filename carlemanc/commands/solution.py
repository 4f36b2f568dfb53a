"""What `solve` returns: the plan in numbers, the circuit in the forms of other tools, and what simulating it gives."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from carlemanc.access.encoded import Encoded
from carlemanc.backends import simulate
from carlemanc.commands.circuit_forms import CircuitForms
from carlemanc.core.arrays import ComplexArray
from carlemanc.core.document import Document
from carlemanc.core.rounding import whole
from carlemanc.core.shown import Shown
from carlemanc.evaluation.rotations import FINEST_PRICED, PRICED_ANGLES
from carlemanc.methods.amplified import amplification_document
from carlemanc.methods.plan import Plan
from carlemanc.programs.angles import distinct_angles
from carlemanc.programs.bloq_counts import BloqCounts
from carlemanc.programs.emitter import emit
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program
from carlemanc.programs.rotation_prices import GRIDSYNTH, rotation_prices


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedState(Shown):
    """The solution as a simulator of the circuit has it, to double precision.

    Args:
        backend: name of the simulator.
        x: (n,) complex: L^-1 b, or x/||x|| where the norm of x is not known.
        has_norm: whether it is x itself.
        success_probability: of all ancillas |0>, in this circuit.
    """

    backend: str
    x: ComplexArray
    has_norm: bool
    success_probability: float

    BRIEF = "backend x has_norm success_probability"


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution(CircuitForms, Shown, Document):
    """How a system of circuits is solved; counts are of one run, whose rotations the circuit keeps.

    Args:
        method: its name.
        alpha, kappa: of the encoding, and alpha ||L^-1||, ||L^-1|| as it was told.
        epsilon: relative error asked of x.
        error_bound: of x with exact rotations: the method's, and what the encoding's own epsilon does.
        queries: uses of the encoding or its adjoint, controlled or not.
        preparations: uses of the preparation or its adjoint.
        success_probability: of all ancillas |0>; a lower bound where ||x|| is not known.
        success_is_bound: whether it is one.
        keeps_norm: whether the state has the norm of x: else x/||x|| alone is solved for.
        rotation_epsilon: precision of each rotation, operator norm, that keeps synthesis within epsilon too.
        bloq: the circuit as a bloq of Qualtran, registers `system` and `ancilla`; success is ancilla |0>.
        uncompute: how ANDs are undone; None: by measurement, but in OpenQASM 2.
        counts, plan, system: what the numbers are from.
    """

    method: str
    alpha: float
    kappa: float
    epsilon: float
    error_bound: float
    queries: int
    preparations: int
    success_probability: float
    success_is_bound: bool
    keeps_norm: bool
    rotation_epsilon: float
    bloq: Any
    uncompute: Uncompute | None = None
    counts: BloqCounts
    plan: Plan
    system: Encoded

    BRIEF = "method alpha kappa epsilon error_bound queries logical_qubits t_count success_probability"
    KEYS = """
        method alpha kappa epsilon error_bound queries.L=queries queries.b=preparations t_count toffoli_count
        rotation_count rotation_epsilon t_of_a_run expected_t logical_qubits amplification success_probability
        success_is_bound keeps_norm
    """

    @property
    def amplification(self) -> dict[str, Any]:
        """What is amplified, and in how many rounds a run."""
        return amplification_document(self.plan)

    @property
    def t_count(self) -> int:
        """T gates outside Toffolis, rotations not counted."""
        return self.counts.t

    @property
    def toffoli_count(self) -> int:
        """Toffolis: ANDs computed, and undone where that is done unitarily."""
        return self.counts.toffoli

    @property
    def rotation_count(self) -> int:
        """Rotations that are no Clifford+T gates."""
        return self.counts.rotation_count

    @property
    def logical_qubits(self) -> int:
        """Width of the circuit."""
        return self.counts.qubits

    @cached_property
    def t_of_a_run(self) -> int:
        """T gates with every Toffoli as four and every rotation synthesized to `rotation_epsilon`.

        Words are made where angles are few, and priced by the fit of their length elsewhere.
        """
        rotations = self.counts.rotations
        exact = self.rotation_epsilon >= FINEST_PRICED and distinct_angles(rotations) <= PRICED_ANGLES
        prices = rotation_prices(rotations, self.rotation_epsilon, GRIDSYNTH, exact=exact)
        return self.counts.t_in_file + prices.all_t(rotations)

    @property
    def expected_t(self) -> int:
        """T gates of all runs until one succeeds, on average: at most, where the success is a bound; 4 digits."""
        return whole(self.t_of_a_run / Fraction(self.success_probability))

    @cached_property
    def program(self) -> Program:
        """The flat circuit, gate by gate what was counted."""
        return emit(self.bloq)

    def simulate(self, backend: str = "sparse") -> SolvedState:
        """Run the circuit and return the solution.

        Args:
            backend: "sparse" (any number of qubits), "aer" or "cirq".

        Raises InputError for another name, TooLarge where the simulator cannot hold the circuit.
        """
        state = simulate(self.program, backend)
        amplitudes, success = state.dense(), state.success_probability
        has_norm = self.keeps_norm or self.system.solution_norm is not None
        x = self.plan.solution(amplitudes, success) if has_norm else amplitudes / np.sqrt(success)
        return SolvedState(backend=backend, x=x, has_norm=has_norm, success_probability=success)
