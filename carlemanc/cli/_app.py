"""The `carlemanc` command: an interrupt ends it in one word, from the first import to the last line.

Only what is needed to answer a signal is imported before the signals are taken over; the verbs come afterwards.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (CONTRACT section 3): 0, 1, 2, 3 or 130.

    Without arguments it is the process's own command: those of the command line are taken, and its signals and
    streams are made ready.
    """
    own = arguments is None
    try:
        from carlemanc.cli import _process

        if own:
            _process.take_over()
        from carlemanc.cli._commands import run

        status = run(_process.words() if arguments is None else list(arguments))
        if _process.interrupted():  # and what dropped it went on to the end
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        from carlemanc.cli import _process  # the interrupt may have come before

        status = _process.complain(_process.interruption(), EXIT_INTERRUPTED)
    if own:
        _process.leave(status)
    return status
