"""Which bloqs can be counted and not emitted: those that query QRAM, or read a table known by its shape."""

from __future__ import annotations

from qualtran import Bloq

from carlemanc.bloqs.call_total import CallTotal
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.lookups.qram import QRAMQuery
from carlemanc.bloqs.lookups.unary_iteration import UnaryIteration


def is_counted_only(bloq: Bloq) -> bool:
    """Return whether something inside `bloq` has no circuit."""
    return _WITHOUT_CIRCUIT.of(bloq) > 0


def _own(bloq: Bloq) -> int | None:
    if isinstance(bloq, UnaryIteration):
        return int(isinstance(bloq.data, LookupShape))
    return 1 if isinstance(bloq, QRAMQuery) else None


_WITHOUT_CIRCUIT = CallTotal(_own)
