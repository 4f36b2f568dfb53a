"""Small polynomial maps and history systems with chosen structure, and a dense reference made by Kronecker products."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from carlemanc.carleman.system import linearize_sequence
from carlemanc.linear_system import HistorySystem
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.sparse_tensor import SparseTensor
from tests.one_map import linearize, uniform_history
from tests.reference import dense, polynomial_map, step_block, tensor


def random_tensor(
    rng: np.random.Generator, n: int, degree: int, *, density: float, scale: float
) -> SparseTensor:
    """Return a tensor in which each monomial of each row is present with probability `density` (at least one)."""
    monomials = list(itertools.combinations_with_replacement(range(n), degree))
    places = [(row, *monomial) for row in range(n) for monomial in monomials]
    present = [place for place in places if rng.random() < density] or [places[rng.integers(len(places))]]
    return tensor(n, degree, {place: scale * rng.normal() for place in present})


def history(
    tensors: Mapping[int, SparseTensor],
    *,
    n: int,
    order: int,
    steps: int,
    padding: int = 0,
    gamma: float = 1.0,
    u_in: np.ndarray | None = None,
) -> HistorySystem:
    """Return the history system of a map."""
    carleman = linearize(polynomial_map(n, tensors), order=order, gamma=gamma)
    start = 0.3 * np.cos(np.arange(1, n + 1)) if u_in is None else np.asarray(u_in, dtype=float)
    return uniform_history(carleman=carleman, steps=steps, padding=padding, u_in=start)


def random_history(
    seed: int,
    *,
    n: int,
    q: int,
    order: int,
    steps: int,
    padding: int = 0,
    driven: bool = False,
    gamma: float = 1.0,
    density: float = 0.5,
    odd: bool = False,
    scale: float = 0.3,
) -> HistorySystem:
    """Return a random system with degrees 1..q (odd ones only on request), and F_0 where `driven`."""
    rng = np.random.default_rng(seed)
    degrees = [degree for degree in range(1, q + 1) if degree % 2 or not odd]
    tensors = {degree: random_tensor(rng, n, degree, density=density, scale=scale) for degree in degrees}
    if driven:
        tensors[0] = random_tensor(rng, n, 0, density=0.6, scale=scale)
    return history(
        tensors, n=n, order=order, steps=steps, padding=padding, gamma=gamma, u_in=0.4 * rng.normal(size=n)
    )


def scheduled_history(
    seed: int, *, n: int, degrees: tuple[int, ...], order: int, schedule: tuple[int, ...], padding: int = 0
) -> HistorySystem:
    """Return a random system whose step t is that of map schedule[t]."""
    rng = np.random.default_rng(seed)
    maps = [
        polynomial_map(n, {d: random_tensor(rng, n, d, density=0.6, scale=0.3) for d in degrees})
        for _ in range(max(schedule) + 1)
    ]
    systems = [linearize(item, order=order, gamma=0.9) for item in maps]
    return HistorySystem(systems=systems, schedule=schedule, padding=padding, u_in=0.4 * np.cos(np.arange(n)))


def corrected(system: HistorySystem, corrections: int) -> HistorySystem:
    """Return the same history with corrections = p."""
    first = system.systems[0]
    sequence = MapSequence(maps=tuple(s.map for s in system.systems), schedule=system.schedule)
    systems = linearize_sequence(sequence, order=first.order, gamma=first.gamma, corrections=corrections)
    return HistorySystem(systems=systems, schedule=system.schedule, padding=system.padding, u_in=system.start)


SCHEDULES = [
    # n, degrees, order, schedule, padding
    (1, (0, 1, 2), 2, (0, 1, 0), 0),
    (2, (0, 1), 1, (0, 1, 2, 0, 1), 0),
    (2, (1, 2), 2, (0, 1, 1, 0), 1),
    (2, (0, 1, 2), 2, (0, 1), 0),
]


def dense_history(system: HistorySystem) -> np.ndarray:
    """Return L in the register basis from dense Kronecker products of the flattened G_l and nothing else."""
    carleman, layout = system.carleman, system.layout
    n = carleman.n
    size = 1 << layout.width
    matrix = np.eye(size)
    steps = {degree: dense(tensor) for degree, tensor in carleman.step_tensors.items()}
    for level in carleman.levels:
        for source in carleman.levels:
            block = step_block(n, steps, level, source)
            for time in range(system.steps):
                rows = layout.level_indices(time + 1, level, n)
                columns = layout.level_indices(time, source, n)
                matrix[np.ix_(rows, columns)] -= block
        for time in range(system.steps, system.steps + system.padding):
            values = range(1 << layout.slot_bits)
            for slots in itertools.product(values, repeat=level):
                matrix[layout.index(time + 1, level, slots), layout.index(time, level, slots)] -= 1
    return matrix


GRID = [
    # n, q, N, T, p, driven, gamma, odd
    (1, 1, 1, 1, 0, False, 1.0, False),
    (1, 1, 1, 2, 1, True, 1.0, False),
    (1, 2, 2, 3, 0, False, 0.7, False),
    (1, 2, 3, 2, 2, True, 1.3, False),
    (1, 3, 4, 2, 1, True, 0.8, False),
    (1, 3, 3, 3, 0, False, 1.0, True),
    (1, 3, 7, 1, 1, False, 1.0, True),
    (1, 4, 4, 1, 0, True, 1.0, False),
    (1, 5, 5, 1, 1, False, 0.9, True),
    (2, 1, 1, 4, 0, False, 1.0, False),
    (2, 1, 3, 2, 1, True, 1.0, False),
    (2, 2, 2, 3, 1, False, 0.9, False),
    (2, 2, 2, 3, 0, True, 1.0, False),
    (2, 2, 3, 2, 1, True, 1.2, False),
    (2, 2, 4, 1, 0, True, 1.0, False),
    (2, 3, 3, 2, 0, False, 1.0, True),
    (2, 3, 3, 1, 1, True, 0.6, False),
    (2, 4, 4, 1, 0, False, 1.0, False),
    (2, 3, 5, 1, 1, False, 0.9, True),
    (2, 3, 2, 4, 0, True, 1.0, False),
    (2, 2, 2, 0, 0, True, 1.0, False),
    (2, 2, 2, 0, 2, False, 1.0, False),
    (3, 1, 1, 2, 2, True, 1.0, False),
    (3, 2, 2, 2, 0, False, 1.0, False),
    (3, 2, 2, 1, 1, True, 0.8, False),
    (3, 3, 3, 1, 0, False, 1.0, True),
    (3, 2, 3, 1, 1, True, 1.0, False),
    (4, 1, 1, 3, 0, False, 1.0, False),
    (4, 2, 2, 1, 1, True, 1.0, False),
    (4, 3, 3, 1, 1, False, 1.1, True),
    (5, 2, 2, 1, 0, True, 1.0, False),
]


def grid_system(n, q, order, steps, padding, driven, gamma, odd):
    return random_history(
        n + 10 * q + 100 * order,
        n=n,
        q=q,
        order=order,
        steps=steps,
        padding=padding,
        driven=driven,
        gamma=gamma,
        odd=odd,
    )


MINUS = {(i, i): -1.0 for i in range(3)}
CHAIN = [(i, j) for i in range(5) for j in range(5) if abs(i - j) < 2]
STOP = tensor(2, 1, {(0, 0): -1.0, (1, 1): -1.0})
"""F_1 = -I, so that G_1 = 0."""

SPECIAL = {
    "G_1 = 0, degree 2 only": dict(
        tensors={1: STOP, 2: tensor(2, 2, {(0, 0, 1): 0.5, (1, 0, 0): -0.2})},
        n=2, order=3, steps=2,
    ),
    "G_1 = 0, driven": dict(
        tensors={0: tensor(2, 0, {(1,): -0.3}), 1: STOP, 2: tensor(2, 2, {(0, 1, 1): 0.5})},
        n=2, order=3, steps=1, padding=1,
    ),
    "an empty row of G": dict(
        tensors={1: tensor(3, 1, {**MINUS, (0, 1): 0.4, (2, 0): -0.3}), 2: tensor(3, 2, {(0, 0, 2): 0.2})},
        n=3, order=2, steps=2,
    ),
    "one entry in all": dict(
        tensors={1: tensor(2, 1, {(0, 0): -1.0, (1, 1): -1.0, (0, 1): 0.7})}, n=2, order=1, steps=3
    ),
    "degree 3 only": dict(
        tensors={1: STOP, 3: tensor(2, 3, {(0, 1, 1, 1): -0.4, (1, 0, 0, 1): 0.3})},
        n=2, order=3, steps=1, padding=2,
    ),
    "no F at all": dict(tensors={}, n=3, order=2, steps=2, padding=1),
    "single negative source": dict(
        tensors={0: tensor(3, 0, {(2,): -0.5}), 2: tensor(3, 2, {(1, 0, 2): 0.3})}, n=3, order=2, steps=1, padding=1
    ),
    "one weight, negative source": dict(
        tensors={0: tensor(1, 0, {(0,): -0.5}), 2: tensor(1, 2, {(0, 0, 0): 0.3})}, n=1, order=3, steps=2
    ),
    "large source": dict(
        tensors={0: tensor(2, 0, {(0,): 2.0, (1,): -1.0}), 2: tensor(2, 2, {(0, 0, 0): -0.3})}, n=2, order=3, steps=1
    ),
    "source, affine": dict(tensors={0: tensor(3, 0, {(0,): -0.4})}, n=3, order=2, steps=3, padding=1),
    "alpha below 1 with padding": dict(
        tensors={1: tensor(2, 1, {(0, 0): -0.5, (1, 1): -0.6}), 2: tensor(2, 2, {(0, 1, 1): 0.01})},
        n=2, order=2, steps=1, padding=2,
    ),
    "alpha above 1 with padding": dict(
        tensors={1: tensor(2, 1, {(0, 0): 0.5, (1, 0): 0.9}), 2: tensor(2, 2, {(0, 1, 1): 0.4})},
        n=2, order=2, steps=1, padding=2,
    ),
    "times fill the register": dict(tensors={2: tensor(2, 2, {(0, 1, 1): 0.4})}, n=2, order=2, steps=5, padding=2),
    "last time is a power of two": dict(tensors={2: tensor(2, 2, {(0, 1, 1): 0.4})}, n=2, order=2, steps=4),
    "lattice": dict(
        tensors={
            1: tensor(4, 1, {(i, j % 4): v for i in range(4) for j, v in ((i, -0.2), (i + 1, 0.1), (i + 3, 0.1))}),
            3: tensor(4, 3, {(i, i, i, i): -0.1 for i in range(4)}),
        },
        n=4, order=3, steps=3, gamma=0.8,
    ),
    "ring of eight": dict(
        tensors={
            1: tensor(8, 1, {(i, j % 8): v for i in range(8) for j, v in ((i, -0.2), (i + 1, 0.1), (i + 7, 0.15))}),
            2: tensor(8, 2, {(i, i, (i + 1) % 8): -0.1 for i in range(8)}),
        },
        n=8, order=2, steps=1, padding=1,
    ),
    "chain of five": dict(
        tensors={1: tensor(5, 1, {(i, j): 0.1 + 0.3 * i - 0.2 * j for i, j in CHAIN})},
        n=5, order=1, steps=2,
    ),
    "wide row and wide column": dict(
        tensors={1: tensor(4, 1, {(0, j): 0.3 * (j + 1) for j in range(4)} | {(i, 3): -0.2 * i for i in range(1, 4)})},
        n=4, order=1, steps=1,
    ),
    "tiny and huge entries": dict(
        tensors={1: tensor(2, 1, {(0, 1): 1e-9}), 2: tensor(2, 2, {(0, 0, 1): 1e3, (1, 1, 1): 1e-6})},
        n=2, order=2, steps=1,
    ),
}  # fmt: skip
