"""How our own counts grow with T, in a fully dissipative and in an almost dissipative regime.

The paper claims a run time of O(T polylog) where the system is fully dissipative and O(T^2 polylog) where it is almost
dissipative (Theorems 1 and 2, main text). What is compared here: queries to L of one run, T gates of one run, and T
gates of all runs that one download takes. The two systems are one loss, a ring of quartic wells in a weak field, at
two couplings: J = 0.2, where every mode decays, and J = 0.5, where the uniform mode neither decays nor grows and the
field drives it. The regimes are carlemanc's definitions (THEORY 4) and are checked at every T. Measured, not proved:
the exponents are least-squares slopes over the range of T that is given, logarithms included.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carlemanc.commands.estimate import estimate
from carlemanc.core.document import Document
from carlemanc.core.errors import CheckFailed
from carlemanc.core.progress import track
from carlemanc.core.rounding import whole
from carlemanc.core.shown import Shown
from carlemanc.costs.scaling import FittedExponent, fitted_exponent
from carlemanc.methods.registry import LEADING
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import SpecSource, load_spec

RING: Mapping[str, Any] = {
    "name": "driven-ring",
    "loss": {
        "expression": "Sum(theta[i]**2/2 + lam*theta[i]**4/4 - J*theta[i]*theta[i+1] - field*theta[i], (i, 0, n-1))",
        "parameters": {"lam": 0.1, "J": 0.2, "field": 0.005},
    },
    "model": {"n": 8},
    "training": {"learning_rate": 0.1, "steps": 8, "initial": {"sparse": {"0": 0.1}}},
    "carleman": {"order": 3, "padding": 0, "rescaling": "balanced"},
    "solver": {"method": LEADING, "amplification": False},
    "compile": {"ancilla_budget": 0, "synthesis": "gridsynth"},
    "readout": {"method": "sampling"},
}
"""The ring that both regimes are measured on, with one circuit at every T: what a search takes could change with it."""
REGIMES: tuple[tuple[str, float, int], ...] = (
    ("fully dissipative", 0.2, 1),
    ("almost dissipative", 0.5, 2),
)
"""Regime, coupling J of `RING`, and the power of T that the paper claims."""
QUANTITIES = ("queries", "t_count", "runs", "t_count_of_all_runs")
"""What is fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPoint:
    """Counts at one T."""

    steps: int
    kappa: float | None
    queries: int
    t_count: int
    runs: int
    t_count_of_all_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling(Shown, Document):
    """Counts against T in one regime.

    Attributes:
        regime: carlemanc's name, the same at every T.
        claimed: power of T that the paper states for it.
        exponents: of each of `QUANTITIES` over all points.
        last: the same over the last two points: where the growth is heading.
    """

    name: str
    regime: str
    claimed: int
    points: tuple[ScalingPoint, ...]
    exponents: Mapping[str, FittedExponent]
    last: Mapping[str, float]

    BRIEF = "name regime claimed points"
    KEYS = "name regime claimed_power_of_T=claimed points exponents exponents_of_the_last_two_points=last"


def measured_scaling(
    spec: SpecSource,
    *,
    steps: Sequence[int],
    regime: str,
    claimed: int,
    overrides: Iterable[str] = (),
) -> Scaling:
    """Estimate a spec at every T of `steps` and fit the powers of T.

    Args:
        spec: the model, without a schedule.
        steps: at least three different T, ascending.
        regime: what the system must be at every T.
        claimed: the paper's power of T for that regime.
        overrides: `KEY=VALUE` strings for all points.

    Raises InputError, TooLarge; CheckFailed where the regime at some T is another.
    """
    texts = tuple(overrides)
    points = []
    for count in track(steps, f"estimate {regime}", total=len(steps)):
        model = load_spec(spec, [*texts, f"training.steps={count}"])
        found = lifted_of(model).regime.name
        if found != regime:
            raise CheckFailed(f"{model.name} at T = {count} is {found}, not {regime}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            one = estimate(model, levers=False)
        each = one.t_of_a_run
        points.append(
            ScalingPoint(
                steps=count,
                kappa=one.kappa,
                queries=one.plan.queries_L,
                t_count=each,
                runs=one.runs,
                t_count_of_all_runs=whole(each * one.runs),
            )
        )
    fits, last = {}, {}
    for key in QUANTITIES:
        values = [getattr(point, key) for point in points]
        fits[key] = fitted_exponent([point.steps for point in points], values)
        last[key] = fitted_exponent([point.steps for point in points[-2:]], values[-2:]).exponent
    name = load_spec(spec, texts).name
    return Scaling(name=name, regime=regime, claimed=claimed, points=tuple(points), exponents=fits, last=last)


def regime_scalings(steps: Sequence[int]) -> tuple[Scaling, ...]:
    """Return the scalings of `RING` in both regimes."""
    return tuple(
        measured_scaling(
            RING,
            steps=steps,
            regime=regime,
            claimed=claimed,
            overrides=[f"loss.parameters.J={coupling}"],
        )
        for regime, coupling, claimed in REGIMES
    )
