"""A process that runs inputs one after another, and the parent's end of it.

Inputs run inside the worker, where everything heavy is imported once: some milliseconds each instead of seconds. A
worker that is killed (a heap corrupted, memory gone) or does not answer is a fault of the input it had, and another one
takes its place. It may hold 4 GiB of memory of its own.

`python -m tests.hostile.worker` reads lines "CLASS SEED NUMBER" and answers each with a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import resource
import select
import subprocess
import sys
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.hostile.harness import ROOT, Case, faults, run_case

MEMORY = 4 << 30
_PATIENCE = 30.0
"""Seconds beyond the limit of an input after which its worker is given up."""


def class_modules() -> dict[str, ModuleType]:
    """Return the classes of hostile inputs by name."""
    names = sorted(path.stem for path in (ROOT / "tests" / "hostile" / "classes").glob("*.py"))
    return {name: importlib.import_module(f"tests.hostile.classes.{name}") for name in names}


def drawn(kind: str, seed: int, number: int) -> Case:
    """Return an input of a class: the same one for the same seed and number."""
    case: Case = class_modules()[kind].draw(random.Random(f"{seed} {kind} {number}"))
    return case


class Worker:
    """The parent's end: `answer` runs an input in a process that is started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._noise.close()

    def answer(self, kind: str, seed: int, number: int) -> dict[str, Any]:
        """Return the outcome of an input as a dictionary, with its `faults`."""
        case = drawn(kind, seed, number)
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{kind} {seed} {number}\n".encode())
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], case.seconds + _PATIENCE)
        line = process.stdout.readline() if ready else b""
        if line:
            return dict(json.loads(line))
        if ready:
            status = process.wait()
            sentence = f"the process died, status {status}: {self._said()}"
        else:
            sentence = f"it did not end {_PATIENCE:g} s after its limit of {case.seconds:g} s"
        self._end()
        return {"status": None, "out": "", "err": "", "seconds": 0.0, "changes": [], "faults": [sentence]}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            variables = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "OMP_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.hostile.worker"],
                cwd=ROOT,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._noise,
            )
        return self._process

    def _said(self) -> str:
        size = os.fstat(self._noise.fileno()).st_size
        said = os.pread(self._noise.fileno(), 4_000, max(0, size - 4_000))
        return " ".join(said.decode("utf-8", "replace").split())[-600:]

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _serve() -> None:
    """Answer every line of stdin; what libraries write past sys.stderr counts as said on stderr."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("always")  # Python shows a warning once a place; every input is to hear its own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        kind, seed, number = line.split()
        case = drawn(kind, int(seed), int(number))
        before = os.fstat(2).st_size
        outcome = run_case(case)
        document = asdict(outcome)
        past = os.pread(2, 20_000, before).decode("utf-8", "replace") if os.fstat(2).st_size > before else ""
        document["faults"] = [
            *faults(case, outcome),
            *([f"written past sys.stderr: {past[:300]}"] if past.strip() else []),
        ]
        for name in ("out", "err"):
            document[name] = document[name][-4_000:]
        answers.write(json.dumps(document) + "\n")
        answers.flush()


def given(case: Case) -> str:
    """Return an input in words, for the report of a fault."""
    files = [
        f"    {name}: {_shortened(content)}" if content is not None else f"    {name}/"
        for name, content in case.files.items()
    ]
    return "\n".join([f"  carlemanc {' '.join(case.command)[:400]}   {case.note}", *files])


def _shortened(content: Any) -> str:
    text, most = repr(content), 1_000 if isinstance(content, str) else 240
    return text if len(text) <= most else f"{text[: most - 60]} ... {text[-50:]}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    _serve()
