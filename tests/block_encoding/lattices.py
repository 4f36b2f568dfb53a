"""Random lattice maps of small extent: stencils on boxes, profiles, single entries, sources."""

from __future__ import annotations

import numpy as np

from carlemanc.linear_system import HistorySystem
from carlemanc.model.lattice.sites import Lattice, clip
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.sparse_tensor import SparseTensor, no_entries
from tests.one_map import linearize, uniform_history


def random_stencil(rng: np.random.Generator, lattice: Lattice, degree: int, reach: int) -> Stencil | None:
    """Return a stencil of random offsets on a random box, sometimes with a profile; None where nothing fits."""
    offsets = tuple(tuple(int(rng.integers(-reach, reach + 1)) for _ in lattice.dims) for _ in range(degree))
    box = lattice.full
    if rng.random() < 0.3:
        ends = [sorted(rng.integers(0, size, 2).tolist()) for size in lattice.dims]
        box = tuple((low, high) for low, high in ends)
    if not lattice.periodic:
        box = clip(box, offsets, lattice)
        if box is None:
            return None
    if rng.random() < 0.3:
        values = np.zeros(lattice.n)
        rows = lattice.sites(box)
        values[rows] = 0.3 * rng.normal(size=len(rows))
        return Stencil(offsets=offsets, box=lattice.full, profile=Coefficients(values=values))
    value = float(rng.choice([-0.25, 0.125, 0.2, -0.3]))
    return Stencil(offsets=offsets, box=box, coefficient=value)


def mirrored(stencil: Stencil, lattice: Lattice) -> Stencil | None:
    """Return the mirror image with the same coefficient on all rows that have it."""
    offsets = tuple(tuple(-step for step in offset) for offset in stencil.offsets)
    box = lattice.full if lattice.periodic else clip(lattice.full, offsets, lattice)
    if box is None:
        return None
    return Stencil(offsets=offsets, box=box, coefficient=stencil.coefficient)


def random_lattice_map(
    rng: np.random.Generator, lattice: Lattice, degrees: tuple[int, ...], *, terms: int = 2, reach: int = 2
) -> PolynomialMap:
    """Return a map with a few random stencils of each degree, mirror images and explicit entries beside them."""
    n = lattice.n
    tensors = {}
    for degree in degrees:
        if degree == 0:
            tensors[0] = random_source(rng, lattice)
            continue
        found = [random_stencil(rng, lattice, degree, reach) for _ in range(int(rng.integers(1, terms + 1)))]
        stencils = [stencil for stencil in found if stencil is not None]
        if rng.random() < 0.6:
            images = [mirrored(item, lattice) for item in stencils if item.profile is None]
            stencils += [image for image in images if image is not None]
        entries = no_entries(n, degree)
        if rng.random() < 0.4:
            count = int(rng.integers(1, 3))
            entries = SparseTensor.build(
                n=n,
                degree=degree,
                rows=rng.integers(0, n, count),
                cols=rng.integers(0, n, (count, degree)),
                vals=0.2 * rng.normal(size=count),
            )
        tensors[degree] = LatticeTensor.build(lattice, degree, stencils, entries)
    return PolynomialMap(n=n, center=np.zeros(n), tensors=tensors, learning_rate=1.0, source="test")


def random_source(rng: np.random.Generator, lattice: Lattice) -> LatticeTensor:
    """Return F_0: the same at every site, at a few sites, or both."""
    kind = rng.integers(3)
    sites = rng.integers(0, lattice.n, 2)
    entries = SparseTensor.build(
        n=lattice.n, degree=0, rows=sites, cols=np.zeros((2, 0), dtype=int), vals=0.2 * rng.normal(size=2)
    )
    uniform = [Stencil(offsets=(), box=lattice.full, coefficient=float(rng.choice([-0.1, 0.2])))]
    return LatticeTensor.build(
        lattice, 0, uniform if kind < 2 else [], entries if kind else no_entries(lattice.n, 0)
    )


def lattice_history(
    polynomial_map: PolynomialMap, *, order: int, steps: int, padding: int = 0, gamma: float = 1.0
) -> HistorySystem:
    """Return the history system of a lattice map from a start at two sites."""
    start = 0.3 * np.cos(np.arange(polynomial_map.n))
    system = linearize(polynomial_map, order=order, gamma=gamma)
    return uniform_history(carleman=system, steps=steps, padding=padding, u_in=start)
