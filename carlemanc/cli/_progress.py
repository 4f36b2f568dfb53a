"""Progress on stderr: bars on a terminal for what lasts over a second, an occasional line elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carlemanc.core.progress import reporting

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

BAR_AFTER_S = 1.0
LINE_EVERY_S = 10.0
_TICK_S = 0.25
_UNITS = ((7200, 3600, "h"), (120, 60, "min"), (0, 1, "s"))
"""From how many seconds on a unit is used, its seconds, its name."""


@dataclass(slots=True)
class _Running:
    label: str
    total: int | None
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    bar: TaskID | None = None
    spoken: float = 0.0


class StderrReporter:
    """A `Reporter`: the stages push tasks, a clock thread draws those that have lasted long enough."""

    def __init__(
        self, *, terminal: bool, bar_after_s: float = BAR_AFTER_S, line_every_s: float = LINE_EVERY_S
    ):
        self._terminal = terminal
        self._bar_after_s = bar_after_s
        self._line_every_s = line_every_s
        self._stack: list[_Running] = []
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._clock: threading.Thread | None = None
        self._bars: Progress | None = None

    def start(self, label: str, total: int | None) -> None:
        """Begin a task inside the current one."""
        with self._lock:
            self._stack.append(_Running(label, total))
        if self._clock is None:
            self._clock = threading.Thread(target=self._watch, name="progress", daemon=True)
            self._clock.start()

    def advance(self, amount: int = 1) -> None:
        """Count finished units; drawing is the clock's work, so this is cheap."""
        if self._stack:
            self._stack[-1].done += amount

    def finish(self) -> None:
        """End the innermost task and take its bar away."""
        with self._lock:
            ended = self._stack.pop()
            if self._bars is not None and ended.bar is not None:
                self._bars.remove_task(ended.bar)

    def foresee(self, what: str, seconds: float) -> None:
        """Write one line before long work begins, above the bars where there are some; each line once."""
        line = f"about {_duration(seconds)}: {what} ..."
        with self._lock:
            if line in self._told:
                return
            self._told.add(line)
            if self._bars is None:
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()
            else:
                self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Stop the clock and clear the terminal."""
        self._over.set()
        if self._clock is not None:
            self._clock.join(timeout=2.0)
        with self._lock:
            if self._bars is not None:
                self._bars.stop()
                self._bars = None

    def _watch(self) -> None:
        while not self._over.wait(_TICK_S):
            with self._lock:
                if self._over.is_set():
                    return
                if self._terminal:
                    self._draw()
                else:
                    self._speak()

    def _draw(self) -> None:
        now = time.monotonic()
        for running in self._stack:
            if running.bar is None and now - running.started >= self._bar_after_s:
                running.bar = self._open_bars().add_task(running.label, total=running.total)
            if self._bars is not None and running.bar is not None:
                self._bars.update(running.bar, completed=running.done)

    def _open_bars(self) -> Progress:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bars = Progress(console=Console(stderr=True), transient=True)
            self._bars.start()
        return self._bars

    def _speak(self) -> None:
        now = time.monotonic()
        for running in self._stack[-1:]:
            if now - max(running.started, running.spoken) >= self._line_every_s:
                running.spoken = now
                share = f" {100 * running.done // running.total} %" if running.total else ""
                sys.stderr.write(f"{running.label}:{share} after {now - running.started:.0f} s\n")
                sys.stderr.flush()


def _duration(seconds: float) -> str:
    """Return a forecast in one or two digits: more would say more than is known."""
    unit, name = next((unit, name) for least, unit, name in _UNITS if seconds >= least)
    return f"{float(f'{seconds / unit:.1g}'):g} {name}"


@contextmanager
def progress_on_stderr() -> Iterator[None]:
    """Show the progress of the block on stderr."""
    reporter = StderrReporter(terminal=sys.stderr.isatty())
    try:
        with reporting(reporter):
            yield
    finally:
        reporter.close()
