"""Angles of ratios, and what counts as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.bloqs.nearly import SAME, is_below_one, turn, turns


@pytest.mark.parametrize(("ratio", "angle"), [(1.0, 0.0), (0.0, math.pi), (-1.0, 2 * math.pi)])
def test_a_ratio_that_is_exact_but_for_rounding_has_the_exact_angle(ratio, angle):
    for moved in (ratio, ratio + 3e-16, ratio - 3e-16, ratio - 1e-13):
        assert turn(moved) == angle
        assert turns([moved])[0] == angle
    assert not is_below_one(1 - 1e-13)
    assert is_below_one(1 - 2e-12)


def test_other_ratios_are_turned_as_they_are():
    generator = np.random.default_rng(0)
    ratios = generator.uniform(-1, 1, size=500)
    assert np.allclose(np.cos(turns(ratios) / 2), ratios, rtol=0, atol=1e-15)
    assert [turn(ratio) for ratio in ratios] == pytest.approx(turns(ratios).tolist(), rel=1e-15)
    assert math.cos(turn(1 - 5 * SAME) / 2) == pytest.approx(1 - 5 * SAME, abs=1e-15)
    assert turn(1.5) == 0.0
