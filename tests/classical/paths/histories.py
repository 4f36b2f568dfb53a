"""Histories of lattices and of listed maps, with the exact march that walks are held against."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from carlemanc.block_encoding.step_encoding import step_encoding
from carlemanc.classical.paths.walk import Walk, walk_of
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec


def lattice(
    expression: str,
    *,
    dims: list[int],
    order: int,
    start: Any,
    steps: int = 3,
    boundary: str = "periodic",
    **carleman: Any,
) -> Lifted:
    """Return the lifted training of a lattice loss."""
    spec = {
        "loss": {"expression": expression, "boundary": boundary},
        "model": {"dims": dims} if len(dims) > 1 else {"n": dims[0]},
        "training": {"learning_rate": 0.2, "steps": steps, "initial": start},
        "carleman": {"order": order, **carleman},
    }
    return lifted_of(load_spec(spec))


def lattices() -> dict[str, Lifted]:
    """Return trainings of both boundaries, one to three axes, orders 1 to 3, with and without F_0."""
    quartic = "Sum(theta[i]**2/2 + theta[i]**4/12 - theta[i]*theta[i+1]/3, (i, 0, n-1))"
    cubic = "Sum(theta[i]**2/2 + theta[i]**3/9 - theta[i]*theta[i+1]/4, (i, 0, n-1))"
    plane = (
        "Sum(theta[i,j]**2/2 + theta[i,j]**4/9 - theta[i,j]*(theta[i+1,j] + theta[i,j+1])/6, "
        "(i, 0, n1-1), (j, 0, n2-1))"
    )
    space = (
        "Sum(theta[i,j,k]**2/2 - theta[i,j,k]*(theta[i+1,j,k] + theta[i,j+1,k] + theta[i,j,k+1])/8, "
        "(i, 0, n1-1), (j, 0, n2-1), (k, 0, n3-1))"
    )
    site, two = {"sparse": {"1": 0.5}}, {"sparse": {"0": 0.4, "2": -0.3}}
    every = [0.4, -0.3, 0.2, 0.5, -0.1]
    return {
        "ring": lattice(quartic, dims=[5], order=3, start=site),
        "ring, order 1": lattice(quartic, dims=[6], order=1, start=site),
        "open chain": lattice(quartic.replace("n-1", "n-2"), dims=[5], order=3, start=two, boundary="open"),
        "cubic, all levels": lattice(cubic, dims=[4], order=3, start=two),
        "cubic, order 2": lattice(cubic, dims=[5], order=2, start=every),
        "dense start": lattice(quartic, dims=[5], order=3, start=every),
        "constant start": lattice(quartic, dims=[4], order=3, start=[0.3] * 4),
        "uniform drive": lattice(f"{cubic} + Sum(theta[i]/7, (i, 0, n-1))", dims=[3], order=2, start=site),
        "local drive": lattice(f"{cubic} - theta[2]/3", dims=[4], order=3, start=two),
        "driven from zero": lattice(f"{cubic} - theta[1]/3", dims=[4], order=2, start=[0.0] * 4),
        "drive, order 1": lattice(
            "Sum(theta[i]**2/2 - theta[i]*theta[i+1]/3, (i, 0, n-1)) - theta[0]/5",
            dims=[4],
            order=1,
            start=two,
        ),
        "an entry beside": lattice(f"{quartic} + theta[0]*theta[3]**3/5", dims=[4], order=3, start=two),
        "a site of its own": lattice(f"{quartic} + theta[2]**2/3", dims=[6], order=3, start=site),
        "plane": lattice(plane, dims=[2, 3], order=3, start=site),
        "open plane": lattice(
            plane.replace("n1-1", "n1-2").replace("n2-1", "n2-2"),
            dims=[3, 2],
            order=3,
            start=site,
            boundary="open",
        ),
        "space": lattice(space, dims=[2, 3, 2], order=1, start=two),
        "one correction": lattice(cubic, dims=[4], order=3, start=two, corrections=1),
        "driven, one correction": lattice(
            f"{cubic} - theta[1]/3", dims=[3], order=2, start=site, corrections=1
        ),
    }


def exact(history: HistorySystem, walk: Walk) -> dict[int, np.ndarray]:
    """Return the amplitudes y(T) / prod alpha of each level, (n^level,), by explicit matrices."""
    extended = ExtendedSteps(history=history)
    matrices, state = extended.matrices(), extended.start()
    for index in history.schedule:
        state = matrices[index] @ state / walk.alphas[index]
    found, first = {}, 0
    for level in walk.steps[0].levels:
        found[level] = state[first : first + history.n**level]
        first += history.n**level
    return found


def encoded_walk(history: HistorySystem) -> Walk:
    """Return the walk with the subnormalizations of the encoded steps."""
    level_zero = history.is_driven
    return walk_of(history, [step_encoding(one, level_zero=level_zero).alpha for one in history.systems])


def deviations(pairs: Iterable[tuple[float, float, float]]) -> list[float]:
    """Return (value - exact) / deviation of (value, deviation, exact); 0 where both are the same."""
    return [
        0.0 if math.isclose(value, true, rel_tol=1e-9, abs_tol=1e-300) else (value - true) / deviation
        for value, deviation, true in pairs
    ]
