"""How tables are read: which memory, how many extra qubits a lookup may use, what a rotation costs."""

from __future__ import annotations

import math
from typing import Literal

import attrs

DEFAULT_ANGLE_BITS = 40
"""A loaded angle is then within 2.9e-12 in operator norm: 300 of them in a circuit stay below 1e-9."""


def rotation_t_bound(epsilon: float) -> float:
    """Return the T count of one rotation synthesized to `epsilon` in diamond distance.

    3.02 log2(1/epsilon) + 1.77, the fit to gridsynth words of Kliuchnikov et al., Quantum 7, 1208 (2023);
    measured on 20 random angles: 62.3 against 62.0 at 1e-6, 102.7 against 102.1 at 1e-10.
    """
    return 3.02 * math.log2(1 / epsilon) + 1.77


@attrs.frozen(cache_hash=True, kw_only=True)
class Loading:
    """The choices a bloq has when it reads a table.

    Args:
        memory: "lookup" builds every table into the circuit; "qram" prices one query of a memory that holds it,
            which can be counted and not emitted.
        ancilla_budget: clean qubits, beyond the target itself, that one lookup may use to save Toffoli gates.
        rotation_t: T count of one synthesized rotation, the price at which loaded angles are weighed against
            multiplexed rotations.
        angle_bits: b, bits of a loaded angle: each is within pi 2^-b in operator norm. None: 40.
    """

    memory: Literal["lookup", "qram"] = "lookup"
    ancilla_budget: int = 0
    rotation_t: float = rotation_t_bound(1e-10)
    angle_bits: int | None = None

    @property
    def bits(self) -> int:
        """The bits of a loaded angle in force."""
        return DEFAULT_ANGLE_BITS if self.angle_bits is None else self.angle_bits


DEFAULT_LOADING = Loading()
