"""The norms of vectors that a circuit is planned with: ||b||, ||x||, the readout probability, and where they are from.

Those of the matrix, ||L|| and ||L^-1||, are made by `inverse_norm`.
"""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.formula import Formula

ASSUMED_SIZES = (
    "assumed: ||u(t)|| = ||I + F_1||^t ||u(0)||, the decay of the slowest linear mode; a faster one fades "
    "the readout"
)
"""Where the norms of a map known by its shape come from."""
SOLVED_NORMS = Formula(
    text="||x|| and the share of x at t >= T on level 1, from L x = b solved classically", status="measured"
)
_LIFT = "||x||^2 = sum_t sum_j z_t^2j, readout probability = (p + 1) z_T^2/||x||^2, z_t = "
LIFTED_NORMS = Formula(text=f"{_LIFT}||u(t)||/gamma of gradient descent itself", status="measured")
BOUNDED_NORMS = Formula(
    text=f"{_LIFT}||u(t)||/gamma of gradient descent, and past the last step that was run an upper bound of it: a "
    "smaller u(T) fades the readout",
    status="assumed",
)
SHAPED_NORMS = Formula(
    text=f"{_LIFT}||I + F_1||^t ||u(0)||/gamma, the decay of the slowest linear mode; a faster one fades the readout",
    status="assumed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNorms:
    """||b||, ||x|| and the readout probability, and where they come from."""

    rhs_norm: float
    solution_norm: float
    readout_probability: float
    source: str
    formula: Formula
