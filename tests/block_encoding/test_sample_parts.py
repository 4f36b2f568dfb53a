"""Losses of one inner product a sample: recognized, encoded as sums over samples, chosen where that is cheaper."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.block_encoding import encode
from carlemanc.block_encoding.leaf_choice import choose_parts, price_leaves
from carlemanc.block_encoding.sample_leaf import SampleTable, sample_table
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import price_of
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.recentering import recentered
from carlemanc.model.sample_sum import sample_sum, spread
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from tests.block_encoding.blocks import choose_leaves
from tests.block_encoding.systems import random_tensor
from tests.bloqs.checks import action, check_counts, columns_of
from tests.one_map import linearize, uniform_history

CUBIC = (
    "Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**3, (a, 0, m-1))/100 + Sum(theta[i]**2, (i, 0, n-1))/20"
)
BARE = "Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**4, (a, 0, m-1))/100"
QUARTIC = f"{BARE} + Sum(theta[i]**2 + theta[i]**4, (i, 0, n-1))/20"


def sample_map(loss, samples, n, center=None, seed=3):
    rng = np.random.default_rng(seed)
    data = DataSet(
        x=rng.normal(size=(samples, n)) / np.sqrt(n),
        y=rng.normal(size=samples),
        feature_names=tuple(f"f{k}" for k in range(n)),
    )
    center = np.zeros(n) if center is None else center
    return data, derive_map(parse_expression(loss), n=n, learning_rate=0.1, center=center, data=data)


def test_the_weights_are_derivatives_of_the_loss():
    """w_a = -(eta/l!) g^(l+1)(z_a) with g = z**4/100; l = 3 has the quartic regularization as its rest."""
    data, derived = sample_map(QUARTIC, 3, 4)
    found = sample_sum(derived.F(3), derived.samples)
    assert found.weights == pytest.approx(np.full(3, -0.1 * 4 / 100), rel=1e-10)
    assert found.rest.vals == pytest.approx(np.full(4, -0.1 * 4 / 20), rel=1e-10)
    assert not found.is_spread
    assert sample_sum(spread(derived.F(3)), derived.samples).is_spread
    quadratic = sample_sum(derived.F(2), derived.samples)
    assert quadratic.weights == pytest.approx(0.1 * 12 / 100 * data.y, rel=1e-10)
    assert not quadratic.rest.nnz


def test_structure_survives_a_shift_and_a_subset_of_the_samples():
    data, derived = sample_map(QUARTIC, 4, 4)
    center = np.array([0.3, -0.2, 0.1, 0.5])
    moved = recentered(derived, center)
    found = sample_sum(moved.F(2), moved.samples)
    z = data.x @ center - data.y
    assert found.weights == pytest.approx(-0.1 * 12 / 100 * z, rel=1e-9)
    part = sample_sum(derived.F(2), np.vstack((data.x, np.ones((2, 4)))))
    assert part.vectors == pytest.approx(data.x)


def test_other_tensors_are_not_recognized():
    vectors = np.random.default_rng(0).normal(size=(3, 4))
    assert sample_sum(random_tensor(np.random.default_rng(1), 4, 2, density=0.7, scale=1.0), vectors) is None
    _, derived = sample_map(QUARTIC, 3, 4)
    nearly = derived.F(3).with_values(derived.F(3).vals * (1 + 1e-8 * np.arange(derived.F(3).nnz)))
    assert sample_sum(nearly, derived.samples) is None


def test_spread_keeps_the_map():
    _, derived = sample_map(CUBIC, 3, 4)
    u = np.random.default_rng(2).normal(size=4)
    tensor = derived.F(2)
    assert spread(tensor).apply(u) == pytest.approx(tensor.apply(u), rel=1e-12)


def split(degree=2, n=2, is_controlled=False):
    rng, m = np.random.default_rng(7), (n - 1).bit_length()
    tensors = {d: random_tensor(rng, n, d, density=0.6, scale=1.0) for d in (1, degree)}
    samples = sample_table(rng.normal(size=3), rng.normal(size=(3, n)), degree, m)
    return SplitStep(
        parts=(build_slot_table([tensors], sorted(tensors), m), samples),
        slots=2,
        level_bits=1,
        stride=1,
        is_controlled=is_controlled,
    )


def test_a_degree_in_two_parts_counts_as_emitted():
    bloq = split()
    assert bloq.alpha == pytest.approx(sum(bloq.degree_weights.values()))
    check_counts(bloq)
    step = split(n=4, is_controlled=True)
    counts = count(step)
    assert (counts.toffoli, counts.rotation_count) == tuple(price_of(step))


def test_a_step_with_samples_is_unitary_controlled_or_not():
    bloq = split()
    names, size = [r.name for r in bloq.signature], 1 << bloq.signature.n_qubits()
    columns = np.random.default_rng(0).choice(size, 8, replace=False).tolist()
    plain = action(bloq, names, columns)
    assert np.abs(plain.T @ plain - np.eye(8)).max() < 1e-12
    controlled = action(bloq.controlled(), [*names, "ctrl"], [*columns, *(c | size for c in columns)])
    assert np.abs(controlled[size:, 8:] - plain).max() < 1e-12
    assert np.abs(controlled[columns, range(8)] - 1).max() < 1e-12


@pytest.mark.parametrize("padding", [0, 1])
def test_a_history_of_sample_steps_is_its_matrix(padding, monkeypatch):
    """Every degree by samples, whatever it costs, with the regularization beside them."""
    choose_leaves(monkeypatch, lambda _: "sample")
    _, derived = sample_map(CUBIC, 2, 4)
    derived = derived.with_tensors({d: spread(t) if d > 1 else t for d, t in derived.tensors.items()})
    monkeypatch.setattr("carlemanc.carleman.system.balance", lambda tensor: tensor)
    system = uniform_history(
        carleman=linearize(derived, order=2, gamma=1.0), steps=1, padding=padding, u_in=np.full(4, 0.2)
    )
    encoding = encode(system, loading=Loading(ancilla_budget=20))
    step = encoding.slot_steps[0]
    assert sorted(part.degree for part in step.parts if isinstance(part, SampleTable)) == [1, 2]
    matrix = system.matrix().toarray()
    found = encoding.alpha * columns_of(emit(encoding), "system", list(range(len(matrix))))
    assert np.abs(found - matrix).max() < 1e-9 * encoding.alpha


def test_few_samples_of_many_features_win_and_many_samples_lose():
    _, derived = sample_map(BARE, 4, 16)
    system = linearize(derived, order=3, gamma=1.0)
    tensors = {d: t for d, t in system.step_tensors.items() if d}
    choices = {d: price_leaves(t, 4, Loading(), vectors=derived.samples) for d, t in tensors.items()}
    parts = choose_parts(tensors, choices, (1, 2, 3), 4)
    assert 3 in [part.degree for part in parts if isinstance(part, SampleTable)]
    assert choices[3].sample.t_count < choices[3].amplitude_t / 10
    _, many = sample_map(BARE, 60, 4)
    system = linearize(many, order=3, gamma=1.0)
    choices = {
        d: price_leaves(t, 2, Loading(), vectors=many.samples) for d, t in system.step_tensors.items() if d
    }
    parts = choose_parts(system.step_tensors, choices, (1, 2, 3), 2)
    assert not any(isinstance(part, SampleTable) for part in parts)
