"""Observables with the functions they are, and small trainings to ask them of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed

Function = Callable[[list[Any]], Any]


def ring(t: list[Any], p: dict[str, float], periodic: bool = True) -> Any:
    """The loss of `spec_of`."""
    n = len(t)
    bonds = range(n if periodic else n - 1)
    return sum(x**2 / 2 + p["lam"] * x**4 / 4 + p["g"] * x**3 / 3 + p["h"] * x for x in t) - p["J"] * sum(
        t[i] * t[(i + 1) % n] for i in bonds
    )


def spec_of(
    n: int,
    order: int,
    steps: int,
    *,
    parameters: dict[str, float],
    start: list[float],
    center: Any = "zero",
    periodic: bool = True,
    padding: int = 0,
) -> dict[str, Any]:
    """Return the spec of a ring or a chain with terms of degree 1 to 4."""
    terms = ["theta[i]**2/2", "lam*theta[i]**4/4", "-J*theta[i]*theta[i+1]", "g*theta[i]**3/3", "h*theta[i]"]
    names = [None, "lam", "J", "g", "h"]
    used = [term for term, name in zip(terms, names, strict=True) if name is None or parameters[name]]
    return {
        "loss": {
            "expression": f"Sum({' + '.join(used)}, (i, 0, n-1))",
            "boundary": "periodic" if periodic else "open",
            "parameters": {name: value for name, value in parameters.items() if value},
        },
        "model": {"n": n},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": start, "center": center},
        "carleman": {"order": order, "padding": padding},
    }


def asked_of(spec: dict[str, Any]) -> tuple[Lifted, Vocabulary]:
    """Return the lifted training of a spec and what its observables may name."""
    found = lifted_of(fixed(spec))
    assert found.training.vocabulary is not None
    return found, found.training.vocabulary


def truncated_value(lifted: Lifted, function: Function, levels: dict[int, np.ndarray]) -> float:
    """Return O(center) + sum of <y_1, O_l y_l> by the monomials of O in u: independent of every tensor of ours.

    A monomial of degree d is read with each of its factors in turn on level 1, the others on level d - 1; one in which
    all weights stand an even number of times, d >= 4, as a square of level d / 2 where there is that level.
    """
    center, n = lifted.center, lifted.n
    u = sympy.symbols(f"u:{n}")
    polynomial = sympy.Poly(function([c + x for c, x in zip(center.tolist(), u, strict=True)]), *u)
    total = 0.0
    for powers, coefficient in polynomial.terms():
        sites = [site for site, power in enumerate(powers) for _ in range(power)]
        if not sites:
            total += float(coefficient)
            continue
        half = [site for site, power in enumerate(powers) for _ in range(power // 2)]
        if len(half) > 1 and len(half) in levels and not any(power % 2 for power in powers):
            total += float(coefficient) * levels[len(half)][tuple(half)] ** 2
            continue
        rest = [(sites[k], sites[:k] + sites[k + 1 :]) for k in range(len(sites))]
        terms = [
            levels[1][one] * (levels[len(others)][tuple(others)] if others else 1.0) for one, others in rest
        ]
        total += float(coefficient) * float(np.mean(terms))
    return total


def levels_of(lifted: Lifted) -> dict[int, np.ndarray]:
    """Return gamma^j y_j(T) of the truncated system as arrays with one axis a slot."""
    state, system = lifted.history.solve()[lifted.steps], lifted.systems[0]
    return {
        level: (lifted.gamma**level * part).reshape((lifted.n,) * level)
        for level, part in zip(system.levels, system.split(state), strict=True)
    }
