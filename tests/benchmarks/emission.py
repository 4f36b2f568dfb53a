"""Emission speed on a QSVT circuit of degree 1,001, against flattening through Cirq.

python tests/benchmarks/emission.py [DEGREE]

The block encoding is the history matrix of two coupled cubic weights. The Cirq route (flatten, then convert, then
expand what Cirq can) runs at a smaller degree: it is linear and slow. Wall seconds.
"""

from __future__ import annotations

import sys
import time

import cirq
import numpy as np
from qualtran._infra.gate_with_registers import get_named_qubits

from carlemanc.block_encoding.encode import encode
from carlemanc.methods.qsvt import QSVT
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.one_map import linearize, uniform_history

LOSS = "Sum(theta[i]**2/2 + c*theta[i]**3/3, (i, 0, n-1)) - J*theta[0]*theta[1] + g*theta[0] - h*theta[1]"
PARAMETERS = {"c": 0.5, "J": 0.2, "g": 0.1, "h": 0.15}
CIRQ_DEGREE = 5


def qsvt(degree: int) -> QSVT:
    """A QSVT with random phases on the history matrix: n = 2, N = 2, T = 4."""
    steps = derive_map(
        parse_expression(LOSS), n=2, learning_rate=0.1, center=[0.0, 0.0], parameters=PARAMETERS
    )
    carleman = linearize(steps, order=2, gamma=1.0)
    history = uniform_history(carleman=carleman, steps=4, padding=0, u_in=np.array([0.3, -0.2]))
    phases = np.random.default_rng(degree).uniform(-3, 3, degree + 1)
    return QSVT(encode(history), tuple(phases.tolist()))


def through_cirq(bloq: QSVT) -> int:
    """Number of operations of the flattened Cirq circuit."""
    flat = bloq.as_composite_bloq().flatten(lambda instance: True)
    circuit, _ = flat.to_cirq_circuit_and_quregs(
        qubit_manager=cirq.GreedyQubitManager("work", maximize_reuse=True),
        **get_named_qubits(flat.signature.lefts()),
    )
    return sum(1 for _ in circuit.all_operations())


def main() -> None:
    """Print primitives per second of each route."""
    degree = int(sys.argv[1]) if len(sys.argv) > 1 else 1001
    bloq = qsvt(degree)
    start = time.perf_counter()
    program = emit(bloq)
    seconds = time.perf_counter() - start
    print(
        f"emit, degree {degree}: {len(program):,} primitives in {seconds:.2f} s = {len(program) / seconds:,.0f}/s"
    )
    start = time.perf_counter()
    counts = tally(program)
    print(f"tally: {time.perf_counter() - start:.2f} s, {counts}")
    start = time.perf_counter()
    counted = count(qsvt(degree))
    print(f"count from the call graph: {time.perf_counter() - start:.2f} s, {counted.toffoli:,} Toffoli")
    start = time.perf_counter()
    operations = through_cirq(qsvt(CIRQ_DEGREE))
    seconds = time.perf_counter() - start
    print(
        f"Cirq, degree {CIRQ_DEGREE}: {operations:,} operations in {seconds:.2f} s = {operations / seconds:,.0f}/s"
    )


if __name__ == "__main__":
    main()
