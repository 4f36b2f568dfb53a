"""`python -m tests.hostile`: run hostile inputs and print a table of classes, inputs and statuses.

    python -m tests.hostile                            3,000 inputs, seed 0
    python -m tests.hostile --count 300 --seed 7       fewer, and others
    python -m tests.hostile --class maps --only 17     one input again, with what was said

CARLEMANC_HOSTILE_COUNT and CARLEMANC_HOSTILE_SEED set the same two numbers. Ends with status 1 where an input found
a fault.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.hostile.run import COUNT, SEED, Report, run_classes
from tests.hostile.worker import Worker, class_modules, drawn, given


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description="Run hostile inputs.")
    parser.add_argument("--count", type=int, default=COUNT, help=f"inputs in all (default {COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the inputs (default {SEED})")
    parser.add_argument("--class", dest="kind", choices=sorted(class_modules()), help="this class alone")
    parser.add_argument("--only", type=int, help="the input of this number alone, with what it said")
    chosen = parser.parse_args()
    if chosen.only is not None and chosen.kind is None:
        parser.error("--only needs --class")
    return chosen


def main() -> int:
    """Run what the arguments say."""
    chosen = _arguments()
    if chosen.only is not None:
        print(given(drawn(chosen.kind, chosen.seed, chosen.only)))
        with Worker() as worker:
            answer = worker.answer(chosen.kind, chosen.seed, chosen.only)
        print(answer["out"], answer["err"], f"status {answer['status']}, {answer['seconds']:.2f} s", sep="\n")
        print("\n".join(answer["faults"]))
        return 1 if answer["faults"] else 0
    report = Report(seed=chosen.seed)
    start = time.perf_counter()
    for fault in run_classes(report, chosen.count, [chosen.kind] if chosen.kind else None):
        print(fault, flush=True)
    print(f"{report.table()}\nseed {chosen.seed}, {time.perf_counter() - start:.0f} s")
    return 1 if report.faults else 0


sys.exit(main())
