"""The start of a march in time: the lift of u_in on levels and slots, with level 0 where there are sources."""

from __future__ import annotations

from carlemanc.bloqs.amplitudes.point_loader import load_point
from carlemanc.bloqs.loading import Loading
from carlemanc.core.errors import InputError
from carlemanc.linear_system import HistorySystem
from carlemanc.linear_system.history import NOTHING_MOVES
from carlemanc.state_preparation.right_hand_side import PrepareRightHandSide


def prepare_start(
    history: HistorySystem, *, eps: float = 0.0, loading: Loading | None = None
) -> PrepareRightHandSide:
    """Return the preparation of (1, y(0)) or y(0), normalized; `loading` as in `prepare`.

    Raises InputError where nothing moves (no start and no source).
    """
    is_shaped = history.systems[0].map.is_shaped
    start = load_point(history.start, history.layout.slot_bits, eps, is_shaped=is_shaped, loading=loading)
    if not start.length and not history.is_driven:
        raise InputError(NOTHING_MOVES)
    return PrepareRightHandSide(
        levels=(0, *history.levels) if history.is_driven else tuple(history.levels),
        slot_bits=history.layout.slot_bits,
        time_bits=0,
        steps=0,
        initial=start.loader if start.length else None,
        source=None,
        z=start.length / history.gamma,
        f=0.0,
        source_level=0,
        eps=eps,
    )
