"""An event of a run: what it weighs in the observable, how large it is planned to be, its circuit, its sign."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from carlemanc.access.access import Access
from carlemanc.core.errors import InputError, InternalError, Problem
from carlemanc.core.rounding import coarse
from carlemanc.linear_system.lifted import Lifted
from carlemanc.observables.encoded_row import EncodedRow

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.observables.event_circuit import EventCircuit, Probe
    from carlemanc.observables.reference_circuit import ReferenceCircuit

    MakeProbe = Callable[[float], Probe | None]
    """Synthesis precision of a rotation -> the probe of an event."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownAmplitude:
    """What a history holds on level 1 at a time before T, by construction.

    Attributes:
        time: 0 of the start, 1 of F_0 where the start is the center.
        site: where it is largest.
        value: u of that site over gamma, with its sign.
    """

    time: int
    site: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignTest:
    """An event that tells the sign of an amplitude a by another of the planned size: large where a is as planned.

    With m its probability over s^2 and over the copies, sqrt(m) = gap |1 + a / planned|: at least `gap` where a has the
    planned sign, less where it has the other and is no more than twice as large as planned (derived here).

    Attributes:
        planned: a as planned, with its sign.
        known: what a history holds; None where it holds nothing, and for runs that leave y(T) alone.
        make_probe: the probe of a, an `OverlapProbe`.
    """

    planned: float
    known: KnownAmplitude | None
    make_probe: MakeProbe

    def gap(self, access: Access[Any]) -> float:
        """Return sqrt(m) where a is zero: the sign is the planned one where sqrt(m) is larger."""
        if not access.answer.holds_start:
            return abs(self.planned) / 2
        return math.cos(self._turn(access)) * abs(self.planned)

    def told(self, size: float, gap: float) -> int:
        """Return the sign of a that its size m tells, `gap` as `gap` gives it: the planned one above gap^2."""
        planned = 1 if self.planned > 0 else -1
        return planned if size > gap**2 else -planned

    def _turn(self, access: Access[Any]) -> float:
        """Return the angle at which the known amplitude is as large as the planned one."""
        known = self._known
        planned = math.copysign(math.sqrt(copies_of(access)) * self.planned, self.planned * known.value)
        return math.atan2(abs(planned), abs(known.value)) * math.copysign(1.0, planned)

    @property
    def _known(self) -> KnownAmplitude:
        if self.known is None:
            problem = Problem(
                where="readout.observables",
                found="a history that is zero before T",
                allowed="a start off the center, or a gradient there",
                help='solver.method = "march" tells signs by a reference of its own',
            )
            raise InputError("nothing in this history tells the sign of an overlap", [problem])
        return self.known

    def circuit(
        self,
        run: Bloq,
        access: Access[Any],
        *,
        scale: float | None = None,
        eps: float = 0.0,
    ) -> EventCircuit | ReferenceCircuit:
        """Return its event circuit.

        Args:
            run, access, eps: as for `Event.circuit`.
            scale: s, where the run leaves y(T) alone; a history needs none.

        Raises InputError where no known amplitude can be met.
        """
        from carlemanc.observables.event_circuit import EventCircuit, Place
        from carlemanc.observables.overlap_probe import HistorySignProbe, OverlapProbe
        from carlemanc.observables.reference_circuit import ReferenceCircuit

        place, probe = Place.of(access), self.make_probe(eps)
        if not access.answer.holds_start:
            if scale is None:
                raise InternalError("the sign of an overlap needs the scale of the amplitudes")
            event = EventCircuit(run=run, place=place, probe=probe)
            return ReferenceCircuit(event=event, reference=scale * self.planned, eps=eps)
        known = self._known
        assert isinstance(probe, OverlapProbe)
        sign = HistorySignProbe(
            overlap=probe,
            site=known.site,
            known=known.time,
            time_size=len(place.time),
            steps=place.steps,
            padding=copies_of(access) - 1,
            turn=self._turn(access),
            eps=eps,
        )
        return EventCircuit(run=run, place=place, probe=sign)


def copies_of(access: Access[Any]) -> int:
    """Return how many times t >= T the run leaves the answer at: p + 1, or 1 without a time register."""
    if not access.answer.holds_start:
        return 1
    assert isinstance(access.system, Lifted), "observables are read of a training"
    return 1 + access.system.padding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """One event; m is its probability over s^2 and over the number of times t >= T, which a run repeats.

    Attributes:
        name: in words.
        kind: "square": it adds weight * m to the observable; "amplitude": weight * sign * sqrt(m).
        weight: see `kind`.
        size: m as planned, of the exact lift of u(T).
        make_probe: what is done to the lift before the event is read.
        row: the encoded row that the probe holds; None where it holds none.
        sign: tells the sign of an amplitude; None for a square, and where the sign is certain (in the weight then).
    """

    name: str
    kind: Literal["square", "amplitude"]
    weight: float
    size: float
    make_probe: MakeProbe
    row: EncodedRow | None = None
    sign: SignTest | None = None

    @property
    def share(self) -> float:
        """By how much the observable moves with half an angle asin(sqrt m) of it: |weight| sqrt(m), or |weight| / 2."""
        return abs(self.weight) * (math.sqrt(self.size) if self.kind == "square" else 0.5)

    def circuit(self, run: Bloq, access: Access[Any], *, eps: float = 0.0) -> EventCircuit:
        """Return the event circuit: from |0...0> its probability is that of all ancillas |0>.

        Args:
            run: the bloq of one run of a method on `access`.
            access: says where the run leaves its answer.
            eps: synthesis precision of each rotation of the probe.
        """
        from carlemanc.observables.event_circuit import EventCircuit, Place

        return EventCircuit(run=run, place=Place.of(access), probe=self.make_probe(eps))


def cost_of(events: Sequence[Event]) -> float:
    """Return (sum share^(2/3))^(3/2), to which the uses of a run are proportional; to nine digits, to choose by.

    Amplitude estimation of event i to delta_i in its angle takes about C / delta_i uses and moves the observable by
    2 share_i delta_i; the sum of the uses is least for delta_i prop. to share_i^(-2/3) (Lagrange; proved).
    """
    return coarse(sum(event.share ** (2 / 3) for event in events) ** 1.5)
