"""Which bloqs can be counted and not emitted: those that query QRAM, or read a table known by its shape."""

from __future__ import annotations

from functools import lru_cache

from qualtran import Adjoint, Bloq

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.lookups.qram import QRAMQuery
from carlemanc.bloqs.lookups.unary_iteration import UnaryIteration


def is_counted_only(bloq: Bloq) -> bool:
    """Return whether something inside `bloq` has no circuit."""
    if isinstance(bloq, Adjoint):
        return is_counted_only(bloq.subbloq)
    if isinstance(bloq, QRAMQuery):
        return True
    if isinstance(bloq, UnaryIteration):
        return isinstance(bloq.data, LookupShape)
    return _has_such_calls(bloq) if isinstance(bloq, BitBloq) else False


@lru_cache(maxsize=1024)
def _has_such_calls(bloq: BitBloq) -> bool:
    return any(map(is_counted_only, bloq.build_call_graph(None)))
