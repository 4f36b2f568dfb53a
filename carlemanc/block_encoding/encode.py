"""From a history system to its block encoding."""

from __future__ import annotations

from carlemanc.block_encoding.history.history_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.leaves import Leaf
from carlemanc.block_encoding.step_candidates import cost, step_candidates
from carlemanc.bloqs.loading import Loading
from carlemanc.linear_system import HistorySystem


def encode(
    history: HistorySystem, *, eps: float = 0.0, loading: Loading | None = None, leaf: Leaf | None = None
) -> HistoryBlockEncoding:
    """Return the block encoding of `history.matrix()`.

    Args:
        history: the linear system; with fewer corrections than N its parts are `CorrectedParts`.
        eps: synthesis precision of each rotation.
        loading: how tables are read; None: multiplexed rotations, exact, and plain lookups, except in tensors
            of more than 4096 entries or sites and where a degree takes the amplitude leaf (`DataSteps`).
        leaf: "stencil" or "table" (data-loaded); by default the one of fewer T gates times alpha where both
            exist, the stencil where the lattice has more than 64 sites.

    The two states of c are equal or one-sided (`ShiftPair`), again by T gates times alpha.

    Raises:
        InputError: a source that is neither sparse nor uniform on many sites, or
            leaf = "stencil" where the map is no lattice's.
    """
    candidates = step_candidates(
        history.systems, is_padded=history.padding > 0, eps=eps, loading=loading, leaf=leaf
    )
    forms = [
        HistoryBlockEncoding(
            parts=parts,
            time_bits=history.layout.time_bits,
            steps=history.steps,
            padding=history.padding,
            schedule=() if history.is_uniform else history.schedule,
            is_one_sided=is_one_sided,
        )
        for parts in candidates
        for is_one_sided in (False, True)
    ]
    return min(forms, key=cost)
