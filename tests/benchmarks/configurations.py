"""How fast configurations are evaluated: `python -m tests.benchmarks.configurations` prints a table (CPU seconds)."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace

from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.evaluation.design import evaluation_memo
from carlemanc.evaluation.evaluate import evaluate
from carlemanc.methods.amplified import Amplified
from carlemanc.sources.configuration import Configuration, Request, request_of
from tests.fixed import fixed

SPECS = {"quartic-ring": ("model.n=134217728", "training.steps=100"), "quartic-pair": ()}
PADDINGS, ORDERS = (0, 1, 2, 3, 5, 8, 10), (2, 3, 4)


def configurations(asked: Request) -> Iterator[Configuration]:
    """Every padding, order, method, synthesis and goal, amplified and not."""
    grid = itertools.product(
        PADDINGS,
        ORDERS,
        asked.candidates.values(),
        ("gridsynth", "phase-gradient"),
        ("sampling", "amplitude-estimation"),
        (False, True),
    )
    for padding, order, method, synthesis, way, amplified in grid:
        yield replace(
            asked.at,
            lift=replace(asked.at.lift, padding=padding, order=order),
            method=Amplified(inner=method) if amplified else method,
            synthesis=synthesis,
            goal=replace(asked.at.goal, method=way),
        )


def main() -> None:
    print("spec           configurations  refused  CPU seconds  slowest")
    for name, overrides in SPECS.items():
        asked, memo = request_of(fixed(name, overrides)), evaluation_memo()
        refused, laps = 0, [time.process_time()]
        for at in configurations(asked):
            try:
                memo(evaluate, memo, at)
            except (InputError, TooLarge, CheckFailed):
                refused += 1
            laps.append(time.process_time())
        slowest = max(b - a for a, b in itertools.pairwise(laps))
        print(f"{name:<14} {len(laps) - 1:>14} {refused:>8} {laps[-1] - laps[0]:>12.2f} {slowest:>8.2f}")


if __name__ == "__main__":
    main()
