"""Record PennyLane's block encodings of given matrices: python record_pennylane.py OUT.json NAME=MATRIX.npy ...

Run in an environment of PennyLane's own. FABLE and PrepSelPrep (the linear combination of all Paulis of the
matrix) are decomposed into Clifford gates, T and rotations by PennyLane itself, and counted.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pennylane as qml

GATES = {"CNOT", "CZ", "CY", "SWAP", "Hadamard", "S", "Adjoint(S)", "T", "Adjoint(T)", "GlobalPhase"}
GATES |= {"PauliX", "PauliY", "PauliZ", "RX", "RY", "RZ"}


def counted(operator, wires):
    tape = qml.tape.QuantumScript([operator])
    (flat,), _ = qml.transforms.decompose(tape, gate_set=GATES)
    names = [op.name for op in flat.operations]
    left = sorted({name for name in names if name not in GATES})
    turns = [float(op.parameters[0]) / (np.pi / 4) for op in flat.operations if op.name in ("RX", "RY", "RZ")]
    rotations = sum(abs(turn - round(turn)) > 1e-9 for turn in turns)
    turned_t = sum(abs(turn - round(turn)) <= 1e-9 and round(turn) % 2 == 1 for turn in turns)
    return {
        "qubits": len(set(wires) | set(flat.wires)),
        "t": turned_t + sum(name in ("T", "Adjoint(T)") for name in names),
        "rotations": rotations,
        "two_qubit": sum(name in ("CNOT", "CZ", "CY") for name in names) + 3 * names.count("SWAP"),
        **({"not_decomposed": left} if left else {}),
    }


def fable(matrix):
    width, scale = int(np.log2(len(matrix))), float(np.abs(matrix).max())
    wires = list(range(2 * width + 1))
    return {"alpha": scale * len(matrix), **counted(qml.FABLE(matrix / scale, wires=wires, tol=0), wires)}


def pauli(matrix):
    width = int(np.log2(len(matrix)))
    sentence = qml.pauli_decompose(matrix, check_hermitian=False, wire_order=range(width))
    coefficients, _ = sentence.terms()
    control = list(range(width, width + int(np.ceil(np.log2(len(coefficients))))))
    operator = qml.PrepSelPrep(sentence, control=control)
    return {
        "alpha": float(np.sum(np.abs(coefficients))),
        "terms": len(coefficients),
        **counted(operator, [*range(width), *control]),
    }


def main():
    out, *given = sys.argv[1:]
    found = {item.split("=")[0]: {} for item in given}
    document = {
        "package": f"pennylane {qml.__version__}",
        "how": "record_pennylane.py: decomposed by qml.transforms.decompose, tolerance 0; rotations by multiples of "
        "pi/4 are counted as Clifford gates or T",
        "matrices": found,
    }
    for method, record in (("FABLE", fable), ("PrepSelPrep", pauli)):
        for item in given:
            name, path = item.split("=")
            found[name][method] = record(np.load(path))
            Path(out).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
