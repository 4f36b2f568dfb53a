"""The constants of the literature for tomography by copies: counts of plain runs, and as many of controlled ones."""

from __future__ import annotations

import math

from carlemanc.core.formula import Formula
from carlemanc.readout.bounds import interior_point_copies, kerenidis_prakash_copies
from carlemanc.readout.copies import Copies, Norm

_INTERIOR_POINT = Formula(
    text="N = 57.5 d ln(6 d/delta)/(epsilon^2 (1 - epsilon^2/4)) copies, and again as many for signs",
    status="second-hand",
    sources=("dalzell2023",),
    where="Proposition 4",
)
_KERENIDIS_PRAKASH = Formula(
    text="N = 36 d ln d/e^2 copies for an error of epsilon = sqrt(7) e, and again as many for signs",
    status="second-hand",
    sources=("kerenidis_prakash2020",),
)


def plan_interior_point(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
) -> Copies:
    """Return the plan of [dalzell2023], which has every weight; see `readout.ways.registry.plan_readout`."""
    copies = interior_point_copies(dimension, epsilon, failure_probability)
    return _plan("interior-point", copies, _INTERIOR_POINT, dimension, epsilon, failure_probability, norm)


def plan_kerenidis_prakash(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
) -> Copies:
    """Return the plan of [kerenidis_prakash2020], which has every weight; see `plan_readout`."""
    copies = kerenidis_prakash_copies(dimension, epsilon / math.sqrt(7), norm=norm)
    return _plan(
        "kerenidis-prakash", copies, _KERENIDIS_PRAKASH, dimension, epsilon, failure_probability, norm
    )


def _plan(
    way: str, copies: float, formula: Formula, dimension: int, epsilon: float, failure: float, norm: Norm
) -> Copies:
    return Copies(
        method=way,
        dimension=dimension,
        norm=norm,
        epsilon=epsilon,
        failure_probability=failure,
        largest=None,
        magnitudes=copies,
        signs=copies,
        formula=formula,
    )
