"""Certified errors of every level against the levels of a dense system; the end of gradient descent."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.carleman.certificate import level_errors, sequence_error
from carlemanc.carleman.lattice_run import end_point
from carlemanc.carleman.map_norms import ROUND_UP, symmetrized_norms
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import NormalWeights, Weights
from tests.one_map import linearize
from tests.reference import RING, power, quartic_ring, random_map


@pytest.mark.parametrize("corrections", [None, 1])
@pytest.mark.parametrize("seed", range(6))
def test_every_level_is_within_its_bound(seed, corrections):
    rng = np.random.default_rng(seed)
    n, order, steps = 2, 3, 4
    found = random_map(seed, n, (0, 1, 2), size=0.15)
    sequence, u = MapSequence.constant(found, steps), 0.4 * rng.normal(size=n)
    system = linearize(found, order=order, gamma=0.8, corrections=corrections)
    y = system.lift(u)
    for _ in range(steps):
        y = system.to_sparse() @ y + system.source()
    norms, sizes = [symmetrized_norms(found)], (sizes_along(sequence, u) * ROUND_UP).tolist()
    bounds = level_errors(norms, sequence.schedule, sizes, order, corrections=corrections)
    exact = sequence.iterate(u)[-1]
    for level, part in zip(system.levels, system.split(y), strict=True):
        error = np.linalg.norm(power(exact, level) - 0.8**level * part)
        assert 0 < error <= bounds[level - 1]
    assert bounds[0] == sequence_error(norms, sequence.schedule, sizes, order, corrections=corrections)


@pytest.mark.parametrize("corrections", [None, 1, 2])
def test_one_step_from_the_center(corrections):
    """u(1) = F_0 on level 1; its products stand on the levels up to p alone."""
    found = random_map(3, 2, (0, 1, 2), size=0.4)
    system = linearize(found, order=3, gamma=1.0, corrections=corrections)
    norms = [symmetrized_norms(found)]
    bounds = level_errors(norms, (0,), [0.0, 1.0], 3, corrections=corrections)
    exact = MapSequence.constant(found, 1).iterate(np.zeros(2))[-1]
    for level, part in zip(system.levels, system.split(system.source()), strict=True):
        error = np.linalg.norm(power(exact, level) - part)
        assert error <= bounds[level - 1]
        assert bounds[level - 1] == pytest.approx(error, rel=1e-9)


def test_nothing_moves_and_nothing_overflows_silently():
    norms = [symmetrized_norms(random_map(0, 2, (1, 2)))]
    assert level_errors(norms, (0, 0), [0.0, 0.0, 0.0], 3).tolist() == [0.0] * 3
    assert level_errors(norms, (0, 0), [1e200, 1.0, 1.0], 2).tolist() == [np.inf] * 2


def test_the_end_of_gradient_descent_in_every_form():
    found = quartic_ring(8)
    sequence = MapSequence.constant(found, 5)
    start = Weights.sparse(8, {2: 0.4})
    expected = sequence.iterate(start.as_array())[-1]
    for u in (start, start.as_array()):
        end = end_point(sequence, u)
        values = end.as_array() if isinstance(end, Weights) else end
        assert np.abs(values - expected).max() < 1e-15
    drawn = NormalWeights(n=8, deviation=0.1, seed=1)
    assert np.array_equal(end_point(sequence, drawn), sequence.iterate(drawn.as_array())[-1])


def test_the_end_on_a_large_lattice():
    """Sparse starts stay sparse, on rings and open chains; what fits no memory has no end."""
    n = 2**25
    for boundary in ("periodic", "open"):
        sequence = MapSequence.constant(_ring(n, boundary), 5)
        end = end_point(sequence, Weights.sparse(n, {7: 0.4}))
        small = MapSequence.constant(_ring(32, boundary), 5)
        expected = small.iterate(Weights.sparse(32, {7: 0.4}).as_array())[-1]
        assert isinstance(end, Weights)
        assert np.abs(end.at(np.arange(16)) - expected[:16]).max() < 1e-15
        assert end_point(sequence, NormalWeights(n=n, deviation=0.1, seed=1)) is None
    uniform = end_point(MapSequence.constant(_ring(2**15, "open"), 5), Weights.constant(2**15, 0.3))
    assert np.shape(uniform) == (2**15,)
    assert end_point(MapSequence.constant(_ring(n, "open"), 5), Weights.constant(n, 0.3)) is None


def _ring(n, boundary):
    return derive_map(
        parse_expression(RING),
        n=n,
        learning_rate=0.1,
        center=Weights.constant(n),
        parameters={"lam": 0.3, "J": 0.4},
        boundary=boundary,
    )
