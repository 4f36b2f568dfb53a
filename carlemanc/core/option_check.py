"""Options that are whole numbers, checked before any work, in Python as on the command line."""

from __future__ import annotations

from carlemanc.core.errors import InputError, Problem

MOST_PROCESSES = 1024
"""Local processes that one command starts: each is a Python of some hundred megabytes."""


def check_seed(seed: int) -> None:
    """Raise InputError for a seed that no generator takes."""
    check_options({"--seed": (seed, 0, None)})


def check_processes(processes: int) -> None:
    """Raise InputError for a number of processes that cannot be started."""
    check_options({"--processes": (processes, 1, MOST_PROCESSES)})


def check_options(given: dict[str, tuple[int, int, int | None]]) -> None:
    """Raise InputError, all problems at once, for options outside their range.

    Args:
        given: option -> (value, least, most); None where there is no most.

    >>> check_options({"--columns": (3, 1, None)})
    """
    problems = [
        Problem(
            where=name,
            found=str(value),
            allowed=f"an integer, at least {least}" + ("" if most is None else f", at most {most}"),
        )
        for name, (value, least, most) in given.items()
        if value < least or (most is not None and value > most)
    ]
    if problems:
        raise InputError("bad option" if len(problems) == 1 else "bad options", problems)
