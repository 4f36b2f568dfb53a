"""Progress of long work: stages report through `track`, the command line decides how to show it.

The default reporter is silent, so library users see nothing; `carlemanc.cli` installs one that draws bars on
stderr for anything that lasts over a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Reporter(Protocol):
    """What a front end implements to show progress."""

    def start(self, label: str, total: int | None) -> None:
        """Begin a task of `total` units (None where unknown)."""

    def advance(self, amount: int = 1) -> None:
        """Record finished units of the innermost task."""

    def finish(self) -> None:
        """End the innermost task."""

    def foresee(self, what: str, seconds: float) -> None:
        """Say that work which is about to begin takes about so many seconds."""


class _Silent:
    def start(self, label: str, total: int | None) -> None:
        pass

    def advance(self, amount: int = 1) -> None:
        pass

    def finish(self) -> None:
        pass

    def foresee(self, what: str, seconds: float) -> None:
        pass


_reporter: ContextVar[Reporter] = ContextVar("carlemanc_reporter", default=_Silent())  # noqa: B039


@contextmanager
def reporting(reporter: Reporter) -> Iterator[None]:
    """Send the progress of everything inside the `with` block to `reporter`."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


@contextmanager
def task(label: str, total: int | None = None) -> Iterator[Reporter]:
    """Announce a task; call `.advance()` on the yielded reporter as units finish."""
    reporter = _reporter.get()
    reporter.start(label, total)
    try:
        yield reporter
    finally:
        reporter.finish()


def foresee(what: str, seconds: float) -> None:
    """Say that work which is about to begin takes about so many seconds (see `carlemanc.core.forecast`)."""
    _reporter.get().foresee(what, seconds)


def track(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield from `items`, reporting one unit per item."""
    with task(label, total) as reporter:
        for item in items:
            yield item
            reporter.advance()
