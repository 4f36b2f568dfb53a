"""Total expected T of every solver on quartic-ring, n = 2^10..2^27, T = 10..1000, and the winner of each cell.

python -m tests.benchmarks.solvers [--n 10,14,20,27] [--steps 10,100,1000] [KEY=VALUE ...]. By plan and counts, with
rotations synthesized and the readout's shots: nothing is run. A row marked ~ is of a circuit too long to be counted:
queries x count of a query. A method that does not apply shows -; (x) is not certified and never wins.
"""

import argparse
import warnings

from carlemanc.commands.solvers import solvers
from carlemanc.methods.registry import METHODS
from tests.fixed import fixed


def cell(row):
    if row.cost is None:
        return "-"
    shown = f"{'' if row.cost.is_counted else '~'}{row.cost.expected_t:.2e}"
    return shown if row.cost.is_certified else f"({shown})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", default="10,14,20,27")
    parser.add_argument("--steps", default="10,100,1000")
    parser.add_argument("overrides", nargs="*")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("n      T     " + "".join(f"{method:>14}" for method in METHODS) + "   winner")
    for bits in map(int, options.n.split(",")):
        for steps in map(int, options.steps.split(",")):
            size = [f"model.n={1 << bits}", f"training.steps={steps}"]
            table = solvers(fixed("quartic-ring", [*size, *options.overrides]))
            cells = "".join(f"{cell(row):>14}" for row in table.rows)
            print(f"2^{bits:<4} {steps:<6}{cells}   {table.best.method}", flush=True)


if __name__ == "__main__":
    main()
