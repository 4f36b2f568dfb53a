"""Tallies against what Qiskit counts in the same gates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from carlemanc.programs.counts import rotation_angles, tally
from carlemanc.programs.lowering import LOWERED_OPS, lower
from tests.reference import program_of


def to_qiskit(program, uncompute):
    lowered = lower(program, uncompute)
    circuit = QuantumCircuit(lowered.width, lowered.bit_count)
    rows = zip(
        lowered.codes.tolist(),
        lowered.wires.tolist(),
        lowered.angles.tolist(),
        lowered.bits.tolist(),
        strict=True,
    )
    for code, wires, angle, bit in rows:
        name, wires = LOWERED_OPS[code], [w for w in wires if w >= 0]
        if name == "gphase":
            continue
        if name == "rz":
            circuit.rz(angle, *wires)
        elif name == "measure":
            circuit.measure(wires[0], bit)
        elif name == "cz_if":
            with circuit.if_test((circuit.clbits[bit], 1)):
                circuit.cz(*wires)
        else:
            getattr(circuit, name)(*wires)
    return circuit


wires3 = st.permutations(range(5)).map(lambda p: p[:3])
ops = st.one_of(
    st.tuples(st.sampled_from(["x", "y", "z", "h", "s", "sdg", "t", "tdg"]), wires3).map(
        lambda o: (o[0], o[1][0])
    ),
    st.tuples(st.sampled_from(["cx", "cz", "swap"]), wires3).map(lambda o: (o[0], *o[1][:2])),
    st.tuples(st.sampled_from(["and", "and_dg"]), wires3).map(lambda o: (o[0], *o[1])),
    st.tuples(st.sampled_from(["rz", "ry"]), wires3).map(lambda o: (o[0], o[1][0], 0.3)),
    st.just(("gphase", 0.1)),
)


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@given(gates=st.lists(ops, max_size=25))
@settings(deadline=None, max_examples=25)
def test_tally_is_what_qiskit_counts(uncompute, gates):
    program = program_of(5, gates)
    counts = tally(program, uncompute)
    circuit = to_qiskit(program, uncompute)
    seen = circuit.count_ops()
    assert seen.get("t", 0) + seen.get("tdg", 0) == counts.t_in_file
    assert seen.get("rz", 0) == counts.rotations
    assert seen.get("measure", 0) == counts.measurements
    assert sum(seen.get(n, 0) for n in ("cx", "cz", "swap", "if_else")) == counts.two_qubit
    others = sum(seen.get(n, 0) for n in ("x", "y", "z", "h", "s", "sdg"))
    assert others + counts.two_qubit == counts.clifford
    assert circuit.depth() == counts.depth


def test_rotation_angles_are_merged_by_size():
    program = program_of(2, [("rz", 0, 0.3), ("ry", 1, -0.3), ("rz", 1, np.pi / 4), ("ry", 0, 1.0)])
    assert dict(rotation_angles(program)) == {0.3: 2, 1.0: 1}
    assert tally(program).rotations == 3
