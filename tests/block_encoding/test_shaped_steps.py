"""A leaf known by its shape against the leaf of a random tensor of that shape: exact where it can be, else at least."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding.shaped_steps import ShapedSteps, shaped_table
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import amplitude_table
from carlemanc.bloqs.amplitudes.shaped_amplitudes import ShapedAmplitudes
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.bloqs.lookups.unary_iteration import UnaryIteration
from carlemanc.bloqs.price import price_of
from carlemanc.core.errors import InputError
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.block_encoding.shaped_maps import regular_tensor


def shape_of(t, s):
    """The shape of a regular tensor, its sums measured."""
    columns = s if t.degree == 1 else 1
    rows = max(t.norm_inf, t.norm1) if t.degree == 1 else t.norm_inf  # not symmetric, as a gradient's is
    found = ShapedTensor.of(
        n=t.n, degree=t.degree, row_nonzeros=s, column_nonzeros=columns, norm=t.norm2, row_sum=rows
    )
    assert (found.nnz, found.tuples) == (t.nnz, len(np.unique(t.cols, axis=0)))
    return found


@pytest.mark.parametrize(("n", "degree", "s"), [(512, 1, 16), (300, 1, 11), (64, 2, 16), (100, 3, 9)])
def test_lookups_of_entries_are_counted_exactly(n, degree, s):
    """The AND gates of the emitted lookup of the real table; the way back has a few equal entries by chance."""
    loading, bits = Loading(), (n - 1).bit_length()
    t = regular_tensor(n, n, degree, s)
    real, shape = amplitude_table(t, bits, loading), shaped_table(shape_of(t, s), bits, loading)
    assert real.entry_bits == shape.entry_bits
    for is_controlled in (False, True):
        way = real.entry_bits + degree * bits
        emitted = tally(emit(UnaryIteration(real.forward, way, is_controlled)))
        assert count(UnaryIteration(shape.forward, way, is_controlled)).toffoli == emitted.toffoli
        back = tally(emit(UnaryIteration(real.backward, real.entry_bits, is_controlled))).toffoli
        counted = count(UnaryIteration(shape.backward, real.entry_bits, is_controlled)).toffoli
        assert 0.99 * counted <= back <= counted


@settings(deadline=None, max_examples=12)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(33, 64),
    degree=st.integers(1, 3),
    s=st.integers(2, 4),
    price=st.sampled_from([100.0, 1e3]),
)
def test_a_leaf_costs_at_most_its_shape(seed, n, degree, s, price):
    """From tables of 32 angles on, which are loaded where that is cheaper."""
    loading = Loading(rotation_t=price)
    t, bits = regular_tensor(seed, n, degree, s), (n - 1).bit_length()
    real, shape = (
        AmplitudeLeaf(table=table, loading=loading, is_controlled=True)
        for table in (amplitude_table(t, bits, loading), shaped_table(shape_of(t, s), bits, loading))
    )
    assert price_of(real).t_count(loading) <= price_of(shape).t_count(loading)
    assert real.table.alpha <= shape.table.alpha * (1 + 1e-12)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_bound_is_near(degree):
    """8,192 random entries: the shape asks for no more than a fifth above what the leaf takes."""
    loading, n, s = Loading(rotation_t=1e3), 1024, 8
    t = regular_tensor(degree, n, degree, s)
    real, shape = (
        price_of(AmplitudeLeaf(table=table, loading=loading, is_controlled=True))
        for table in (amplitude_table(t, 10, loading), shaped_table(shape_of(t, s), 10, loading))
    )
    assert real.toffoli <= shape.toffoli <= 1.2 * real.toffoli
    assert real.rotations <= shape.rotations <= 1.1 * real.rotations + 40


def test_a_whole_step_is_at_most_its_shape():
    loading, n, s, bits = Loading(rotation_t=1e3), 128, 4, 7
    tensors = {degree: regular_tensor(degree, n, degree, s) for degree in (1, 2, 3)}
    shapes = {degree: shape_of(t, s) for degree, t in tensors.items()}
    shaped = ShapedSteps(shapes, bits, loading, 0.0).step((1, 2, 3), slots=3, level_bits=2, stride=1)
    parts = tuple(amplitude_table(t, bits, loading) for t in tensors.values())
    real = SplitStep(parts=parts, slots=3, level_bits=2, stride=1, loading=loading, is_controlled=True)
    assert real.alpha <= shaped.alpha
    assert price_of(real).t_count(loading) <= price_of(shaped).t_count(loading)
    assert count(real).qubits <= count(shaped).qubits
    assert is_counted_only(shaped)
    assert not is_counted_only(real)
    with pytest.raises(InputError, match="counted and not emitted"):
        emit(shaped)


def test_bounds_of_sums_hold():
    """sqrt(s) ||F|| and sqrt(c) ||F|| against the sums of random tensors."""
    for degree in (1, 2, 3):
        t = regular_tensor(degree, 64, degree, 8)
        bound = ShapedTensor.of(
            n=64, degree=degree, row_nonzeros=8, column_nonzeros=8 if degree == 1 else 1, norm=t.norm2
        )
        assert t.norm_inf <= bound.norm_inf <= math.sqrt(8) * t.norm2 * (1 + 1e-12)
        assert t.norm1 <= bound.norm1


@pytest.mark.parametrize("amplitudes", [1, 5, 64, 1000])
def test_a_dense_start_by_its_shape(amplitudes):
    """About two Toffoli an amplitude, and an angle's rotations a bit."""
    bits = max(1, (amplitudes - 1).bit_length())
    bloq = ShapedAmplitudes(size=bits, count=amplitudes, is_controlled=True)
    price = price_of(bloq)
    assert price.toffoli <= 2 * amplitudes + 4 * bits
    assert price.rotations <= 39 * bits
    assert tuple(price) == (count(bloq).toffoli, count(bloq).rotation_count)
