"""The goal of reading observables: values of polynomials of theta(T), each from the probabilities of a few events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, final

from carlemanc.carleman.lattice_run import end_point
from carlemanc.core.errors import InputError, InternalError, Problem
from carlemanc.core.rounding import rounded_down
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import point_norm
from carlemanc.observables.observable import Observable
from carlemanc.observables.observe import observe
from carlemanc.readout.goal import Goal, Readable
from carlemanc.readout.observables_plan import USES, ObservablesPlan, Wanted
from carlemanc.readout.registry import ESTIMATORS

_LARGEST_EPSILON = 0.5
"""Above it a first-order bound of what an error of theta does to an observable says nothing."""


@final
@dataclass(frozen=True, kw_only=True)
class Observables(Goal):
    """Observables within `precision` of their planned magnitudes.

    Args:
        observables: (name, expression) of each, or a mapping.
        precision: absolute error of each over its planned magnitude, solver and readout together.
        method: an estimator, or "auto", the one of fewest uses.
    """

    name: ClassVar[str] = "observables"
    observables: tuple[tuple[str, str], ...] = field(default=())
    precision: float = 1e-2
    method: str | None = None

    def __post_init__(self) -> None:
        """Take a mapping as its items: a goal compares and hashes."""
        if isinstance(self.observables, Mapping):
            object.__setattr__(self, "observables", tuple(self.observables.items()))

    def check(self, origin: str) -> None:
        """Refuse a way that reads weights alone, and a given number of shots; see `Goal.check`."""
        problems = []
        if self._estimator not in ("auto", *ESTIMATORS):
            problems.append(
                Problem(
                    where=f"{origin}: readout.method",
                    found=f'"{self.method}" of observables',
                    allowed=", ".join(f'"{name}"' for name in ("auto", *ESTIMATORS)),
                )
            )
        if self.shots:
            problems.append(
                Problem(
                    where=f"{origin}: readout.shots",
                    found=f"{self.shots}, and observables",
                    allowed="0: the runs follow from readout.precision",
                )
            )
        if problems:
            raise InputError("these observables cannot be read so", problems)

    @property
    def _estimator(self) -> str:
        return self.method or "auto"

    @property
    def is_coherent(self) -> bool:
        """Whether circuits are undone: all estimators but shots do."""
        return self._estimator != "sampling"

    @property
    def bounds_failures(self) -> bool:
        """True: each estimator says what its circuits may fail with."""
        return True

    def observed(self, system: Readable) -> tuple[Observable, ...]:
        """Return the observables of a training. Raises InputError as `observe` does."""
        if not isinstance(system, Lifted):
            raise InternalError("observables are read of a training")
        self.check(system.origin)
        return _observed(system, self.observables, self.precision)

    def epsilon(self, system: Readable, epsilon: float) -> float:
        """Return the relative error of theta(T) - center that moves no observable by more than its precision.

        That of `solver.epsilon` is for reading theta itself. Two digits, rounded down.
        """
        most = min(self.precision * one.scale / one.sensitivity for one in self.observed(system))
        return min(_LARGEST_EPSILON, rounded_down(most, 2))

    def plan(self, system: Readable, epsilon: float) -> ObservablesPlan:
        """Return the plan: `epsilon` over that of all causes is the readout's share of the precision."""
        share = epsilon / self.epsilon(system, epsilon)
        return ObservablesPlan(
            method=self._estimator,
            epsilon=epsilon,
            failure_probability=self.failure_probability,
            formula=USES,
            wanted=tuple(
                Wanted(observable=one, delta=one.event_error(self.precision * share))
                for one in self.observed(system)
            ),
            precision=self.precision,
            size=_level_size(system),
        )


@lru_cache(maxsize=64)
def _observed(
    system: Lifted, observables: tuple[tuple[str, str], ...], precision: float
) -> tuple[Observable, ...]:
    vocabulary = system.training.vocabulary
    if vocabulary is None:
        raise InternalError("a training that comes from no spec names no observables")
    return tuple(
        observe(system, name, expression, vocabulary, precision=precision) for name, expression in observables
    )


def _level_size(system: Readable) -> float:
    """Return ||y_1(T)||^2 of gradient descent, by which the planned sizes of events are shares of a copy."""
    assert isinstance(system, Lifted)
    end = end_point(system.sequence, system.displacement)
    assert end is not None, "observables are planned by u(T)"
    return float((point_norm(end) / system.gamma) ** 2)
