"""The encoded step, with and without level 0, column by column against the Carleman matrix."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.block_encoding.step_encoding import step_encoding, step_indices
from carlemanc.programs.emitter import emit
from tests.block_encoding.systems import random_history
from tests.bloqs.checks import check_counts, columns_of

CASES = [
    # n, q, N, driven, level_zero, odd
    (1, 1, 1, True, True, False),
    (1, 2, 3, True, True, False),
    (1, 3, 3, False, False, True),
    (2, 2, 2, False, False, False),
    (2, 2, 2, True, True, False),
    (2, 2, 2, False, True, False),
    (2, 1, 3, True, True, False),
    (3, 2, 2, True, True, False),
    (3, 1, 1, True, True, False),
]


def _system(n, q, order, driven, odd):
    return random_history(n + 7 * q + order, n=n, q=q, order=order, steps=1, driven=driven, odd=odd)


def _expected(history, level_zero):
    step = history.carleman.to_sparse().toarray()
    if level_zero:
        step = np.block(
            [[np.ones((1, 1)), np.zeros((1, len(step)))], [history.carleman.source()[:, None], step]]
        )
    return step


@pytest.mark.parametrize("case", CASES, ids=str)
def test_block_is_the_extended_step_on_every_basis_state_in_use(case):
    n, q, order, driven, level_zero, odd = case
    history = _system(n, q, order, driven, odd)
    encoding = step_encoding(history.carleman, level_zero=level_zero)
    used = step_indices(history, level_zero=level_zero)
    size = 1 << encoding.system_bitsize
    expected = np.zeros((size, size))
    expected[np.ix_(used, used)] = _expected(history, level_zero)
    found = encoding.alpha * columns_of(emit(encoding), "system", list(range(size)))
    assert np.abs(found[:, used] - expected[:, used]).max() < 1e-12 * encoding.alpha
    assert np.abs(found[used] - expected[used]).max() < 1e-12 * encoding.alpha  # nothing comes back from junk
    back = encoding.alpha * columns_of(emit(encoding.adjoint()), "system", list(range(size)))
    assert np.abs(back - found.T).max() < 1e-12 * encoding.alpha


@pytest.mark.parametrize("case", CASES[1:6], ids=str)
def test_counted_is_emitted(case):
    n, q, order, driven, level_zero, odd = case
    check_counts(step_encoding(_system(n, q, order, driven, odd).carleman, level_zero=level_zero))


def test_alpha_of_the_extended_step():
    history = _system(2, 2, 3, True, False)
    encoding = step_encoding(history.carleman, level_zero=True)
    source = np.linalg.norm(history.carleman.constant_term())
    reached = np.cumprod([1.0, *(step.alpha for step in encoding.slot_steps)])
    assert encoding.alpha == pytest.approx((1 + source) ** 3 * reached.max())
    assert encoding.alpha >= np.linalg.norm(_expected(history, True), 2)
