"""Time marching of a spec: the steps' encodings, the start, the plan, the circuit and where theta(T) is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from qualtran import Bloq
from scipy.sparse.linalg import svds

from carlemanc.block_encoding.step_encoding import StepEncoding, step_encoding, step_indices
from carlemanc.bloqs.loading import Loading
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.linear_system import HistorySystem
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.solvers.march import March, MarchPlan
from carlemanc.state_preparation import PrepareRightHandSide
from carlemanc.state_preparation.march_start import prepare_start

IntArray = npt.NDArray[np.int64]
_DENSE = 500
"""Rows up to which the norm of a step is taken from all its singular values."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MarchParts:
    """What marching needs in place of the encoding of L and the preparation of b.

    Args:
        history: the system; padding is not marched.
        loading: how tables are read.
        amplified: see `March`.
        sizes: ||u(0)|| / gamma and ||u(T)|| / gamma, for a history too large to be solved: norms are then those of
            the exact lift. None: the history is solved.
    """

    history: HistorySystem
    loading: Loading | None = None
    amplified: Literal["yes", "no", "auto"] = "auto"
    sizes: tuple[float, float] | None = None

    @cached_property
    def extended(self) -> ExtendedSteps:
        """The steps with level 0 where there are sources."""
        return ExtendedSteps(history=self.history)

    @cached_property
    def encodings(self) -> tuple[StepEncoding, ...]:
        """The encoding of each distinct step."""
        level_zero = self.extended.level_zero
        return tuple(
            step_encoding(system, level_zero=level_zero, loading=self.loading)
            for system in self.history.systems
        )

    @cached_property
    def preparation(self) -> PrepareRightHandSide:
        """The preparation of the start."""
        return prepare_start(self.history, loading=self.loading)

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """The norm of each distinct step, computed, or alpha where the step is too large (no amplification)."""
        alphas = [encoding.alpha for encoding in self.encodings]
        if self.history.systems[0].map.is_shaped:
            return tuple(alphas)
        try:
            matrices = self.extended.matrices()
        except TooLarge:
            return tuple(alphas)
        return tuple(min(alpha, _norm(step)) for alpha, step in zip(alphas, matrices, strict=True))

    def solver(self, *, solve_phases: bool = True) -> March:
        """Return the solver."""
        return March(
            alphas=tuple(encoding.alpha for encoding in self.encodings),
            norms=self.norms,
            schedule=self.history.schedule,
            amplified=self.amplified,
            solve_phases=solve_phases,
        )

    def numbers(self, epsilon: float) -> dict[str, float]:
        """What a solver plans with, `epsilon` being the relative error of the whole final state.

        Raises InputError for a single number, which needs no register.
        """
        if not (self.layout["level"] or any(self.layout["slots"])):
            problem = Problem(
                where="solver.method",
                found='"march" of one weight to order 1 without sources',
                allowed="two numbers or more to march",
                help='solver.method = "qsvt", or a higher carleman.order',
            )
            raise InputError("marching a single number needs no qubits", [problem])
        start, end = self.state_norms
        return {
            "alpha": 1.0,
            "inverse_norm": 1.0,
            "epsilon": min(0.5, epsilon),
            "rhs_norm": start,
            "solution_norm": end,
        }

    def plan(self, epsilon: float, *, solve_phases: bool = True) -> MarchPlan:
        """Return the plan for a relative error of theta(T) - center of epsilon."""
        share = epsilon * math.sqrt(self.readout_probability)
        return self.solver(solve_phases=solve_phases).plan(**self.numbers(share))

    def circuit(self, plan: MarchPlan) -> Bloq:
        """Return the circuit of one run."""
        return self.solver().circuit(plan, self.preparation, self.encodings)

    def amplitudes(self, plan: MarchPlan) -> npt.NDArray[Any]:
        """Return the amplitudes of level 1 at time T, (n,), without gates."""
        found = self.solver().amplitudes(plan, self.extended.matrices(), self.extended.start())
        return np.asarray(found[self.level_one])

    @property
    def readout_indices(self) -> IntArray:
        """Return the basis states of level 1 in the marched register, (1, n): only time T is there."""
        places = step_indices(self.history, level_zero=self.extended.level_zero)
        return np.asarray(places[self.level_one][None, :])

    @cached_property
    def state_norms(self) -> tuple[float, float]:
        """||y(0)|| and ||y(T)||, with the 1 of level 0 where it is held."""
        if self.sizes is None:
            return float(np.linalg.norm(self.extended.start())), float(np.linalg.norm(self.extended.end()))
        return self._lift_norm(self.sizes[0]), self._lift_norm(self.sizes[1])

    def _lift_norm(self, size: float) -> float:
        powers = [size ** (2 * level) for level in self.history.levels]
        return math.sqrt(self.extended.level_zero + math.fsum(powers))

    @cached_property
    def readout_probability(self) -> float:
        """The share of the final state on level 1."""
        if self.sizes is not None:
            return (self.sizes[1] / self.state_norms[1]) ** 2
        end = self.extended.end()
        return float(np.square(np.linalg.norm(end[self.level_one]) / np.linalg.norm(end)))

    @property
    def layout(self) -> dict[str, Any]:
        """Parts of the marched register: slots, then the level (one wire more with level 0); no time."""
        layout = self.history.layout
        first = layout.slots * layout.slot_bits
        wires = layout.level_bits + self.extended.level_zero
        return {
            "time": [],
            "level": list(range(first, first + wires)),
            "slots": [list(slot) for slot in layout.slots_wires],
        }

    @property
    def level_one(self) -> slice:
        """Where level 1 stands in the packed (extended) step."""
        first = int(self.extended.level_zero)
        return slice(first, first + self.history.n)


def _norm(step: Any) -> float:
    """The largest singular value, with slack for the iteration."""
    if min(step.shape) <= _DENSE:
        return float(np.linalg.norm(step.toarray(), 2))
    return float(svds(step, k=1, return_singular_vectors=False, rng=0)[0]) * (1 + 1e-6)
