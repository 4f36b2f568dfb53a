"""Clifford+T words of special angles are exact, and nothing else is taken for one."""

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.programs.angles import distinct_angles, eighths, phase_word, ry_word, rz_word
from tests.reference import gate_matrix


def product(word):
    total = np.eye(2, dtype=complex)
    for name, angle in word:
        total = np.exp(1j * angle) * total if name == "gphase" else gate_matrix(name, angle) @ total
    return total


@pytest.mark.parametrize("k", range(-17, 18))
@pytest.mark.parametrize("make", [rz_word, ry_word])
def test_words_of_eighth_turns(make, k):
    word = make(k * pi / 4)
    names = [name for name, _ in word]
    assert "rz" not in names
    assert "ry" not in names
    assert names.count("t") + names.count("tdg") == k % 2
    expected = gate_matrix("rz" if make is rz_word else "ry", k * pi / 4)
    assert np.allclose(product(word), expected, atol=1e-14)


@given(st.floats(-50, 50))
@settings(deadline=None, max_examples=100)
def test_any_angle(angle):
    k = eighths(angle)
    if k is None:
        assert rz_word(angle) == (("rz", angle),)
        assert ry_word(angle) == (("ry", angle),)
    else:
        turns = (angle - k * pi / 4) / (4 * pi)
        assert abs(turns - round(turns)) < 1e-12


@pytest.mark.parametrize("angle", [0.3, pi / 8, 3 * pi / 4, -pi / 2, 2 * pi, 1e-9])
def test_phase_words(angle):
    assert np.allclose(product(phase_word(angle)), np.diag([1, np.exp(1j * angle)]), atol=1e-14)


def test_equal_angles_are_one_whatever_their_last_bits():
    assert distinct_angles([]) == 0
    assert distinct_angles([0.3, 0.1, 0.3 * (1 + 4e-16), 0.1 - 1e-16, 0.3 + 1e-9]) == 3
