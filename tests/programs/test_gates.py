"""Every gate with any controls acts as the controlled matrix and returns its work wires."""

import itertools

import numpy as np
import pytest
from scipy.linalg import block_diag, expm

from carlemanc.programs.fragment import FragmentBuilder
from carlemanc.programs.gates import NAMES, Gate, add_gate
from carlemanc.programs.program import CODE, Program
from tests.reference import evaluate

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
H = (X + Z) / 2**0.5
SWAP = np.eye(4)[[0, 2, 1, 3]]


def power(axis, turn):
    return np.exp(0.5j * turn) * expm(-0.5j * turn * axis)


def matrix(name, a):
    turns = {"s": np.pi / 2, "sdg": -np.pi / 2, "t": np.pi / 4, "tdg": -np.pi / 4}
    if name in turns:
        return power(Z, turns[name])
    return {
        "x": X, "y": Y, "z": Z, "h": H, "swap": SWAP,
        "rx": expm(-0.5j * a * X), "ry": expm(-0.5j * a * Y), "rz": expm(-0.5j * a * Z),
        "phase": power(Z, a), "xphase": power(X, a), "yphase": power(Y, a), "gphase": np.array([[np.exp(1j * a)]]),
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("count", range(4))
@pytest.mark.parametrize("angle", [0.37, 3 * np.pi / 4, np.pi / 2])
def test_controlled_gates(name, count, angle):
    for values in itertools.product((0, 1), repeat=count):
        shift = 0.4 if name == "xphase" else 0.0
        gate = Gate(name=name, angle=angle, controls=values, shift=shift)
        small = matrix(name, angle) * np.exp(1j * shift)
        wires = count + int(np.log2(len(small)))
        builder = FragmentBuilder(wires)
        add_gate(builder, gate, range(wires))
        fragment = builder.finish(range(wires))
        program = Program(
            width=fragment.width,
            registers={},
            codes=fragment.codes,
            wires=fragment.wires,
            angles=fragment.angles,
        )
        assert np.count_nonzero(program.codes == CODE["and"]) == max(count - 1, 0) + (
            name == "swap" and count > 0
        )
        got = evaluate(program, np.eye(1 << fragment.width)[:, : 1 << wires])
        assert np.allclose(got[1 << wires :], 0)
        order = [int(f"{i:0{wires}b}"[::-1], 2) if wires else 0 for i in range(1 << wires)]
        got = got[order][:, order]
        place = int("".join(map(str, values)), 2) if values else 0
        blocks = [small if i == place else np.eye(len(small)) for i in range(1 << count)]
        assert np.allclose(got, block_diag(*blocks), atol=1e-14)
