"""An observable as it is read: a constant, weighted events of a run, and what is known of it before the run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.observables.encoded_row import EncodedRow
from carlemanc.observables.event import Event, cost_of

FAR_LARGER = 10.0
"""A certificate of so many times the planned magnitude says nothing of the value, and the user is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observable:
    """What a user wants to know of theta(T), made ready to be read.

    Attributes:
        name: what the user calls it.
        expression: what the user wrote.
        constant: what is added to the events and needs no run: O(center), ||grad L(center)||^2 of a gradient norm.
        events: what is read; `value` adds them up.
        is_root: whether the value is the square root of the sum, as that of a gradient norm is.
        scale: planned magnitude, that a precision is relative to; the constant is not in it, but for a gradient norm.
        classical: the value after gradient descent; None where that was not run to the end.
        truncated: the value of the truncated iterate, solved classically; None where that is too large.
        certificate: proved bound of |read exactly - gradient descent on the polynomial maps|, what is left out
            included; inf where nothing finite is proved.
        omitted: proved bound of the parts that are so far below the precision that no event is spent on them.
        least_order: the least order N that has the levels of the events.
        sensitivity: S with |change of the value| <= S eps where the state at t >= T is off by eps times its part on
            level 1, eps <= 1/2; proved, for the planned u(T).
    """

    name: str
    expression: str
    constant: float
    events: tuple[Event, ...]
    is_root: bool
    scale: float
    classical: float | None
    truncated: float | None
    certificate: float
    omitted: float
    least_order: int
    sensitivity: float

    def value(self, sizes: Sequence[float], signs: Sequence[int] | None = None) -> float:
        """Return the value for the sizes m of the events, and the signs of those that are amplitudes (1 elsewhere)."""
        total = self.total(sizes, signs)
        return math.sqrt(max(total, 0.0)) if self.is_root else total

    def total(self, sizes: Sequence[float], signs: Sequence[int] | None = None) -> float:
        """Return the constant and the events added up: the value, or its square where `is_root`."""
        parts = [self.constant]
        for event, size, sign in zip(self.events, sizes, signs or [1] * len(self.events), strict=True):
            parts.append(event.weight * (size if event.kind == "square" else sign * math.sqrt(size)))
        return math.fsum(parts)

    def event_error(self, precision: float) -> float:
        """Return the absolute error of the sum of the events that a precision leaves: precision * scale.

        Of a root, 2 precision - precision^2 of its square: the value is then off by at most precision * scale.
        """
        if self.is_root:
            return self.scale**2 * precision * (2 - precision)
        return self.scale * precision

    @property
    def rows(self) -> tuple[EncodedRow, ...]:
        """The encoded rows that its events hold, each once."""
        return tuple(dict.fromkeys(event.row for event in self.events if event.row is not None))

    @property
    def alpha(self) -> float:
        """Subnormalization of what is read: the sum of |weight| of its events, each at most 1 in ||y_1||^2 units."""
        return math.fsum(abs(event.weight) for event in self.events)

    @property
    def cost(self) -> float:
        """The factor of the uses of a run: (sum share^(2/3))^(3/2) over the error, see `cost_of`."""
        return cost_of(self.events)

    @property
    def proved(self) -> float | None:
        """The certificate; None where nothing finite is proved."""
        return self.certificate if math.isfinite(self.certificate) else None

    @property
    def is_certified_poorly(self) -> bool:
        """Whether the certificate is far larger than the value itself: the reader is told."""
        return not self.certificate <= FAR_LARGER * self.scale
