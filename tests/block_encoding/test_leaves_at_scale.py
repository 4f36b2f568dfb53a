"""Leaves counted at full size: the pruned digits network, and 10^7 entries known by their shape."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.block_encoding.leaf_choice import choose_parts, price_leaves
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable, amplitude_table_shape
from carlemanc.block_encoding.table.coloring import color_classes
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.lookups.table_load import TableXor, swap_bits
from carlemanc.bloqs.price import price_of
from tests.model.test_digits_network import derived


@pytest.mark.slow
def test_digits_leaves_are_chosen_by_total_cost():
    """241 weights, degree 3, 410,720 cubic entries: both leaves priced, the cheaper total built and counted."""
    polynomial_map, _ = derived(3)
    tensors = {degree: t for degree, t in polynomial_map.tensors.items() if degree}
    tensors[1] = tensors[1].plus_identity()
    loading = Loading()
    choices = {degree: price_leaves(t, 8, loading) for degree, t in tensors.items()}
    for degree, t in tensors.items():
        choice = choices[degree]
        assert choice.amplitude.alpha == pytest.approx(math.sqrt(t.norm1 * t.norm_inf), rel=1e-9)
        classes = color_classes(t)
        assert choice.coloring.alpha == sum(np.abs(t.vals[members]).max() for members in classes)
        fullest = max(np.bincount(t.rows).max(), np.bincount(t.cols[:, 0]).max())
        assert choice.coloring.colors == fullest == len(classes)
    parts = choose_parts(tensors, choices, [1, 2, 3], 8)
    step = SplitStep(parts=parts, slots=3, level_bits=2, stride=1, loading=loading, is_controlled=True)
    amplitudes = [part.degree for part in parts if isinstance(part, AmplitudeTable)]
    assert amplitudes[-2:] == [2, 3]
    alpha = sum(choices[d].amplitude.alpha for d in choices)
    assert step.alpha <= alpha * 1.01
    for other in ((False,) * 3, (True,) * 3):
        picked = list(zip(choices.values(), other, strict=True))
        total = sum(c.amplitude.alpha if amp else c.coloring.alpha for c, amp in picked)
        total *= sum(c.amplitude_t if amp else c.coloring.t_count for c, amp in picked)
        assert step.alpha * price_of(step).t_count(loading) <= total * 1.02


@pytest.mark.parametrize("budget", [0, 10**5, 10**9])
def test_ten_million_entries_by_shape(budget):
    """2^20 rows and columns, about ten entries each: every lookup near 2 sqrt(entries * bits) when qubits allow."""
    entries, bits = 10**7, 20
    loading = Loading(ancilla_budget=budget)
    table = amplitude_table_shape(
        entries=entries,
        tuples=10**6,
        rows=10**6,
        most_in_column=16,
        most_in_row=16,
        degree=1,
        slot_bits=bits,
        alpha=1.0,
        loading=loading,
    )
    leaf = AmplitudeLeaf(table=table, loading=loading, is_controlled=True)
    price = price_of(leaf)
    if not budget:
        assert 2 * entries < price.toffoli < 9 * entries
        return
    width = leaf.width
    assert width < 10**6
    s = swap_bits(LookupShape(entries), 44, loading, True, True)
    exchange = price_of(TableXor(LookupShape(entries), 44, loading, True)).toffoli
    if budget == 10**9:
        assert exchange <= 2 * 1.1 * 2 * math.sqrt(entries * 44)
        assert price.toffoli < 60 * math.sqrt(entries * 44)
    else:
        assert 44 << s <= budget
        assert price.toffoli < 9 * entries / 50
