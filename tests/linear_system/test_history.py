"""L and b against a dense construction entry by entry, scipy's solution, and the truncated iterate."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import spsolve

from carlemanc.carleman import CarlemanSystem
from carlemanc.core.errors import TooLarge
from tests.one_map import linearize, uniform_history
from tests.reference import map_of, quartic_pair, random_map


def history(map, *, order=2, gamma=0.7, steps=3, padding=0, u=None, corrections=None):
    start = np.linspace(0.3, -0.2, map.n) if u is None else np.asarray(u, dtype=float)
    system = linearize(map, order=order, gamma=gamma, corrections=corrections)
    return uniform_history(carleman=system, steps=steps, padding=padding, u_in=start)


CASES = [
    {"n": 2, "degrees": (0, 1, 2), "order": 2, "padding": 0},
    {"n": 2, "degrees": (0, 1, 2), "order": 3, "padding": 2},
    {"n": 3, "degrees": (1, 2), "order": 2, "padding": 3},
    {"n": 3, "degrees": (1, 3), "order": 3, "padding": 1},
    {"n": 1, "degrees": (0, 1, 2), "order": 3, "padding": 1},
    {"n": 3, "degrees": (0, 1), "order": 2, "padding": 2},
    {"n": 2, "degrees": (0, 1, 2, 3), "order": 2, "padding": 1, "corrections": 1},
    {"n": 2, "degrees": (1, 2), "order": 1, "padding": 1},
    {"n": 2, "degrees": (0, 1, 2), "order": 2, "padding": 1, "steps": 0},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_matrix_entry_by_entry(case):
    """Every register state is named by its bits; what no state uses is exactly the identity."""
    options = {k: v for k, v in case.items() if k not in ("n", "degrees")}
    system = history(random_map(7, case["n"], case["degrees"]), **options)
    carleman, place, n = system.carleman, system.layout, case["n"]
    step = carleman.to_sparse().toarray()
    offsets = dict(zip(carleman.levels, carleman.offsets, strict=True))
    slots, bits = place.slots, place.slot_bits
    states = {}
    for a, level in enumerate(carleman.levels):
        for values in product(range(1 << bits), repeat=level):
            code = sum(value << (slot * bits) for slot, value in enumerate(values)) + (
                (2**a - 1) << (slots * bits)
            )
            states[code] = (level, values)
    expected = np.eye(1 << place.width)
    shift = place.width - place.time_bits

    def packed(state):
        level, values = state
        return offsets[level] + sum(v * n ** (level - 1 - s) for s, v in enumerate(values))

    for time in range(system.steps + system.padding):
        for row, row_state in states.items():
            for column, column_state in states.items():
                used = max((*row_state[1], *column_state[1])) < n
                if time < system.steps and used:
                    value = -step[packed(row_state), packed(column_state)]
                elif time >= system.steps and row == column:
                    value = -1.0
                else:
                    value = 0.0
                expected[(time + 1 << shift) + row, (time << shift) + column] += value
    np.testing.assert_array_equal(system.matrix().toarray(), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scipy_solution_is_the_truncated_iterate(case):
    options = {k: v for k, v in case.items() if k not in ("n", "degrees")}
    system = history(random_map(7, case["n"], case["degrees"]), **options)
    x = np.atleast_1d(spsolve(system.matrix().tocsc(), system.rhs()))
    np.testing.assert_allclose(x, system.embed(system.solve()), atol=1e-13)
    iterate = system.carleman.iterate(system.u_in, system.steps)
    np.testing.assert_allclose(system.carleman.gamma * x[system.solution_indices()], iterate[-1], atol=1e-13)
    np.testing.assert_allclose(system.weights(), iterate[-1], atol=1e-13)
    for copy in system.readout_indices():
        np.testing.assert_allclose(system.carleman.gamma * x[copy], iterate[-1], atol=1e-13)
    assert system.readout_indices().shape == (system.padding + 1, case["n"])
    assert system.rhs_norm() == pytest.approx(np.linalg.norm(system.rhs()), rel=1e-12)
    assert system.solution_norm() == pytest.approx(np.linalg.norm(x), rel=1e-12)
    read = np.linalg.norm(x[system.readout_indices()]) ** 2 / np.linalg.norm(x) ** 2
    assert system.readout_probability() == pytest.approx(read, rel=1e-12)
    packed = system.packed_matrix()
    shape = system.solve().shape
    np.testing.assert_allclose(
        (packed @ system.solve().reshape(-1)).reshape(shape), system.packed_rhs(), atol=1e-13
    )
    assert abs(packed - np.tril(packed.toarray())).max() == 0.0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 3))
def test_substitutions_invert_products(seed, padding):
    from carlemanc.model.polynomial_map import PolynomialMap
    from carlemanc.model.sparse_tensor import SparseTensor

    rng = np.random.default_rng(seed)
    tensors = {
        degree: SparseTensor.build(
            n=2, degree=degree, rows=[0, 1], cols=rng.integers(0, 2, (2, degree)), vals=rng.normal(size=2)
        )
        for degree in (0, 1, 2)
    }
    map = PolynomialMap(n=2, center=np.zeros(2), tensors=tensors, learning_rate=1.0, source="")
    system = history(map, order=3, padding=padding, gamma=1.0)
    y = rng.normal(size=system.solve().shape)
    np.testing.assert_allclose(system.apply(system.substitute(y)), y, atol=1e-6)
    np.testing.assert_allclose(system.apply_transposed(system.substitute_transposed(y)), y, atol=1e-6)
    left, right = rng.normal(size=y.shape), system.apply(y)
    assert np.vdot(left, right) == pytest.approx(
        np.vdot(system.apply_transposed(left), y), rel=1e-9, abs=1e-9
    )


def test_matrix_free_and_stored_steps_agree(monkeypatch):
    from carlemanc.carleman import system as module

    map = random_map(1, 3, (0, 1, 2))
    stored = history(map, order=3, padding=1).solve()
    monkeypatch.setattr(module, "STORED_ENTRIES", -1)
    np.testing.assert_allclose(history(map, order=3, padding=1).solve(), stored, atol=1e-14)


def test_zero_start():
    """u_in = 0: undriven x vanishes, driven x does not."""
    still = history(random_map(0, 2, (1, 2)), u=[0.0, 0.0])
    assert still.solution_norm() == 0.0
    assert still.rhs_norm() == 0.0
    assert np.isnan(still.readout_probability())
    pushed = history(random_map(0, 2, (0, 1, 2)), u=[0.0, 0.0], order=3)
    np.testing.assert_allclose(pushed.weights(), pushed.carleman.iterate([0.0, 0.0], 3)[-1], atol=1e-15)


def test_divergence_is_silent(recwarn):
    system = history(map_of(1, F1=[[3.0]], F2=[5.0]), order=3, gamma=1.0, steps=1000, u=[2.0])
    assert not np.all(np.isfinite(system.solve()))
    assert not np.isfinite(system.solution_norm())
    system.readout_probability()
    assert not recwarn.list


def test_time_register_fits_the_padding():
    map = random_map(0, 2, (1, 2))
    for steps, padding, bits in ((0, 0, 1), (1, 0, 1), (1, 1, 2), (3, 0, 2), (4, 0, 3), (4, 3, 3), (4, 4, 4)):
        system = history(map, steps=steps, padding=padding)
        assert system.layout.time_bits == bits
        assert system.matrix().shape == (1 << system.layout.width,) * 2


def test_large_systems_are_described_not_formed():
    """A ring at n = 4096: b's norm comes from norms alone, the matrix is refused with a way out."""
    from carlemanc.model.polynomial_map import PolynomialMap
    from carlemanc.model.sparse_tensor import SparseTensor

    sites = np.arange(4096)
    tensors = {
        3: SparseTensor.build(
            n=4096, degree=3, rows=sites, cols=np.repeat(sites[:, None], 3, axis=1), vals=np.full(4096, -0.1)
        )
    }
    map = PolynomialMap(n=4096, center=np.zeros(4096), tensors=tensors, learning_rate=0.1, source="")
    u = np.zeros(4096)
    u[7] = 0.5
    system = history(map, order=5, gamma=1.0, steps=100, u=u)
    assert system.layout.width == 7 + 2 + 60
    assert system.rhs_norm() == pytest.approx(np.sqrt(0.25 + 0.25**3 + 0.25**5))
    for use in (system.matrix, system.rhs, system.solve, system.packed_rhs):
        with pytest.raises(TooLarge):
            use()


def test_refusals_and_identity():
    map = random_map(0, 2, (1, 2))
    carleman = linearize(map, order=2, gamma=1.0)
    for bad in ({"u_in": np.zeros(3)}, {"padding": -1}):
        with pytest.raises(ValueError, match="u_in of length 2"):
            uniform_history(**{"carleman": carleman, "steps": 1, "u_in": np.zeros(2), **bad})
    start = np.array([0.1, 0.2])
    system = uniform_history(carleman=carleman, steps=1, u_in=start)
    start[0] = 9.0
    assert system.u_in[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        system.u_in[0] = 1.0
    again = uniform_history(carleman=carleman, steps=1, u_in=np.array([0.1, 0.2]))
    assert system.fingerprint() == again.fingerprint()
    assert system.fingerprint() != uniform_history(carleman=carleman, steps=2, u_in=start).fingerprint()


@pytest.mark.parametrize(
    ("share", "probability", "formula", "overlap"),
    [(0.6, 0.9939, 0.9908, 7.5e-5), (1.0, 0.9978, 0.9967, 5.5e-5)],
)
def test_readout_of_the_pair(share, probability, formula, overlap):
    """THEORY 13.5: P(j = 1 | T), its formula, and the trace-out error of slot 1."""
    gamma = share * np.sqrt(0.7)
    carleman = CarlemanSystem(  # with the even levels, which `linearize` would leave out
        map=quartic_pair(), order=5, gamma=gamma, corrections=None, levels=(1, 2, 3, 4, 5)
    )
    system = uniform_history(carleman=carleman, steps=20, u_in=np.array([0.6, -0.35]))
    last = system.carleman.split(system.solve()[-1])
    weights = np.array([np.vdot(block, block) for block in last])
    assert weights[0] / weights.sum() == pytest.approx(probability, abs=1e-4)
    exact = quartic_pair().iterate(np.array([0.6, -0.35]), 20)[-1]
    z = np.linalg.norm(exact) / gamma
    assert (1 - z**2) / (1 - z**10) == pytest.approx(formula, abs=1e-3)
    direction = exact / np.linalg.norm(exact)
    inside = sum(np.linalg.norm(direction @ block.reshape(2, -1)) ** 2 for block in last) / weights.sum()
    assert 1 - inside == pytest.approx(overlap, rel=0.02)
