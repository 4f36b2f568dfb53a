"""A training, lifted: everything that follows classically from its maps, its start and a Carleman truncation.

Comes in: a `Training` and a `Lift`. Goes out, each made on demand and once: the rescaling, the truncated steps, the
linear system L x = b, its norms and condition number, the truncation certificate and the regime.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from carlemanc.carleman import CarlemanSystem, iterate_systems, linearize_sequence
from carlemanc.carleman.dropped_entries import dropped_error
from carlemanc.carleman.regime import Regime, classify_sequence
from carlemanc.carleman.rescaling import choose_sequence_gamma
from carlemanc.carleman.trajectory import sizes_along, steps_run
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.linear_system.history import NOTHING_MOVES, HistorySystem
from carlemanc.linear_system.inverse_norm import Conditioning, conditioned, outward, proved
from carlemanc.linear_system.norm_bounds import Bound, kappa_bound
from carlemanc.linear_system.padding import choose_padding
from carlemanc.linear_system.planned_norms import Norms, lifted_norms, size_source, solved_norms
from carlemanc.linear_system.truncation_order import certified_errors, least_order
from carlemanc.model.light_cone.cone import light_cone, reached_list
from carlemanc.model.light_cone.growth import LightCone
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.network.scheduled import ApproximationReport
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.training import Training
from carlemanc.model.weights import Point, as_array, difference, point_norm

MAX_SOLVED = 2_000_000
"""Largest packed history (T + p + 1) * sum_j n^j that is solved classically to plan the circuit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """How a training becomes linear.

    Args:
        order: N, products of up to so many weights are kept, or "auto": the least within `truncation`.
        corrections: highest power of eta kept; None: the exact map.
        rescaling: gamma, the unit of u = theta - center, or "auto".
        padding: copies p of the last step, or "auto".
        truncation: error allowed to the truncated iterate, over ||theta(T) - center||; read by order "auto" alone.
    """

    order: int | Literal["auto"]
    corrections: int | None = None
    rescaling: float | Literal["auto"] = "auto"
    padding: int | Literal["auto"] = 0
    truncation: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Lifted:
    """A lifted training.

    Args:
        training: the maps of all steps and where they start.
        lift: the truncation.
    """

    training: Training
    lift: Lift

    @property
    def origin(self) -> str:
        """Where the training is described, for messages."""
        return self.training.origin

    @property
    def sequence(self) -> MapSequence:
        """The gradient-descent map of every step, about the center."""
        return self.training.sequence

    @property
    def map(self) -> PolynomialMap:
        """The map where every step is the same; an InternalError for batches or noise (use `sequence`)."""
        return self.sequence.map

    @property
    def n(self) -> int:
        """Number of weights."""
        return self.sequence.n

    @property
    def steps(self) -> int:
        """T."""
        return self.sequence.steps

    @cached_property
    def order(self) -> int:
        """N: the number given, or the least whose truncation error is known to be within the lift's."""
        if self.lift.order != "auto":
            return int(self.lift.order)
        return least_order(
            self.sequence,
            self.displacement,
            self.lift.corrections,
            allowed=self.lift.truncation,
            origin=self.origin,
        )

    @property
    def center(self) -> FloatArray:
        """The expansion point theta_0, (n,)."""
        return self.sequence.center

    @property
    def start(self) -> FloatArray:
        """theta(0), (n,)."""
        return as_array(self.training.start)

    @cached_property
    def displacement(self) -> Point:
        """theta(0) - center, in a form that any n allows."""
        return difference(self.training.start, self.sequence.maps[0].point)

    @cached_property
    def u_in(self) -> FloatArray:
        """theta(0) - center, (n,). Raises TooLarge for millions of weights."""
        return as_array(self.displacement)

    @cached_property
    def gamma(self) -> float:
        """The rescaling: the number given, or chosen from the training alone."""
        return self._gamma(self.padding)

    @cached_property
    def padding(self) -> int:
        """Copies p of the last step: the number given, or chosen for the gamma that p = 0 would have."""
        if self.lift.padding != "auto":
            return int(self.lift.padding)
        return choose_padding(self._linearized(self._gamma(0)), self.sequence, self.displacement)

    def _gamma(self, padding: int) -> float:
        if self.lift.rescaling != "auto":
            return float(self.lift.rescaling)
        return choose_sequence_gamma(self.sequence, self.displacement, self.order, padding=padding)

    @cached_property
    def systems(self) -> tuple[CarlemanSystem, ...]:
        """The truncated linear step of each map of the sequence."""
        return self._linearized(self.gamma)

    def _linearized(self, gamma: float) -> tuple[CarlemanSystem, ...]:
        return linearize_sequence(
            self.sequence, order=self.order, gamma=gamma, corrections=self.lift.corrections
        )

    def carleman_iterate(self) -> FloatArray:
        """theta(T) of the truncated Carleman iterate, (n,)."""
        return np.asarray(self.center + iterate_systems(self.systems, self.sequence.schedule, self.u_in)[-1])

    @cached_property
    def history(self) -> HistorySystem:
        """The linear system L x = b."""
        return HistorySystem(
            systems=self.systems,
            schedule=self.sequence.schedule,
            padding=self.padding,
            u_in=self.displacement,
        )

    @cached_property
    def steps_of_march(self) -> ExtendedSteps:
        """The steps of the history as a march makes them."""
        return ExtendedSteps(history=self.history)

    @cached_property
    def regime(self) -> Regime:
        """The dissipation regime, by carlemanc's definitions; of the worst map, degree by degree, for several."""
        return classify_sequence(self.sequence, self.displacement)

    def truncation_bounds(self, orders: Iterable[int]) -> dict[int, float]:
        """Certified ||u(T) - truncated iterate||_2 per order."""
        return certified_errors(self.sequence, self.displacement, orders, self.lift.corrections)

    @cached_property
    def dropped_error(self) -> float:
        """What the entries of F_l that were dropped as rounding can do to u(T), in the 2-norm; proved."""
        return dropped_error(self.sequence, self.displacement)

    @property
    def is_shaped(self) -> bool:
        """Whether the map is known by its shape alone: it is counted, and neither run nor emitted."""
        return self.sequence.maps[0].is_shaped

    @property
    def is_solvable(self) -> bool:
        """Whether the history is small enough to be solved classically."""
        return not self.is_shaped and self.history.dimension * self.history.times <= MAX_SOLVED

    @cached_property
    def bound(self) -> Bound:
        """The proved bound of kappa, rounded up."""
        return outward(kappa_bound(self.history))

    @cached_property
    def inverse_norm(self) -> Conditioning:
        """||L^-1||: computed where its forecast fits and double precision resolves it, else the bound."""
        if not self.is_shaped:
            return conditioned(self.history, self.bound, self._unbounded)
        reason = "a map known by its shape has no entries to compute with"
        if not math.isfinite(self.bound.inverse_norm):
            raise self._unbounded(reason)
        return proved(self.bound, reason)

    def _unbounded(self, reason: str) -> InputError:
        """Return the refusal of a system whose ||L^-1|| is neither bounded nor computed."""
        problem = Problem(
            where=f"{self.origin}: carleman.rescaling, training.learning_rate, training.steps",
            found=f"a {self.regime.name} system of {self.history.dimension} unknowns a step",
            allowed=f"a bound that is finite, or a history small enough to compute it ({reason})",
        )
        return InputError("no bound on the condition number of L is known", [problem])

    @cached_property
    def rhs_norm(self) -> float:
        """||b||; refused where it overflows or vanishes."""
        norm = self.history.rhs_norm()
        if norm == 0:
            raise InputError(NOTHING_MOVES)
        if not math.isfinite(norm):
            problem = Problem(
                where=f"{self.origin}: carleman.rescaling",
                found=f"{self.gamma!r}, against weights of norm {point_norm(self.displacement):.3g}",
                allowed='"auto", or a number near the norm of theta - center',
            )
            raise InputError("the right-hand side overflows", [problem])
        return norm

    @cached_property
    def norms(self) -> Norms:
        """||b||, ||x|| and the readout probability: solved where small, else those of the exact lift."""
        if self.is_solvable:
            return solved_norms(self.history, self.rhs_norm)
        return lifted_norms(
            self.history,
            self._sizes,
            self.rhs_norm,
            source=size_source(self.sequence, self._followed, self.displacement),
            follows_descent=self.is_run_to_the_end,
        )

    @property
    def _sizes(self) -> FloatArray:
        """||u(t)|| / gamma, (T + 1,): of gradient descent, or bounds of it; O(T nnz) work."""
        return np.asarray(sizes_along(self._followed, self.displacement) / self.gamma)

    @cached_property
    def _followed(self) -> MapSequence:
        """The steps that the planned sizes are of: gradient descent; at order 1 its linear part, which is L x = b."""
        is_linear = not self.is_shaped and self.systems[0].levels == (1,)
        return self.sequence.linear_part if is_linear else self.sequence

    @property
    def end_sizes(self) -> tuple[float, float] | None:
        """||u(0)|| / gamma and ||u(T)|| / gamma where the history is too large to be solved, else None."""
        if self.is_solvable:
            return None
        sizes = self._sizes
        return float(sizes[0]), float(sizes[-1])

    @cached_property
    def steps_run(self) -> int:
        """Steps that gradient descent was run for: T, or fewer on a lattice where following it took too long."""
        return steps_run(self.sequence, self.displacement)

    @property
    def is_run_to_the_end(self) -> bool:
        """Whether ||u(t)|| is known at every t, and not bounded from above from some step on."""
        return self.steps_run == self.steps

    @property
    def light_cone(self) -> LightCone:
        """Which weights of theta - center can be nonzero at T."""
        return light_cone(self.sequence, self.displacement)

    @property
    def support(self) -> int:
        """How many entries of what is read can be nonzero, at least 1: known before the run."""
        return max(1, self.light_cone.support)

    @cached_property
    def read_sites(self) -> IntArray:
        """Those entries, ascending; all n where none can be. Raises TooLarge for lattices that are never run."""
        sites = reached_list(self.sequence, self.displacement)
        return sites if len(sites) else np.arange(self.n, dtype=np.int64)

    @cached_property
    def network_path(self) -> FloatArray | None:
        """u(0..T) of gradient descent on the network itself, (T + 1, n); None without a network."""
        network = self.training.network
        return None if network is None else network.path()

    @cached_property
    def approximation(self) -> ApproximationReport | None:
        """How far the maps of a network are from gradient descent on it; None without a network."""
        network, path = self.training.network, self.network_path
        return None if network is None or path is None else network.compare(self.sequence, path)

    def classical(self) -> FloatArray:
        """theta(T) of classical gradient descent on the same batches with the same noise, (n,).

        Of a network with its own activations, not with the polynomials that stand for them.
        """
        if self.network_path is not None:
            return np.asarray(self.center + self.network_path[-1])
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.center + self.sequence.iterate(self.u_in)[-1])
