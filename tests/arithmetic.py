"""The same numbers under other arithmetic: documents computed by other kernels and thread counts, compared value by value.

    python -m tests.arithmetic              # every document, every kind of arithmetic
    python -m tests.arithmetic estimate     # those with this word in their name

Kernels of OpenBLAS (numpy and scipy bring one each) and numpy's own loops add in another order with and without AVX2
and fused multiply-adds, so sums differ in their last digits from one machine to the next. Each kind is one process that
computes all documents and prints them; integers, texts and shapes are compared exactly, floats to 1e-9 relative or
1e-15 absolute. Exits 1 where anything differs, 2 where a process fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

KINDS = (
    {"OMP_NUM_THREADS": "1"},
    {"OMP_NUM_THREADS": "2"},
    {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell"},
    {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
)
"""Environment of each kind; the first is what the others are compared with. `OPENBLAS_*` that is set is taken away."""
RELATIVE, ABSOLUTE = 1e-9, 1e-15
SHOWN = 8
"""Differences printed of one document."""
WALL = ("seconds_used", "created", "elapsed")
"""Keys whose value is a time of this run."""
LARGE = (
    ("quartic-ring", "model.n=134217728", "training.steps=1000", "carleman.order=5"),
    ("phi4-lattice", "model.dims=[8192,8192]"),
    ("digits-pruned-net", "training.steps=30"),
)
COMPILED = (
    ("quartic-pair", "solver.epsilon=0.01"),
    ("cubic-pair", "solver.epsilon=0.01"),
    ("logistic-map-scalar",),
    ("burgers-map", "training.steps=2"),
    ("ridge-diabetes", "training.steps=2"),
    ("tridiagonal-system",),
)
CATALOG_SYNTHETIC = ("synthetic-7m", "synthetic-103m")

Document = Callable[[], Any]


def documents() -> dict[str, Document]:
    """Return what is computed, by name; nothing is imported before a document is asked for."""
    from carlemanc.spec.examples import example_names

    found: dict[str, Document] = {}
    for name in example_names():
        for verb in ("derive", "analyze", "estimate"):
            if (verb, name) not in (("derive", "tridiagonal-system"), ("analyze", "tridiagonal-system")):
                found[f"{verb} {name}"] = _verb(verb, name)
    for name, *overrides in LARGE:
        found[" ".join(("estimate", name, *overrides))] = _verb("estimate", name, *overrides)
    root = Path(__file__).parents[1] / "estimates"
    for name in CATALOG_SYNTHETIC:
        found[f"estimate {name}"] = _verb("estimate", str(root / name / "spec.toml"))
    for name, *overrides in COMPILED:
        found[f"solvers {name}"] = _verb("solvers", name, *overrides)
        for gates in ("clifford+rz", "clifford+t"):
            found[f"compile {name} {gates}"] = _manifest(gates, name, *overrides)
    return found


def differences(first: Any, second: Any, where: str = "") -> Iterator[str]:
    """Yield where two documents differ, each as a line."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in sorted(first.keys() | second.keys(), key=str):
            if key not in WALL:
                yield from differences(first.get(key), second.get(key), f"{where}.{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{where}[{place}]")
    elif isinstance(first, float) and isinstance(second, float):
        if not math.isclose(first, second, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            yield f"{where}: {first!r} | {second!r}"
    elif type(first) is not type(second) or first != second:
        yield f"{where}: {str(first)[:80]} | {str(second)[:80]}"


def main(arguments: list[str]) -> int:
    """Compare, and print what differs."""
    if arguments[:1] == ["--compute"]:
        return _compute(arguments[1:])
    first = _computed(KINDS[0], arguments)
    differing = 0
    for kind in KINDS[1:]:
        other = _computed(kind, arguments)
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
    done = subprocess.run(command, env=environment | dict(kind), stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"{kind}: exit {done.returncode}")
        sys.exit(2)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _compute(words: list[str]) -> int:
    from carlemanc.core.json_text import plain

    warnings.simplefilter("ignore")
    chosen = {name: document for name, document in documents().items() if all(word in name for word in words)}
    print(json.dumps({name: plain(document()) for name, document in chosen.items()}))
    return 0


def _verb(verb: str, name: str, *overrides: str) -> Document:
    """What `carlemanc VERB NAME --json` prints."""

    def document() -> Any:
        return json.loads(_printed([verb, name, "--json", *_settings(overrides)]))

    return document


def _manifest(gates: str, name: str, *overrides: str) -> Document:
    """The manifest of a solver circuit."""

    def document() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            words = ["compile", name, "--stage", "solver", "--format", "qasm2", "--gate-set", gates]
            _printed([*words, "-o", folder, *_settings(overrides)])
            return json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))

    return document


def _settings(overrides: tuple[str, ...]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]


def _printed(words: list[str]) -> str:
    from carlemanc.cli._app import main as carlemanc

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = carlemanc(words)
    if status:
        raise RuntimeError(f"carlemanc {' '.join(words)}: exit {status}")
    return printed.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
