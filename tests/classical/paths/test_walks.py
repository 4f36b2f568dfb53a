"""Walks against explicit matrices: amplitudes, subnormalizations, both estimators, and how often an error bar holds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.block_encoding.leaves import lattice_tensors, stencil_steps
from carlemanc.block_encoding.step_candidates import step_candidates
from carlemanc.classical.paths.alpha import step_alpha
from carlemanc.classical.paths.asked import march_quantities
from carlemanc.classical.paths.collisions import Collisions
from carlemanc.classical.paths.forms import LevelSquare, Overlap, Product, Quantity, Rows, Square
from carlemanc.classical.paths.leaves import Leaves
from carlemanc.classical.paths.walk import walk_of
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Weights
from tests.block_encoding.lattices import lattice_history, random_lattice_map
from tests.block_encoding.systems import corrected, random_history, scheduled_history
from tests.classical.paths.histories import deviations, encoded_walk, exact, lattice, lattices

LATTICES = lattices()
LISTED = {
    "order 1": random_history(1, n=4, q=1, order=1, steps=3),
    "order 2": random_history(2, n=3, q=2, order=2, steps=3),
    "order 3": random_history(3, n=3, q=3, order=3, steps=2),
    "driven": random_history(4, n=3, q=2, order=2, steps=2, driven=True, gamma=0.8),
    "driven, order 1": random_history(5, n=4, q=1, order=1, steps=3, driven=True),
    "schedule": scheduled_history(6, n=2, degrees=(0, 1, 2), order=2, schedule=(0, 1, 0)),
    "one correction": corrected(random_history(7, n=3, q=2, order=2, steps=2, driven=True), 1),
}
HISTORIES = {name: one.history for name, one in LATTICES.items()} | LISTED
ESTIMATORS = {"collisions": Collisions(), "leaves": Leaves(success=0.2)}


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_probabilities_are_those_of_explicit_matrices(history, estimator):
    walk = encoded_walk(history)
    state = exact(history, walk)
    asked = march_quantities(walk, history.n)
    found = estimator.sample(walk, asked, 20_000, seed=2)
    square = walk.start.square
    whole = sum(float(level @ level) for level in state.values()) / square
    wanted = (whole, float(state[1] @ state[1]) / square)
    scores = deviations((one.value, one.deviation, true) for one, true in zip(found, wanted, strict=True))
    assert max(map(abs, scores)) < 4, scores
    assert all(one.deviation < 0.3 * true for one, true in zip(found, wanted, strict=True))


@pytest.mark.parametrize("training", LATTICES.values(), ids=LATTICES)
def test_a_lattice_has_the_subnormalization_of_its_encoded_step(training):
    history, level_zero = training.history, training.history.is_driven
    walk = encoded_walk(history)
    for step, system in zip(walk.steps, history.systems, strict=True):
        assert lattice_tensors(system) is not None
        parts = step_candidates((system,), level_zero=level_zero, leaf="stencil")[0]
        assert step_alpha(step, system) == pytest.approx(parts.alpha, rel=1e-12)
    assert stencil_steps(history.systems, False, 0.0, None) is not None


@pytest.mark.parametrize("training", LATTICES.values(), ids=LATTICES)
def test_no_walker_of_a_lattice_gains_weight(training):
    """|B| / alpha has row and column sums of at most 1; F_0 is drawn by its 1-norm, which may be more than its norm."""
    walk = encoded_walk(training.history)
    rng = np.random.default_rng(3)
    begin = walk.start.draw(rng, np.arange(500))
    most = max(np.abs(group.weights).max() for group in begin.groups.values())
    drive = 0 in walk.start.levels
    for _ in range(3):
        after = walk.steps[0].forth(rng, begin, walk.alphas[0])
        reached = [np.abs(group.weights).max() for group in after.groups.values()]
        assert drive or max(reached) <= most * (1 + 1e-12)
        begin, most = after, max(reached)
    back = walk.steps[0].back(rng, begin, walk.alphas[0])
    assert max(np.abs(group.weights).max() for group in back.groups.values()) <= most * (1 + 1e-12)


@pytest.mark.parametrize("seed", [*range(14), *range(15, 30)])  # the map of 14 has no stencil
def test_random_lattices_are_walked_as_they_are_encoded(seed):
    """Boxes, profiles, mirror images, entries beside them, sources, of one to three axes."""
    rng = np.random.default_rng(seed)
    dims = [(5,), (4,), (2, 3), (3, 2), (2, 2, 2)][seed % 5]
    sites = Lattice(dims=dims, periodic=bool(seed % 2))
    degrees = [(1,), (1, 3), (0, 1), (1, 2), (0, 1, 2)][seed % 7 % 5]
    found = random_lattice_map(rng, sites, degrees)
    history = lattice_history(found, order=[1, 3, 1, 2, 2][seed % 7 % 5], steps=2)
    parts = step_candidates(history.systems, level_zero=history.is_driven, leaf="stencil")[0]
    walk = walk_of(history, [parts.alpha])
    assert step_alpha(walk.steps[0], history.systems[0]) == pytest.approx(parts.alpha, rel=1e-12)
    state = exact(history, walk)
    asked, square = march_quantities(walk, history.n)[1:], walk.start.square
    true = float(state[1] @ state[1]) / square
    for estimator in ESTIMATORS.values():
        one = estimator.sample(walk, asked, 20_000, seed)[0]
        assert abs(deviations([(one.value, one.deviation, true)])[0]) < 4


@pytest.mark.parametrize("order", [1, 2])
def test_a_strong_drive_of_every_site_is_not_drawn_in_the_first_steps(order):
    """Its 1-norm is 40 times its 2-norm: undamped, the walkers that leave late would be one in 1e40."""
    expression = "Sum(theta[i]**2/2 - theta[i]*theta[i+1]/4 + theta[i]**3/40 + theta[i]/9, (i, 0, n-1))"
    size = {1: 1600, 2: 40}[order]
    start = {"sparse": {"0": 0.5}}
    history = lattice(expression, dims=[size], order=order, start=start, steps=30, rescaling=2.0).history
    walk = walk_of(history, [1.0])
    asked = march_quantities(walk, size)[1:]
    state = exact(history, walk)[1]
    found = Collisions().sample(walk, asked, 300_000, seed=1)[0]
    true = float(state @ state) / walk.start.square
    assert abs(found.value - true) < 3 * found.deviation < 0.15 * true


def _forms(n: int) -> dict[str, tuple]:
    """Return forms with what they are of level 1 and level 2, (n,) and (n^2,)."""
    rng = np.random.default_rng(8)
    linear = SparseTensor.build(
        n=n,
        degree=1,
        rows=np.array([0, 1, 2]),
        cols=np.array([[2], [0], [2]]),
        vals=np.array([0.5, -1.0, 2.0]),
    )
    pair = SparseTensor.build(
        n=n,
        degree=2,
        rows=np.array([0, 1, 1]),
        cols=np.array([[0, 1], [0, 0], [1, 2]]),
        vals=np.array([1.0, 0.7, -0.4]),
    )
    vector = Weights.of(rng.normal(size=n))
    rows = Rows.of({1: linear, 2: pair}, {1: 1.0, 2: 0.5})

    def image(state: dict[int, np.ndarray]) -> np.ndarray:
        return linear.to_sparse() @ state[1] + 0.5 * (pair.to_sparse() @ state[2])

    return {
        "overlap": (Overlap(vector=vector), lambda state: vector.as_array() @ state[1]),
        "overlap of rows": (
            Overlap(vector=vector, rows=rows),
            lambda state: vector.as_array() @ image(state),
        ),
        "product": (Product(rows=rows), lambda state: state[1] @ image(state)),
        "square": (Square(rows=rows), lambda state: image(state) @ image(state)),
        "level": (LevelSquare(level=2, n=n), lambda state: state[2] @ state[2]),
    }


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize("name", ["cubic, all levels", "cubic, order 2", "local drive"])
def test_forms_are_those_of_explicit_matrices(name, estimator):
    history = LATTICES[name].history
    walk = encoded_walk(history)
    state, forms = exact(history, walk), _forms(history.n)
    asked = [Quantity(name=key, constant=0.5, parts=((2.0, form),)) for key, (form, _) in forms.items()]
    asked.append(Quantity(name="sum", constant=0.0, parts=tuple((-1.0, form) for form, _ in forms.values())))
    asked.append(Quantity(name="root", constant=1.0, parts=((1.0, forms["square"][0]),), is_root=True))
    true = [0.5 + 2 * of(state) for _, of in forms.values()]
    true += [-sum(of(state) for _, of in forms.values()), math.sqrt(1 + forms["square"][1](state))]
    found = estimator.sample(walk, asked, 250_000, seed=5)
    scores = deviations((one.value, one.deviation, exact) for one, exact in zip(found, true, strict=True))
    assert max(map(abs, scores)) < 4, dict(zip([one.name for one in asked], scores, strict=True))
    sizes = [abs(value - one.constant) for value, one in zip(true, asked, strict=True)]
    assert sum(one.deviation < 0.25 * size for one, size in zip(found, sizes, strict=True)) > 4


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize("name", ["ring", "dense start", "local drive"])
def test_error_bars_hold_as_often_as_they_say(name, estimator):
    history = LATTICES[name].history
    walk = encoded_walk(history)
    true = float(exact(history, walk)[1] @ exact(history, walk)[1]) / walk.start.square
    asked = march_quantities(walk, history.n)[1:]
    found = [estimator.sample(walk, asked, 20_000, seed)[0] for seed in range(60)]
    scores = np.array(deviations((one.value, one.deviation, true) for one in found))
    assert abs(scores.mean()) < 4 / math.sqrt(60)
    assert 0.7 < scores.std() < 1.3
    assert np.mean(np.abs(scores) < 2) > 0.85


def test_the_same_seed_gives_the_same_walks():
    history = LATTICES["local drive"].history
    walk = encoded_walk(history)
    asked = march_quantities(walk, history.n)
    for estimator in ESTIMATORS.values():
        first, second = (estimator.sample(walk, asked, 2_000, 7) for _ in range(2))
        assert first == second != estimator.sample(walk, asked, 2_000, 8)


def test_a_lattice_of_2_to_the_60_sites_is_walked():
    """The walk around the ends, at sites that fill 60 bits, as on a lattice of 2^10 from the same start."""
    expression = "Sum(theta[i]**2/2 + theta[i]**4/12 - theta[i]*theta[i+1]/3, (i, 0, n-1))"
    found = []
    for n in (1 << 10, 1 << 60):
        training = lattice(
            expression, dims=[n], order=3, start={"sparse": {"1": 0.5, "0": 0.2}}, rescaling=0.6
        )
        walk = walk_of(training.history, [1.05])
        found.append(Collisions().sample(walk, march_quantities(walk, n), 4_000, seed=1))
    assert found[0] == found[1]
