"""The same numbers under other arithmetic: documents computed by other kernels and thread counts, and compared.

    python -m tests.arithmetic              # every document, every kind of arithmetic
    python -m tests.arithmetic estimate     # those with this word in their name

Kernels of OpenBLAS (numpy and scipy bring one each) and numpy's own loops add in another order with and without AVX2
and fused multiply-adds, so sums differ in their last digits from one machine to the next. Each kind is one process that
computes all documents and prints them; they are compared as `python -m estimates --check` compares: integers, texts and
shapes exactly, floats to 1e-9 relative or 1e-15 absolute. Exits 1 where anything differs or a process fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from tests.pins.cases import LINES
from tests.pins.pinned import computed, searched

KINDS = (
    {"OMP_NUM_THREADS": "1"},
    {"OMP_NUM_THREADS": "2"},
    {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell"},
    {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
)
"""Environment of each kind; the first is what the others are compared with. `OPENBLAS_*` that is set is taken away."""
SHOWN = 8
"""Differences printed of one document."""
LARGE = (
    "quartic-ring model.n=134217728 training.steps=1000 carleman.order=5",
    "phi4-lattice model.dims=[8192,8192]",
)
_OBSERVABLES = (
    """readout.target='"observables"' readout.observables='{loss="loss", slope="gradient_norm", first="theta[0]", """
    """size="Sum(theta[i]**2, (i, 0, n-1))"}'"""
)
_RING = "quartic-ring model.n=134217728 training.steps=100 solver.method=march"
READ = (
    f"estimate {_RING} readout.method=maximum-likelihood {_OBSERVABLES}",
    f"estimate quartic-pair solver.method=kernel readout.method=phase-estimation {_OBSERVABLES}",
    f"estimate quartic-pair solver.method=qsvt readout.method=sampling {_OBSERVABLES}",
    f"estimate ridge-diabetes training.steps=2 solver.method=march {_OBSERVABLES}",
    f"estimate {_RING} readout.method=tomography",
    f"estimate {_RING} readout.target=largest readout.largest=3",
    """estimate quartic-ring model.n=1048576 carleman.order=1 solver.method=march """
    """training.initial='{function="0.4*cos(2*pi*3*i/n)"}' """
    + _OBSERVABLES.replace('loss="loss", slope="gradient_norm", ', ""),
    f"run quartic-pair solver.method=march readout.method=maximum-likelihood {_OBSERVABLES} --shots 0 --seed 5",
    "run quartic-pair solver.method=march solver.epsilon=0.05 readout.method=tomography --shots 0 --seed 5",
    f"compile quartic-pair solver.method=march readout.precision=0.1 {_OBSERVABLES} --stage full",
)
"""Observables by each estimator, tomography, the largest, a start that is a function, and circuits of a readout."""
SEARCHED = (
    "estimate quartic-ring model.n=134217728 training.steps=100",
    f"estimate quartic-ring model.n=134217728 training.steps=100 {_OBSERVABLES}",
    "estimate ridge-diabetes",
    "estimate cubic-pair carleman.order=auto solver.epsilon=0.05",
    "estimate iris-square-net solver.objective=qubits",
    "solvers logistic-map-scalar",
    "compile quartic-pair --stage solver --format qasm2",
    "run burgers-map",
)
"""What is chosen where nothing is set by hand."""
COMPILED = (
    "quartic-pair solver.epsilon=0.01",
    "cubic-pair solver.epsilon=0.01",
    "logistic-map-scalar",
    "burgers-map training.steps=2",
    "ridge-diabetes training.steps=2",
    "tridiagonal-system",
)
Document = Callable[[], Any]


def documents() -> dict[str, Document]:
    """Return what is computed, by name: examples, lattices, readouts, circuits, pinned lines, rows of the catalog."""
    from carlemanc.spec.examples import example_names
    from estimates.catalog import ENTRIES
    from estimates.results import estimate_as_chosen

    lines = [
        f"{verb} {name}"
        for name in example_names()
        for verb in ("derive", "analyze", "estimate")
        if (verb, name) not in (("derive", "tridiagonal-system"), ("analyze", "tridiagonal-system"))
    ]
    lines += [*(f"estimate {words}" for words in LARGE), *READ]
    for words in COMPILED:
        lines.append(f"solvers {words}")
        for gates in ("clifford+rz", "clifford+t"):
            lines.append(f"compile {words} --stage solver --format qasm2 --gate-set {gates}")
    found: dict[str, Document] = {line: partial(computed, line) for line in (*lines, *LINES)}
    for line in SEARCHED:
        found[f"searched {line}"] = partial(searched, line)
    for entry in ENTRIES:
        for overrides in entry.sampled:
            name = " ".join(("catalog", entry.name, *overrides))
            found[name] = partial(estimate_as_chosen, entry, overrides)
    return found


def main(arguments: list[str]) -> int:
    """Compare, and print what differs."""
    from estimates.results import differences

    if arguments[:1] == ["--compute"]:
        return _compute(arguments[1:])
    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(lambda kind: _computed(kind, arguments), KINDS)
    differing = 0
    for kind, other in zip(KINDS[1:], others, strict=True):
        words = " ".join(f"{key}={value}" for key, value in kind.items())
        for name, document in first.items():
            found = list(differences(document, other[name]))
            if found:
                differing += 1
                print(f"{name}, {words}: {len(found)} values differ")
                print("\n".join(f"    {line}" for line in found[:SHOWN]))
    print(
        f"{differing} comparisons differ"
        if differing
        else f"{len(first)} documents, the same under {len(KINDS)} kinds of arithmetic"
    )
    return 1 if differing else 0


def _computed(kind: Mapping[str, str], words: list[str]) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    command = [sys.executable, "-m", "tests.arithmetic", "--compute", *words]
    with tempfile.TemporaryDirectory() as cache:  # a value computed under another kind must not be taken up
        environment |= {**kind, "XDG_CACHE_HOME": cache}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{kind}: exit {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _compute(words: list[str]) -> int:
    from carlemanc.core.json_text import plain

    warnings.simplefilter("ignore")
    chosen = {name: document for name, document in documents().items() if all(word in name for word in words)}
    print(json.dumps({name: plain(document()) for name, document in chosen.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
