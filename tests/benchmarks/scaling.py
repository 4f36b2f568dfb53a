"""What one call of U_L takes for quartic-ring as n, N and T grow, and how long a thousand counts take.

python -m tests.benchmarks.scaling [--no-timing]. Prints tables; no assertion.
"""

import sys
import time
from itertools import islice, product

from carlemanc.commands.opening import open_spec
from carlemanc.programs.bloq_counts import count
from tests.fixed import fixed

BARS = {(27, 3, 100): (181, 12, 131), (20, 5, 100): (330, None, 154)}
"""(log2 n, N, T): Toffoli, rotations and qubits of a prototype, where they are known."""
POINTS = 1000


def counted(n, order, steps):
    opened = open_spec(
        fixed("quartic-ring", [f"model.n={n}", f"carleman.order={order}", f"training.steps={steps}"])
    )
    (encoding,) = opened.leading.encodings
    found = count(encoding)
    return found.toffoli, found.rotation_count, found.qubits, encoding.alpha


def table():
    print(f"{'N':>2} {'T':>5} {'log2 n':>6} {'Toffoli':>8} {'rotations':>9} {'qubits':>6} {'alpha':>9}   bar")
    for order, steps, bits in product((1, 3, 5), (10, 100, 1000), range(4, 28)):
        toffoli, rotations, qubits, alpha = counted(1 << bits, order, steps)
        bar = BARS.get((bits, order, steps))
        against = "" if bar is None else " / ".join("-" if value is None else str(value) for value in bar)
        print(
            f"{order:>2} {steps:>5} {bits:>6} {toffoli:>8} {rotations:>9} {qubits:>6} {alpha:>9.5f}   {against}"
        )


def points():
    """Different (n, T, N): powers of two and others."""
    sizes = [1 << bits for bits in range(4, 28)] + [3 * (1 << bits) + 1 for bits in range(4, 25)]
    return islice(product(sizes, (1, 3, 5), (10, 33, 64, 100, 300, 555, 801, 1000)), POINTS)


def timing():
    chosen = list(points())
    started = time.process_time()
    for n, order, steps in chosen:
        counted(n, order, steps)
    print(
        f"\n{len(chosen)} counts of U_L at different (n, T, N): {time.process_time() - started:.1f} s of CPU"
    )


if __name__ == "__main__":
    table()
    if "--no-timing" not in sys.argv:
        timing()
