"""How near the chosen gamma is to the best: alpha ||L^-1|| / sqrt(P), with the circuit's alpha, over a scan of gamma.

python -m tests.benchmarks.rescaling [EXAMPLE[+KEY=VALUE...] ...]. Prints a table; no timing, no assertion.
"""

import math
import sys
import warnings

import numpy as np

from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import CheckFailed
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed

EXAMPLES = [
    "quartic-pair", "cubic-pair", "quartic-ring", "logistic-map-scalar", "double-well-chain",
    "phi4-lattice", "burgers-map", "quartic-ridge-diabetes", "sgd-diabetes",
]  # fmt: skip


def cost(name, overrides):
    facts = open_spec(fixed(name, overrides)).leading.facts
    return facts.alpha * facts.inverse_norm / math.sqrt(facts.readout_probability)


def main():
    warnings.simplefilter("ignore")
    for item in sys.argv[1:] or EXAMPLES:
        name, *overrides = item.split("+")
        gamma = lifted_of(fixed(name, overrides)).gamma
        chosen, best = cost(name, overrides), (math.inf, gamma)
        for value in (gamma * np.geomspace(0.25, 8, 21)).tolist():
            try:
                best = min(best, (cost(name, [*overrides, f"carleman.rescaling={value!r}"]), value))
            except CheckFailed:
                continue  # this gamma overflows: not the best
        found = f"gamma {gamma:8.4g} cost {chosen:9.4g}   best {best[1]:8.4g} cost {best[0]:9.4g}"
        print(f"{item:<40} {found}   ratio {chosen / best[0]:.3f}")


if __name__ == "__main__":
    main()
