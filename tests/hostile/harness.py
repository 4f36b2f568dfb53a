"""One hostile input: a command line, the files it finds, how it is run, and what must hold whatever comes of it.

A class of inputs is a module of `tests/hostile/classes` with two names: `WEIGHT`, its share of a run, and
`draw(random) -> Case`, which makes one input from a `random.Random`. The same seed and number make the same input:
`python -m tests.hostile --class maps --seed 0 --only 17` runs one again.

What must hold (`faults`): a documented exit status; no traceback, no internal error, no library's raw warning and no
control character in what is said; valid JSON where JSON is asked for; something said where the status is not 0; an
end within the stated time; and where the status is 2, a directory that is as it was.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STATUSES = frozenset({0, 1, 2, 3})
"""What a command may end with; 130 belongs to interrupts."""
SECONDS = 60.0
"""The time limit of an input that states none: far above what any takes on a busy machine."""

_FORBIDDEN = re.compile(
    r"Traceback \(most recent call last\)|internal error|please report|Exception ignored|"
    r"(?:overflow|underflow|invalid value|divide by zero) encountered|[A-Za-z]+Warning\b|"
    r"Segmentation fault|Fatal Python error|core dumped|corrupted|^\s+File \"",
    re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HELP = {"--help", "-h", "--version"}
_LONGEST = 60_000
"""Characters of a message: it lists every problem, each of them shortened."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A file of so many bytes that takes no room: zeros that were never written."""

    size: int
    head: bytes = b""


Content = bytes | str | Hole | None
"""Of a file: bytes, text in UTF-8, a hole; None for a directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input.

    Attributes:
        command: the words after `carlemanc`; with `shell`, one word, a line of sh in which "$CARLEMANC" is the program.
        files: name relative to the working directory -> content.
        prepare: called with the directory after the files are written: links, permissions, times.
        environment: variables added; one that is None is taken away.
        statuses: with which it may end.
        seconds: within which it has to.
        process: run in a process of its own (one second and more); else inside the worker.
        shell: run the line by sh, in a process of its own.
        interrupt: seconds after which the process gets Ctrl-C.
        expect: text that has to be in what is said.
        note: what is hostile about it, for the reader of a failure.
    """

    command: tuple[str, ...]
    files: Mapping[str, Content] = field(default_factory=dict)
    prepare: Callable[[Path], None] | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)
    statuses: frozenset[int] = STATUSES
    seconds: float = SECONDS
    process: bool = False
    shell: bool = False
    interrupt: float | None = None
    expect: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an input; `status` is None where the time limit ended it."""

    status: int | None
    out: str
    err: str
    seconds: float
    changes: tuple[str, ...]


def run_case(case: Case) -> Outcome:
    """Run an input in a fresh directory, which is removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="hostile-")).resolve()
    try:
        place = directory / "work"
        place.mkdir()
        _write(case, place)
        before = _contents(place)
        start = time.perf_counter()
        apart = case.process or case.shell or case.interrupt is not None
        status, out, err = _run_apart(case, place) if apart else _run_inside(case, place)
        seconds = time.perf_counter() - start
        return Outcome(
            status=status, out=out, err=err, seconds=seconds, changes=_changes(before, _contents(place))
        )
    finally:
        _make_removable(directory)
        shutil.rmtree(directory, ignore_errors=True)


def faults(case: Case, outcome: Outcome) -> list[str]:
    """Return what does not hold, one sentence each."""
    if outcome.status is None:
        return [f"it had not ended after {case.seconds:g} s"]
    found = []
    if outcome.status not in case.statuses:
        found.append(f"status {outcome.status}, not one of {sorted(case.statuses)}")
    for name, text in (("stderr", outcome.err), ("stdout", outcome.out)):
        if match := _FORBIDDEN.search(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 :].splitlines()[0]
            found.append(f"{name} says: {line[:300]}")
        if match := _CONTROL.search(text):
            found.append(f"{name} has the control character {match[0]!a}")
    if outcome.status not in (0, 141) and not outcome.err.strip() and not case.shell:
        found.append(f"status {outcome.status} and no word on stderr")
    if len(outcome.err) > _LONGEST:
        found.append(f"a message of {len(outcome.err)} characters")
    if outcome.status == 2 and outcome.changes:
        found.append(f"status 2, and changed: {', '.join(outcome.changes)}")
    if any(".partial" in change for change in outcome.changes):
        found.append(f"half-written output is left: {', '.join(outcome.changes)}")
    if outcome.status == 0 and "--json" in case.command and not _HELP & set(case.command):
        found.extend(_json_faults(outcome.out))
    if case.expect and case.expect not in outcome.err + outcome.out:
        found.append(f"nothing says {case.expect!r}: {outcome.err[:300]}")
    return found


def _json_faults(text: str) -> list[str]:
    def refuse(word: str) -> float:
        raise ValueError(f"the constant {word}, which JSON lacks")

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError as error:
        return [f"stdout is no JSON document: {error}"]
    return []


def _write(case: Case, place: Path) -> None:
    for name, content in case.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(content, Hole):
            with path.open("wb") as file:
                file.write(content.head)
                file.truncate(content.size)
        else:
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    if case.prepare is not None:
        case.prepare(place)


def _contents(place: Path) -> dict[str, tuple[int, int, int]]:
    """Return kind, size and time of change of everything below a directory; links are not followed."""
    found = {}
    for folder, folders, names in os.walk(place):
        for name in (*folders, *names):
            path = Path(folder, name)
            facts = path.lstat()
            directory = path.is_dir() and not path.is_symlink()
            found[str(path.relative_to(place))] = (
                facts.st_mode,
                0 if directory else facts.st_size,
                0 if directory else facts.st_mtime_ns,
            )
    return found


def _changes(
    before: Mapping[str, tuple[int, int, int]], after: Mapping[str, tuple[int, int, int]]
) -> tuple[str, ...]:
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _make_removable(directory: Path) -> None:
    for folder, folders, _ in os.walk(directory):
        for name in folders:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o700)


class _OutOfTime(BaseException):
    """No `Exception`: the command line would take it for a fault of its own."""


def _run_inside(case: Case, place: Path) -> tuple[int | None, str, str]:
    from carlemanc.cli._app import main

    out, err = _Stream(), _Stream()
    try:
        with _inside(case, place), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status: int | None = main(case.command)
            except SystemExit as error:
                status = error.code if isinstance(error.code, int) else 1
    except _OutOfTime:
        status = None
    return status, out.text(), err.text()


class _Stream(io.TextIOWrapper):
    """A stream in memory with the encoding and the buffer of a real one."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)

    def text(self) -> str:
        """Return what was written."""
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _inside(case: Case, place: Path) -> Iterator[None]:
    """Set directory, environment and alarm for a block, and set them back."""

    def out_of_time(number: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    home, variables = Path.cwd(), dict(os.environ)
    previous = signal.signal(signal.SIGALRM, out_of_time)
    os.chdir(place)
    for name, value in case.environment.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    signal.setitimer(signal.ITIMER_REAL, case.seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(home)


ROOT = Path(__file__).resolve().parents[2]


def _run_apart(case: Case, place: Path) -> tuple[int | None, str, str]:
    """Run in a process group of its own; a shell finds the program as "$CARLEMANC"."""
    program = [sys.executable, "-m", "carlemanc"]
    variables = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CARLEMANC": " ".join(program),
        "COLUMNS": "100",
        **{name: value for name, value in case.environment.items() if value is not None},
    }
    for name, value in case.environment.items():
        if value is None:
            variables.pop(name, None)
    words = ["sh", "-c", case.command[0]] if case.shell else [*program, *case.command]
    with subprocess.Popen(
        words,
        cwd=place,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            if case.interrupt is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=case.interrupt)
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=case.seconds)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            status = None
    return status, out.decode("utf-8", "backslashreplace"), err.decode("utf-8", "backslashreplace")
