"""Every stage of one spec, made on demand and once: the drivers read from here.

Nothing is decided here but what follows from the spec; each property names the pass that makes it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from carlemanc.carleman import CarlemanSystem, iterate_systems, linearize_sequence
from carlemanc.carleman.certificate import certify_sequence
from carlemanc.carleman.dropped_entries import dropped_error
from carlemanc.carleman.regime import Regime, classify_sequence
from carlemanc.carleman.rescaling import choose_sequence_gamma
from carlemanc.carleman.trajectory import sizes_along, steps_run
from carlemanc.core.errors import CheckFailed, InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down
from carlemanc.linear_system import Bound, HistorySystem, choose_padding, kappa_bound
from carlemanc.linear_system.history import NOTHING_MOVES
from carlemanc.linear_system.inverse_norm import InverseNorm, conditioned, outward, proved
from carlemanc.linear_system.planned_norms import (
    ASSUMED_SIZES,
    BOUNDED_NORMS,
    LIFTED_NORMS,
    SHAPED_NORMS,
    SOLVED_NORMS,
    HistoryNorms,
)
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.network.scheduled import ApproximationReport
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.training import Training
from carlemanc.model.upload import Upload
from carlemanc.model.weights import Point, as_array, difference
from carlemanc.pipeline.inputs import build_training
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

FloatArray = npt.NDArray[np.float64]
SpecLike = ModelSpec | str | PathLike[str] | Mapping[str, Any]

MAX_STEPS = 200_000
"""Largest T: the classical trajectory and the scalar certificates take one pass a step."""
MAX_SOLVED = 2_000_000
"""Largest packed history (T + p + 1) * sum_j n^j that is solved classically to plan the circuit."""
NOTHING_TO_READ = (
    "theta(T) is exactly the center, to double precision: a relative error of theta(T) - center has no meaning, and "
    "there is nothing to read out; choose another training.center, learning_rate or steps"
)
"""What a user is told where u(T) = 0."""


class Stages:
    """The stages of one spec, each a cached property."""

    given_system = False
    """Whether the stages are of a `[system]`, which has no training."""

    def __init__(
        self, spec: SpecLike, overrides: Iterable[str] = (), *, upload: Upload | None = None
    ) -> None:
        self.spec, self.upload = load_spec(spec, overrides), upload
        if self.spec.system is not None and not self.given_system:
            problem = Problem(
                where=f"{self.spec.origin}: system",
                found="a linear system as it is, without weights, map or steps",
                allowed="[loss], [network] or [map] for this command",
                help="run, compile, estimate, solvers, system and verify take a [system]",
            )
            raise InputError("there is nothing to derive, analyze or train in a [system]", [problem])
        if self.spec.schedule is not None and upload is None:
            problem = Problem(
                where=f"{self.spec.origin}: schedule",
                found="a schedule of downloads and uploads",
                allowed="a spec without [schedule] for this command: it takes all steps from one upload",
                help="carlemanc train runs the schedule, and prices it",
            )
            raise InputError("a [schedule] is run by carlemanc train alone", [problem])
        steps = self.spec.training.steps if upload is None else upload.steps
        if steps > MAX_STEPS:
            raise TooLarge(
                "the training",
                size=f"T = {steps:,} steps",
                limit=f"{MAX_STEPS:,}",
                instead="Gradient descent itself is followed step by step; lower training.steps.",
            )

    @cached_property
    def training(self) -> Training:
        """The maps of all steps, theta(0), batches and noise."""
        return build_training(self.spec, self.upload)

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

    @property
    def corrections(self) -> int | None:
        """Highest power of eta kept, None for the exact map."""
        value = self.spec.carleman.corrections
        return None if value == "exact" else int(value)

    @cached_property
    def gamma(self) -> float:
        """The rescaling: the spec's number, or chosen from the spec alone."""
        return self._gamma(self.padding)

    @cached_property
    def padding(self) -> int:
        """Copies p of the last step: the spec's number, or chosen for the gamma that p = 0 would have."""
        if self.spec.carleman.padding != "auto":
            return int(self.spec.carleman.padding)
        return choose_padding(self._linearized(self._gamma(0)), self.sequence, self.displacement)

    def _gamma(self, padding: int) -> float:
        rescaling, order = self.spec.carleman.rescaling, self.spec.carleman.order
        if rescaling != "auto":
            return float(rescaling)
        return choose_sequence_gamma(self.sequence, self.displacement, order, padding=padding)

    @cached_property
    def systems(self) -> tuple[CarlemanSystem, ...]:
        """The truncated linear step of each map of the sequence."""
        return self._linearized(self.gamma)

    def _linearized(self, gamma: float) -> tuple[CarlemanSystem, ...]:
        return linearize_sequence(
            self.sequence, order=self.spec.carleman.order, gamma=gamma, corrections=self.corrections
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
    def regime(self) -> Regime:
        """The dissipation regime, by carlemanc's definitions; of the worst map, degree by degree, for several."""
        return classify_sequence(self.sequence, self.displacement)

    def truncation_bounds(self, orders: Iterable[int]) -> dict[int, float]:
        """Certified ||u(T) - truncated iterate||_2 per order: the smaller of the a-priori and a-posteriori forms.

        u(T) is that of the map with the entries that were dropped as rounding: what these can do is added.
        """
        wanted = tuple(orders)
        found = [
            certify_sequence(
                self.sequence,
                u_in=self.displacement,
                orders=wanted,
                corrections=self.corrections,
                a_posteriori=a_posteriori,
            ).bounds
            for a_posteriori in (False, True)
        ]
        return {order: min(found[0][order], found[1][order]) + self.dropped_error for order in wanted}

    @cached_property
    def dropped_error(self) -> float:
        """What the entries of F_l that were dropped as rounding can do to u(T), in the 2-norm; proved."""
        return dropped_error(self.sequence, self.displacement)

    @property
    def is_shaped(self) -> bool:
        """Whether the map is known by its shape alone: it is counted, and neither run nor emitted."""
        return self.spec.map is not None and self.spec.map.shape is not None

    def refuse_shape(self, command: str) -> Self:
        """Return the stages; refuse a map known by its shape for a command that needs its entries."""
        if not self.is_shaped:
            return self
        problem = Problem(
            where=f"{self.spec.origin}: map.shape",
            found=f"a shape without entries, for {command}",
            allowed="[loss], [network] or a [map] file for this command",
            help="estimate, sweep, solvers and report work on a shape",
        )
        raise InputError("a map known by its shape can be counted, and nothing else", [problem])

    @property
    def is_solvable(self) -> bool:
        """Whether the history is small enough to be solved classically."""
        return not self.is_shaped and self.history.dimension * self.history.times <= MAX_SOLVED

    @cached_property
    def bound(self) -> Bound:
        """The proved bound of kappa, rounded up."""
        return outward(kappa_bound(self.history))

    @cached_property
    def inverse_norm(self) -> InverseNorm:
        """||L^-1||: computed where its forecast fits and double precision resolves it, else the bound."""
        if not self.is_shaped:
            return conditioned(self.history, self.bound, self._unbounded)
        reason = "a map known by its shape has no entries to compute with"
        if not math.isfinite(self.bound.inverse_norm):
            raise self._unbounded(reason)
        return proved(self.bound, reason)

    @property
    def kappa_at_least(self) -> float | None:
        """||x||/||b||, at most ||L^-1|| and so at most kappa, where both were computed; None elsewhere."""
        if self.norms.source != "computed":
            return None
        return rounded_down(max(1.0, self.norms.solution_norm / self.norms.rhs_norm))

    def _unbounded(self, reason: str) -> InputError:
        """Return the refusal of a system whose ||L^-1|| is neither bounded nor computed."""
        problem = Problem(
            where=f"{self.spec.origin}: carleman.rescaling, training.learning_rate, training.steps",
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
            raise InputError(
                "the right-hand side overflows",
                [
                    Problem(
                        where=f"{self.spec.origin}: carleman.rescaling",
                        found=f"{self.gamma!r}, against weights of norm {float(np.linalg.norm(self.u_in)):.3g}",
                        allowed='"auto", or a number near the norm of theta - center',
                    )
                ],
            )
        return norm

    @cached_property
    def norms(self) -> HistoryNorms:
        """||b||, ||x|| and the readout probability: solved where small, else those of the exact lift."""
        history, rhs_norm = self.history, self.rhs_norm
        if self.is_solvable:
            norm, probability = history.solution_norm(), history.readout_probability()
            if not (math.isfinite(norm) and math.isfinite(probability)):
                raise CheckFailed(
                    "the truncated iterate overflows within T steps: lower the learning rate or T"
                )
            if probability == 0:
                raise InputError(NOTHING_TO_READ)
            return HistoryNorms(
                rhs_norm=rhs_norm,
                solution_norm=norm,
                readout_probability=probability,
                source="computed",
                formula=SOLVED_NORMS,
            )
        return self._lifted_norms()

    def _lifted_norms(self) -> HistoryNorms:
        """Norms of the exact lift of the gradient-descent trajectory (THEORY 5.4), O(T nnz) work."""
        sizes = sizes_along(self.sequence, self.displacement) / self.gamma
        with np.errstate(over="ignore"):
            weights = np.sum([sizes ** (2 * level) for level in self.history.levels], axis=0)
        if sizes[-1] == 0:
            raise InputError(NOTHING_TO_READ)
        copies = self.padding + 1
        total = float(weights[:-1].sum() + copies * weights[-1])
        if not math.isfinite(total):
            ran = "gradient descent" if self.is_run_to_the_end else "the bound of gradient descent"
            raise CheckFailed(f"{ran} overflows within T steps: lower the learning rate or T")
        source, formula = self._lift_source()
        return HistoryNorms(
            rhs_norm=self.rhs_norm,
            solution_norm=math.sqrt(total),
            readout_probability=copies * float(sizes[-1]) ** 2 / total,
            source=source,
            formula=formula,
        )

    @cached_property
    def steps_run(self) -> int:
        """Steps that gradient descent was run for: T, or fewer on a lattice where following it took too long."""
        return steps_run(self.sequence, self.displacement)

    @property
    def is_run_to_the_end(self) -> bool:
        """Whether ||u(t)|| is known at every t, and not bounded from above from some step on."""
        return self.steps_run == self.sequence.steps

    def _lift_source(self) -> tuple[str, Formula]:
        """Where the sizes ||u(t)|| are from: run to the end, run in part and bounded from above, or assumed."""
        if self.is_shaped:
            return ASSUMED_SIZES, SHAPED_NORMS
        if self.is_run_to_the_end:
            return "lift of the gradient-descent trajectory", LIFTED_NORMS
        return (
            f"upper bound: gradient descent was run for {self.steps_run} of {self.sequence.steps} steps, ||u(t)|| is "
            "bounded from above after them; it takes at least as many runs as this says",
            BOUNDED_NORMS,
        )

    @cached_property
    def network_path(self) -> FloatArray | None:
        """u(0..T) of gradient descent on the network itself, (T + 1, n); None without a [network]."""
        network = self.training.network
        return None if network is None else network.path()

    @cached_property
    def approximation(self) -> ApproximationReport | None:
        """How far the maps of a network are from gradient descent on it; None without a [network]."""
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

    def warn(self) -> None:
        """Issue the warnings this spec deserves: order below degree, Euler corrections, divergence."""
        order, degree = self.spec.carleman.order, self.sequence.degree
        if order < degree:
            warnings.warn(
                f"carleman.order {order} is below the map's degree {degree}: F_{degree} never acts on theta",
                stacklevel=3,
            )
        if self.corrections == 1:
            warnings.warn(
                "carleman.corrections = 1 is the continuous Carleman matrix with Euler steps: its error stays at "
                "O(learning_rate) whatever the order",
                stacklevel=3,
            )
        for use in self.approximation.fits if self.approximation is not None else ():
            if not use.inside:
                warnings.warn(
                    f"{use.where}: arguments of {use.fit.name} from {use.low:.3g} to {use.high:.3g} leave the "
                    f"interval [{use.fit.interval[0]:g}, {use.fit.interval[1]:g}] of its approximation, whose "
                    "remainder does not hold there",
                    stacklevel=3,
                )
        if self.regime.name == "divergent":
            bound = self.truncation_bounds([order])[order]
            shown = (
                f"{bound:.3g}"
                if math.isfinite(bound)
                else "none: the scalar majorant overflows within T steps"
            )
            warnings.warn(
                f"the system is divergent (R = {self.regime.R:.3g}, mu = {self.regime.mu:.3g}); certified truncation "
                f"error for these {self.sequence.steps} steps: {shown}",
                stacklevel=3,
            )
