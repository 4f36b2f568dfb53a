"""What a bloq costs and what it spends that on: its call graph as a tree of parts with counts that add up.

Comes in: a bloq, how often it is called and a `BloqCounter`. Goes out: a `Part`, whose children are the bloqs it
calls. The names are those of the bloqs' classes; only calls that cost a T, a Toffoli, a rotation or a measurement
are listed, so that at every level the sums of the children are the counts of their parent (tested).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualtran import Adjoint, Bloq, Controlled
from qualtran.bloqs.basic_gates import Rx, Ry, Rz
from qualtran.bloqs.mcmt import And

from carlemanc.costs import LedgerRow
from carlemanc.programs.bloq_counts import BloqCounter, BloqCounts, callees
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.rotation_prices import RotationPrices

LEVELS = 4
"""How deep a tree goes below the rows of the ledger."""
WHOLE = ("MultiplexedRy", "LoadedRy", "QRAMQuery")
"""Bloqs that are one part, whatever number of rotations or routers they have."""
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Counts of all calls of one part together, its rotations by |angle|, and the parts it is made of."""

    name: str
    calls: int
    t: int
    toffoli: int
    measurements: int
    qubits: int
    angles: Mapping[float, int]
    children: tuple[Part, ...] = ()

    @property
    def rotation_count(self) -> int:
        """Number of rotations."""
        return sum(self.angles.values())

    def row(self, prices: RotationPrices | None, uncompute: Uncompute = "measure") -> LedgerRow:
        """The row of the ledger; with prices, rotations are counted as their T gates, ANDs and measurements."""
        t = ands = measured = 0
        if prices:
            t, ands = prices.total_t(self.angles), prices.total_ands(self.angles)
            measured = prices.measured * self.rotation_count + (ands if uncompute == "measure" else 0)
        return LedgerRow(
            part=self.name,
            calls=self.calls,
            t=self.t + t,
            toffoli=self.toffoli + ands * (2 if uncompute == "unitary" else 1),
            rotations=0 if prices else self.rotation_count,
            measurements=self.measurements + measured,
            qubits=self.qubits,
            children=tuple(child.row(prices, uncompute) for child in self.children),
        )


class CallTree:
    """Makes the parts of bloqs.

    Args:
        counter: remembers counts.
        uncompute: how ANDs are undone.
        names: what some bloqs are called, where the name of their class does not say enough.
    """

    def __init__(
        self, counter: BloqCounter, uncompute: Uncompute, names: Mapping[Bloq, str] | None = None
    ) -> None:
        self._counter = counter
        self._uncompute = uncompute
        self._names = names or {}

    def part(self, bloq: Bloq, calls: int, *, name: str | None = None, levels: int = LEVELS) -> Part:
        """Return `calls` calls of a bloq and, down to `levels` below it, what they are made of."""
        counts = self._counter.count(bloq, self._uncompute)
        inner = self._called_by(bloq) if levels else ()
        return _scaled(
            name or self.name(bloq),
            counts,
            calls,
            self.parts(((callee, calls * times) for callee, times in inner), levels=levels - 1),
        )

    def parts(self, calls: Iterable[tuple[Bloq, int]], *, levels: int = LEVELS) -> tuple[Part, ...]:
        """Return the parts of (bloq, calls), those of one name and one price as one."""
        alike: dict[tuple[object, ...], list[Part]] = {}
        for bloq, times in calls:
            counts = self._counter.count(bloq, self._uncompute)
            if not (counts.t or counts.toffoli or counts.measurements or counts.rotations):
                continue
            part = self.part(bloq, times, levels=levels)
            key = (part.name, counts.t, counts.toffoli, counts.measurements, counts.rotation_count)
            alike.setdefault(key, []).append(part)
        return tuple(map(_together, alike.values()))

    def name(self, bloq: Bloq) -> str:
        """Return what a bloq is called: as given, or the name of its class in words."""
        if bloq in self._names:
            return self._names[bloq]
        if isinstance(bloq, And):
            return "AND undone" if bloq.uncompute else "AND"
        if isinstance(bloq, Adjoint):
            inner = self.name(bloq.subbloq)
            return {"AND": "AND undone", "rotation": "rotation"}.get(inner, f"adjoint of {inner}")
        if isinstance(bloq, Rx | Ry | Rz):
            return "rotation"
        if isinstance(bloq, Controlled):
            return f"controlled {self.name(bloq.subbloq)}"
        words = _WORDS.findall(type(bloq).__name__)
        return " ".join(w if w.isupper() or w in ("Rx", "Ry", "Rz") else w.lower() for w in words)

    def _called_by(self, bloq: Bloq) -> list[tuple[Bloq, int]]:
        """Return what a bloq calls, for an adjoint the adjoints; nothing for gates and for `WHOLE`."""
        if isinstance(bloq, Adjoint):
            return [(inverse(callee), times) for callee, times in self._called_by(bloq.subbloq)]
        if self._counter.is_leaf(bloq) or type(bloq).__name__ in WHOLE:
            return []
        return callees(bloq)


def inverse(bloq: Bloq) -> Bloq:
    """Return the adjoint of a bloq as its counts are found: the bloq itself inside `Adjoint`."""
    if isinstance(bloq, And):
        return bloq.adjoint()
    return bloq.subbloq if isinstance(bloq, Adjoint) else Adjoint(bloq)


def _scaled(name: str, counts: BloqCounts, calls: int, children: tuple[Part, ...]) -> Part:
    return Part(
        name=name,
        calls=calls,
        t=counts.t * calls,
        toffoli=counts.toffoli * calls,
        measurements=counts.measurements * calls,
        qubits=counts.qubits,
        angles={angle: times * calls for angle, times in counts.rotations.items()},
        children=children,
    )


def _together(parts: Sequence[Part]) -> Part:
    """Return parts of one name as one; children are kept where all have the same."""
    first = parts[0]
    if len(parts) == 1:
        return first
    angles: dict[float, int] = {}
    for part in parts:
        for angle, times in part.angles.items():
            angles[angle] = angles.get(angle, 0) + times
    keys = [_key(child) for child in first.children]
    same = all([_key(child) for child in part.children] == keys for part in parts[1:])
    return Part(
        name=first.name,
        calls=sum(part.calls for part in parts),
        t=sum(part.t for part in parts),
        toffoli=sum(part.toffoli for part in parts),
        measurements=sum(part.measurements for part in parts),
        qubits=max(part.qubits for part in parts),
        angles=angles,
        children=tuple(map(_together, zip(*(part.children for part in parts), strict=True))) if same else (),
    )


def _key(part: Part) -> tuple[object, ...]:
    each = (part.t, part.toffoli, part.measurements, part.rotation_count)
    return (part.name, *(value // part.calls for value in each))
