"""Insertion of F_0 where the level register also holds level 0: the constant 1 that feeds the sources."""

from __future__ import annotations

import attrs

from carlemanc.block_encoding.history.zero_insertion import ZeroInsertion
from carlemanc.bloqs.bit_circuit import BitCircuit


@attrs.frozen(cache_hash=True, kw_only=True)
class LevelZeroInsertion(ZeroInsertion):
    r"""`ZeroInsertion` for levels 0..N, thermometer bit r - 1 says level >= r.

    From level 0 only the pattern of the places 0..j-1 fits, and it makes $F_0^{\otimes j}$ on level j: the
    source of level j (derived here, checked on every column).

    Registers:
        level: N thermometer bits; the others as for `ZeroInsertion`.
    """

    @property
    def _lowest(self) -> int:
        return 0

    def _check(self, circuit: BitCircuit) -> None:
        """Flip `overflow` where the pattern does not fit the level; `_invalid` tabulates levels from 1 alone."""
        self._check_count(circuit)
