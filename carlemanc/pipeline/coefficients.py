"""How fine the loaded angles of the block encoding are: as the error budget asks, no finer.

Coefficients that are loaded as b-bit angles make the block that of L + E. With ||L^-1|| ||E|| <= s / (1 + s) the
solution of (L + E) x~ = b has ||x~ - x|| <= s ||x|| (Golub and Van Loan, Theorem 2.6.2, E alone perturbed; proved).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import evolve

from carlemanc.block_encoding import HistoryBlockEncoding, encode
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system import HistorySystem

MOST_BITS = 52
"""An angle of more bits says nothing: it is made from a float."""
SHAPED_BITS = 128
"""The same of a map known by its shape, whose entries were never floats."""
_ROUNDS = 4


def allowed_error(epsilon: float, inverse_norm: float) -> float:
    """Return the ||E|| that moves the solution by at most `epsilon` of its norm."""
    return epsilon / (1 + epsilon) / inverse_norm


def caused_error(error: float, inverse_norm: float) -> float:
    """Return the relative error of the solution, at most, that ||E|| causes; infinite where L + E may be singular."""
    moved = error * inverse_norm
    return moved / (1 - moved) if moved < 1 else math.inf


def encode_within(
    found: HistoryBlockEncoding,
    history: HistorySystem,
    loading: Loading | None,
    allowed: Callable[[], float],
) -> HistoryBlockEncoding:
    """Return the encoding with the fewest angle bits that keep the rounding of L within `allowed()`, operator norm.

    Args:
        found: the encoding at the bits of `loading`; it is returned as it is where it loads no angles.
        history, loading: what it encodes, and how.
        allowed: asked only where angles are loaded.

    Raises TooLarge where `MOST_BITS` are too few.
    """
    most = SHAPED_BITS if history.systems[0].map.is_shaped else MOST_BITS
    bits = (loading or DEFAULT_LOADING).bits
    if not rounding_error(found):
        return found
    limit = allowed()
    for _ in range(_ROUNDS):  # fewer bits make loading cheaper, so that more angles may be loaded
        wanted = bits + math.ceil(math.log2(found.alpha * rounding_error(found) / limit))
        if wanted == bits:
            return found
        if wanted > most:
            raise _too_fine(limit, wanted, most)
        bits = wanted
        found = encode(history, loading=evolve(loading or DEFAULT_LOADING, angle_bits=bits))
        if not rounding_error(found):
            return found
    while found.alpha * rounding_error(found) > limit:
        bits += 1
        if bits > most:
            raise _too_fine(limit, bits, most)
        found = encode(history, loading=evolve(loading or DEFAULT_LOADING, angle_bits=bits))
    return found


def _too_fine(limit: float, bits: int, most: int) -> TooLarge:
    return TooLarge(
        "the rounding of loaded coefficients",
        size=f"{bits} bits an angle, to keep L within {limit:.3g}",
        limit=f"{most} bits",
        instead="Raise solver.epsilon, or lower T: the error allowed falls with ||L^-1||.",
    )
