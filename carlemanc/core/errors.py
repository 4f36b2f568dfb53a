"""Errors a user can meet, each with its documented exit status, and the one kind that is our own bug.

Every `CarlemancError` renders as plain text for stderr; the command line prints it without a traceback and
exits with `exit_status` (CONTRACT section 3: 1 failed its own check, 2 bad input or usage, 3 too large).
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_TOLD = 20
"""Problems that a message tells in full; the rest are counted."""


class CarlemancError(Exception):
    """Base of every error that is the user's to fix; `str(error)` is the whole message."""

    exit_status = 2


class InternalError(Exception):
    """A broken invariant of carlemanc itself: please report it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input: where, what was found, what is allowed, what to do."""

    where: str
    """File and key, e.g. `spec.toml: training.steps`."""
    found: str
    allowed: str
    help: str = ""

    def render(self) -> str:
        """Return the problem as indented lines."""
        lines = [f"  {self.where}", f"    found:   {self.found}", f"    allowed: {self.allowed}"]
        if self.help:
            lines.append(f"    help:    {self.help}")
        return "\n".join(lines)


class InputError(CarlemancError):
    """Bad input or usage (exit status 2): one title and any number of `Problem`s, reported together."""

    exit_status = 2

    def __init__(self, title: str, problems: tuple[Problem, ...] | list[Problem] = ()) -> None:
        self.title = title
        self.problems = tuple(problems)
        told = [problem.render() for problem in self.problems[:MOST_TOLD]]
        if len(self.problems) > MOST_TOLD:
            told.append(f"  and {len(self.problems) - MOST_TOLD:,} more of these")
        super().__init__("\n".join([title, *told]))


class CheckFailed(CarlemancError):
    """The work ran and its result failed its own check (exit status 1)."""

    exit_status = 1


class TooLarge(CarlemancError):
    """The input exceeds what the chosen method can hold (exit status 3)."""

    exit_status = 3

    def __init__(self, what: str, *, size: str, limit: str, instead: str) -> None:
        super().__init__(f"{what} is too large: {size}; the limit is {limit}. {instead}")
