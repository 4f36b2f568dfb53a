r"""Readout errors taken out of counts: two circuits measure them, and the bit strings that were seen are reweighted.

Bits are taken to flip independently, each with probabilities $P(1|0)$ and $P(0|1)$ from a circuit that prepares all
zeros and one that prepares all ones. Of the matrix of all bit strings only the block of the observed ones is inverted,
its columns normalized [nation2021]: the weights of the shots then add up to their number, and single ones may be
negative. An estimate, not a bound: what noise does before the measurement stays, and so does what a preparation gets
wrong.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import Measure, XGate

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import TooLarge
from carlemanc.programs.sparse_state import BasisStates

MOST_STRINGS: Final = 4096
"""Different bit strings of a run; their block of the matrix has 134 MB."""
_LEAST: Final = 1e-12


def calibration_circuits(circuit: QuantumCircuit) -> tuple[QuantumCircuit, QuantumCircuit]:
    """Return the circuits that read 0 and 1 on every qubit that a transpiled circuit measures, into the same bits."""
    zeros, ones = circuit.copy_empty_like(), circuit.copy_empty_like()
    for item in circuit.data:
        if item.operation.name == "measure":
            zeros.append(Measure(), item.qubits, item.clbits)
            ones.append(XGate(), item.qubits)
            ones.append(Measure(), item.qubits, item.clbits)
    return zeros, ones


def shot_weights(
    values: dict[str, BasisStates], zeros: dict[str, BasisStates], ones: dict[str, BasisStates]
) -> FloatArray:
    """Return the weight of each shot, (shots,), with mean 1.

    Args:
        values: register -> (shots,) integers that were read.
        zeros, ones: the same of both calibration circuits.

    Raises TooLarge above `MOST_STRINGS` different readings.
    """
    runs = (values, zeros, ones)
    widths = {name: max(int(value).bit_length() for run in runs for value in run[name]) for name in values}
    bits, below, above = (_bits(run, widths) for run in runs)
    strings, place, times = np.unique(bits, axis=0, return_inverse=True, return_counts=True)
    if len(strings) > MOST_STRINGS:
        raise TooLarge(
            "the correction of readout errors",
            size=f"{len(strings):,} different readings",
            limit=f"{MOST_STRINGS:,}",
            instead="Draw fewer shots, or leave --mitigation out.",
        )
    share = times / len(bits)
    matrix = _confusion(strings, below.mean(axis=0), 1 - above.mean(axis=0))
    corrected = np.linalg.lstsq(matrix / matrix.sum(axis=0), share, rcond=None)[0]
    return np.asarray((corrected / corrected.sum() / share)[place.reshape(-1)])


def _bits(values: dict[str, BasisStates], widths: dict[str, int]) -> IntArray:
    """Return readings as bits, (shots, bits), of each register as many as its width."""
    return np.array(
        [
            [
                int(value) >> bit & 1
                for value, width in zip(row, widths.values(), strict=True)
                for bit in range(width)
            ]
            for row in zip(*(values[name] for name in widths), strict=True)
        ],
        dtype=np.int64,
    )


def _confusion(strings: IntArray, up: FloatArray, down: FloatArray) -> FloatArray:
    """Return P(read i | was j) between bit strings (s, k): bits flip up and down with these probabilities (k,)."""
    one, zero = strings.astype(float), 1.0 - strings
    logs = [np.log(np.maximum(odds, _LEAST)) for odds in (1 - down, up, down, 1 - up)]
    pairs = ((one, one), (one, zero), (zero, one), (zero, zero))
    total = sum((read * log) @ was.T for log, (read, was) in zip(logs, pairs, strict=True))
    return np.asarray(np.exp(total))
