"""AND computations and true rotations of a bit bloq, from its calls: what the choices between bloqs are made by."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from qualtran import Adjoint, Bloq
from qualtran.bloqs.basic_gates import Ry
from qualtran.bloqs.mcmt import And

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.nearly import SAME


class Price(NamedTuple):
    """Number of AND computations (undone by measurement) and of rotations by no multiple of pi/4."""

    toffoli: int
    rotations: int

    def t_count(self, loading: Loading) -> float:
        """Return the T gates: 4 a Toffoli, `loading.rotation_t` a rotation."""
        return 4 * self.toffoli + loading.rotation_t * self.rotations


def price_of(bloq: Bloq) -> Price:
    """Return the price of a bloq whose ANDs are all undone; an adjoint costs the same."""
    if isinstance(bloq, Adjoint):
        return price_of(bloq.subbloq)
    if isinstance(bloq, Ry):
        return Price(0, int(is_rotation(float(bloq.angle))))
    if isinstance(bloq, And):
        return Price(int(not bloq.uncompute), 0)
    return _price_of_bits(bloq) if isinstance(bloq, BitBloq) else Price(0, 0)


@lru_cache(maxsize=1024)
def _price_of_bits(bloq: BitBloq) -> Price:
    parts = [(price_of(callee), times) for callee, times in bloq.build_call_graph(None).items()]
    return Price(
        sum(part.toffoli * times for part, times in parts),
        sum(part.rotations * times for part, times in parts),
    )


def is_rotation(angle: float) -> bool:
    """Return whether a rotation by `angle` is no Clifford+T gate."""
    return abs(angle - round(angle / (math.pi / 4)) * (math.pi / 4)) > SAME
