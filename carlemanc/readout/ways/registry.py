"""The ways to read weights by name (`readout.method`). A way joins by one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.lazy import loaded

if TYPE_CHECKING:
    from carlemanc.readout.copies import Norm
    from carlemanc.readout.readout_plan import ReadoutPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to read weights.

    Args:
        make: "module:function" of its plan; the arguments are those of `plan_readout` but for the name.
        is_coherent: whether the circuit and its inverse run coherently many times, so that none of them may fail.
        is_known: whether its constants are known, proved or measured: "auto" takes no other.
    """

    make: str
    is_coherent: bool = False
    is_known: bool = False


WAYS: Final[dict[str, Way]] = {
    "sampling": Way(make="carlemanc.readout.ways.sampling:plan_sampling", is_known=True),
    "interior-point": Way(make="carlemanc.readout.ways.published:plan_interior_point"),
    "kerenidis-prakash": Way(make="carlemanc.readout.ways.published:plan_kerenidis_prakash"),
    "tomography": Way(
        make="carlemanc.readout.ways.tomography:plan_tomography", is_coherent=True, is_known=True
    ),
    "amplitude-estimation": Way(
        make="carlemanc.readout.ways.amplitude_estimation:plan_amplitude_estimation", is_coherent=True
    ),
}


def plan_readout(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
    method: str = "sampling",
) -> ReadoutPlan:
    """Return the plan of reading a vector.

    Args:
        dimension: entries d of the vector, at least 1.
        epsilon: relative error, in (0, 1).
        failure_probability: in (0, 1).
        norm: `l2` or `linf`.
        largest: k: the k largest entries only, where the way has a bound for that and it takes fewer copies than all.
            The l2 error is then at most epsilon plus the norm of the entries outside the k largest (the k most frequent
            are kept; proved in `readout.bounds`).
        method: name of the way.

    Raises InputError for a name that is not in `WAYS`.
    """
    if method not in WAYS:
        problem = Problem(
            where="readout.method",
            found=f'"{method}", which reads no weights',
            allowed=", ".join(WAYS),
            help='readout.target = "observables" is estimated by it',
        )
        raise InputError("this is no way to read weights", [problem])
    plan: ReadoutPlan = loaded(WAYS[method].make)(
        dimension, epsilon, failure_probability, norm=norm, largest=largest
    )
    return plan
