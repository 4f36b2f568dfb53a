"""Trainings that every classical program is run on: lattices of one to three axes, data, and what is odd about them."""

from __future__ import annotations

from typing import Any

RING = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
CHAIN = "Sum(-theta[i]**2/2 + theta[i]**4/4 + 0.1*(theta[i+1] - theta[i])**2, (i, 0, n-1))"
GRID = (
    "Sum(theta[i,j]**2/2 + 0.3*theta[i,j]**4/4 - 0.2*theta[i,j]*(theta[i+1,j] + theta[i,j+1]), "
    "(i, 0, n1-1), (j, 0, n2-1))"
)
CUBE = (
    "Sum(theta[i,j,k]**2/2 + 0.2*theta[i,j,k]**3 - 0.1*theta[i,j,k]*(theta[i+1,j,k] + theta[i,j+1,k] "
    "+ theta[i,j,k+1]), (i, 0, n1-1), (j, 0, n2-1), (k, 0, n3-1))"
)
FIT = "Sum((y[a] - Sum(x[a,k]*theta[k], (k, 0, n-1)))**2, (a, 0, m-1))/(2*m) + 0.1*Sum(theta[k]**4, (k, 0, n-1))/4"


def lattice(
    text: str, size: Any, initial: Any, *, boundary: str = "periodic", **training: Any
) -> dict[str, Any]:
    model = {"n": size} if isinstance(size, int) else {"dims": size}
    return {
        "name": "asked",
        "loss": {"expression": text, "boundary": boundary},
        "model": model,
        "training": {"learning_rate": 0.1, "steps": 4, "initial": initial} | training,
    }


def fit(features: int, samples: int, **training: Any) -> dict[str, Any]:
    return {
        "name": "fit",
        "loss": {"expression": FIT},
        "model": {"n": features},
        "data": {
            "source": "sklearn:diabetes",
            "features": features,
            "samples": samples,
            "standardize": True,
        },
        "training": {"learning_rate": 0.1, "steps": 4, "initial": {"normal": 0.3, "seed": 5}} | training,
    }


SPECS: dict[str, dict[str, Any]] = {
    "ring, one site": lattice(RING, 23, {"sparse": {"3": 0.4}}),
    "ring, random": lattice(RING, 17, {"normal": 0.3, "seed": 3}),
    "ring, constant": lattice(RING, 16, {"function": "0.5"}),
    "ring, wave": lattice(RING, 24, {"function": "0.4*cos(2*pi*3*i/n)"}),
    "ring about another center": lattice(RING, 21, {"sparse": {"2": 0.4}}, center=[0.2] * 21),
    "ring with a drive": lattice(RING + " - 0.2*Sum(theta[i], (i, 0, n-1))", 15, {"sparse": {"2": 0.4}}),
    "ring with a local drive": lattice(
        RING + " - 0.2*theta[4] + theta[1]*theta[9]**2", 19, {"sparse": {"2": 0.4}}
    ),
    "open chain, one site": lattice(CHAIN, 19, {"sparse": {"3": 0.4}}, boundary="open"),
    "open chain, constant": lattice(CHAIN, 13, {"function": "0.4"}, boundary="open"),
    "products of neighbors": lattice(
        "Sum(theta[i]**2/2 + theta[i-1]*theta[i]*theta[i+2]/3, (i, 0, n-1))",
        18,
        {"sparse": {"3": 0.4, "5": 0.3}},
    ),
    "open grid, corner": lattice(GRID, [7, 6], {"sparse": {"0": 0.4}}, boundary="open"),
    "grid, signs": lattice(GRID, [4, 8], {"function": "0.3*walsh(i, 1)*walsh(j, 3)"}),
    "cube, wave": lattice(CUBE, [3, 4, 4], {"function": "0.2*cos(2*pi*j/n2) + 0.1"}, steps=3),
    "few samples": fit(10, 3),
    "many samples": fit(4, 60),
    "batches and noise": fit(5, 9, batch_size=4, noise=0.02, seed=3),
}
