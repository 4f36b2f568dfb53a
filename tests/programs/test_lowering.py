"""Expansions into the export gate set, multiplied out on every measurement outcome."""

import itertools

import numpy as np
import pytest

from carlemanc.programs.lowering import LOWERED_OPS, lower
from tests.reference import evaluate, program_of


def run(lowered, state, outcomes):
    """Dense run of a lowered program with forced measurement outcomes; each branch is renormalized."""
    bits = {}
    size = len(state)
    index = np.arange(size)
    outcomes = list(outcomes)
    for code, wires, angle, bit in zip(
        lowered.codes.tolist(),
        lowered.wires.tolist(),
        lowered.angles.tolist(),
        lowered.bits.tolist(),
        strict=True,
    ):
        name = LOWERED_OPS[code]
        if name == "measure":
            bits[bit] = outcomes.pop(0)
            state = np.where(((index >> wires[0]) & 1) == bits[bit], state, 0)
            assert np.linalg.norm(state) == pytest.approx(0.5**0.5)
            state = state / np.linalg.norm(state)
        elif name == "reset":
            one = bits[bit_of(lowered, wires[0])]
            state = state[index ^ (one << wires[0])]
        elif name == "cz_if":
            if bits[bit]:
                state = np.where((index >> wires[0]) & (index >> wires[1]) & 1, -state, state)
        else:
            op = (name, *[w for w in wires if w >= 0], angle)
            state = evaluate(program_of(lowered.width, [op]), state)
    return state


def bit_of(lowered, wire):
    measured = LOWERED_OPS.index("measure")
    (found,) = {
        b
        for c, w, b in zip(lowered.codes, lowered.wires[:, 0], lowered.bits, strict=True)
        if c == measured and w == wire
    }
    return found


@pytest.fixture
def program():
    start = [("ry", 0, 0.7), ("h", 1), ("cx", 0, 3), ("rz", 1, 0.4), ("h", 3), ("swap", 0, 3)]
    ands = [
        ("and", 0, 1, 2),
        ("cx", 2, 3),
        ("and", 2, 1, 4),
        ("t", 4),
        ("and_dg", 2, 1, 4),
        ("and_dg", 0, 1, 2),
    ]
    return program_of(5, [*start, *ands, ("gphase", 0.3)])


def test_unitary_style(program):
    lowered = lower(program, "unitary")
    assert lowered.bit_count == 0
    got = run(lowered, np.eye(32)[0], [])
    assert np.allclose(got, evaluate(program), atol=1e-14)


@pytest.mark.parametrize("outcomes", itertools.product((0, 1), repeat=2))
def test_measured_style_on_every_outcome(program, outcomes):
    lowered = lower(program, "measure")
    assert lowered.scratch_bits == lowered.bit_count == 2
    got = run(lowered, np.eye(32)[0], outcomes)
    assert np.allclose(got, evaluate(program), atol=1e-14)


def test_readout_bits_follow_the_scratch_bits():
    program = program_of(3, [("and", 0, 1, 2), ("and_dg", 0, 1, 2), ("measure", 0), ("measure", 1)])
    lowered = lower(program, "measure")
    measured = lowered.bits[lowered.codes == LOWERED_OPS.index("measure")]
    assert measured.tolist() == [0, 1, 2]
    assert (lowered.scratch_bits, lowered.bit_count) == (1, 3)
