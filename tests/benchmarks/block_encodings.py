"""Our block encoding of L beside general ones of the same matrix: alpha, T, rotations, two-qubit gates, qubits.

python -m tests.benchmarks.block_encodings. Prints a table, asserts nothing. The same price of a rotation for
everybody: T total = T + 4 Toffoli + rotations * 3 log2(rotations / 1e-3). Qualtran's `SparseMatrix` is counted
here by Qualtran, with all columns of a row in its superposition and explicit entries of 20 bits; it takes no
negative entries, so its row is that of |L| / max |L|, which flatters it. PennyLane's FABLE and PrepSelPrep (the
dense linear combination of Paulis) come from peers_pennylane.json, made by record_pennylane.py elsewhere.
A dash: not given by that library's count. A two-qubit gate is one of the file as written, ANDs undone unitarily.
"""

import json
import math
from pathlib import Path

import numpy as np
from qualtran.bloqs.block_encoding.sparse_matrix import (
    ExplicitEntryOracle,
    SparseMatrix,
    TopLeftRowColumnOracle,
)
from qualtran.resource_counting import QECGatesCost, QubitCount, get_cost_value

from carlemanc.commands.opening import open_spec
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.fixed import fixed

EXAMPLES = ["logistic-map-scalar", "cubic-pair", "quartic-pair", "quartic-ring"]
DENSE_LIMIT = 1024
ENTRY_BITS = 20


def priced(t, toffoli, rotations):
    """T total under the common price of a rotation."""
    return t + 4 * toffoli + (rotations * 3 * math.log2(rotations / 1e-3) if rotations else 0)


def line(who, alpha, qubits, t, toffoli, rotations, two_qubit):
    two = "-" if two_qubit is None else f"{two_qubit:,}"
    total = priced(t, toffoli, rotations)
    return f"  {who:<24} {alpha:>9.3f} {qubits:>7,} {t:>8,} {toffoli:>9,} {rotations:>9,} {total:>12,.0f} {two:>10}"


def ours(encoding):
    program = emit(encoding)
    measured, unitary = tally(program, "measure"), tally(program, "unitary")
    return line(
        "carlemanc", float(encoding.alpha), program.width,
        measured.t, measured.toffoli, measured.rotations, unitary.two_qubit,
    )  # fmt: skip


def qualtran(matrix):
    width, largest = int(math.log2(len(matrix))), float(np.abs(matrix).max())
    rows = TopLeftRowColumnOracle(width, num_nonzero=len(matrix))
    entries = ExplicitEntryOracle(width, data=np.abs(matrix) / largest, entry_bitsize=ENTRY_BITS)
    bloq = SparseMatrix(rows, rows, entries, eps=0.0)
    gates = get_cost_value(bloq, QECGatesCost())
    counts = gates.total_t_and_ccz_count()
    rotations = gates.rotation
    return line(
        "Qualtran SparseMatrix", float(bloq.alpha) * largest, int(get_cost_value(bloq, QubitCount())),
        int(counts["n_t"]), int(counts["n_ccz"]), int(rotations), None,
    )  # fmt: skip


def main():
    peers = json.loads((Path(__file__).parent / "peers_pennylane.json").read_text(encoding="utf-8"))
    heads = f"{'T':>8} {'Toffoli':>9} {'rotations':>9} {'T total':>12} {'two-qubit':>10}"
    print(f"{'':<26} {'alpha':>9} {'qubits':>7} {heads}")
    for name in EXAMPLES:
        access = open_spec(fixed(name)).leading
        history = access.system.history
        layout = history.layout
        print(f"{name}: {1 << layout.width} rows, ||L|| = {access.conditioning.norm:.4f}")
        print(ours(access.encodings[0]))
        if 1 << layout.width <= DENSE_LIMIT:
            print(qualtran(history.matrix().toarray()))
        for method, row in peers["matrices"].get(name, {}).items():
            print(
                line(
                    f"{peers['package']} {method}"[:24], row["alpha"], row["qubits"],
                    row["t"], 0, row["rotations"], row["two_qubit"],
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
