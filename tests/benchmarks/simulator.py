"""Sparse-state simulator: nanoseconds per amplitude of permutations and branches.

python tests/benchmarks/simulator.py [LOG2_LARGEST]

A state of about 2^k amplitudes over 2k + 20 wires meets permutations, one multiplexed rotation whose partners must
be found, and three of them in one block. Wall seconds, best of five.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from carlemanc.programs.multiplexer import Op, RunBuilder
from carlemanc.programs.sparse_store import SparseStore

REPEATS = 5


def op(kind: str, *wires: int, angle: float = 0.0) -> Op:
    """A scheduled primitive."""
    touches = sum(1 << wire for wire in wires)
    return Op(kind, wires, angle, 1 << wires[-1], touches)


def state(log2: int) -> SparseStore:
    """2^log2 random amplitudes whose bits are copied to as many other wires."""
    random = np.random.default_rng(log2)
    chosen = random.choice(1 << (log2 + 3), size=1 << log2, replace=False).tolist()
    indices = [index | (index * 2654435761 % (1 << 17)) << (log2 + 3) for index in chosen]
    amplitudes = random.normal(size=len(indices)) + 1j * random.normal(size=len(indices))
    return SparseStore(indices, amplitudes / np.linalg.norm(amplitudes), 2 * log2 + 20, 1e-15)


def multiplexed(target: int, controls: tuple[int, ...], branch_wires: tuple[int, ...]) -> RunBuilder:
    """A rotation on `target` for each value of the controls."""
    run = RunBuilder(target)
    for control in controls:
        run.append(op("ry", target, angle=0.4 + 0.1 * control))
        run.append(op("cx", control, target))
    return run


def seconds(action: Callable[[], None]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def permutation_microseconds(log2: int) -> float:
    """Microseconds per permutation gate."""
    store, work = state(log2), 2 * log2 + 19
    moves = 5 * [op("cx", 0, 1), op("and", 0, 2, work), op("cx", 2, 3), op("and_dg", 0, 2, work)]
    return min(seconds(lambda: store.move(moves)) for _ in range(REPEATS)) / len(moves) * 1e6


def branch_nanoseconds(log2: int, wires: tuple[int, ...]) -> float:
    """Nanoseconds per amplitude of a block with one multiplexed rotation on each of `wires`."""
    runs = [multiplexed(wire, (log2 + 4, log2 + 6), wires).build(wires) for wire in wires]
    store = state(log2)
    store.branch(wires, runs)
    times = [seconds(lambda: store.branch(wires, runs)) for _ in range(REPEATS)]
    return min(times) / len(store) * 1e9


def main() -> None:
    """Print one line per size."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 18
    print("amplitudes  us per permutation | ns per amplitude: block on one wire  block on three wires")
    for log2 in range(10, largest + 1, 2):
        one, three = (branch_nanoseconds(log2 - len(wires), wires) for wires in ((0,), (0, 2, 4)))
        print(f"{1 << log2:10,} {permutation_microseconds(log2):19.2f} | {one:35.1f} {three:21.1f}")


if __name__ == "__main__":
    main()
