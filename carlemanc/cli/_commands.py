"""The verbs, loaded when called, and the one map from exceptions to exit statuses."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from carlemanc import __version__
from carlemanc.cli._process import complain, flushed, interrupted
from carlemanc.cli._verbs import VERBS
from carlemanc.core.errors import CarlemancError

_EXIT_CHECK_FAILED = 1
_EXIT_USAGE = 2
_EXIT_TOO_LARGE = 3

_SURROUNDINGS = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EPERM,
        errno.EROFS,
    }
)
"""Errors of the machine and its file systems, whatever the command was about."""


def build_app() -> App:
    """Return the command line; verbs are import strings, resolved on first use."""
    app = App(
        name="carlemanc",
        help="Compile the training of a machine-learning model into a quantum program, run it and price it.",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    for verb, purpose in VERBS.items():
        app.command(f"carlemanc.cli.{verb}:{verb}", name=verb, help=purpose, sort_key=list(VERBS).index(verb))
    return app


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit status, 0, 1, 2 or 3; KeyboardInterrupt where it was interrupted."""
    try:
        status = _dispatch(list(words))
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    except CarlemancError as error:
        return complain(f"error: {error}", error.exit_status)
    except MemoryError:
        return complain("error: out of memory; a smaller n, N or T would fit", _EXIT_TOO_LARGE)
    except Exception as error:
        if interrupted():  # a library made an error of its own from it
            raise KeyboardInterrupt from error
        if os.environ.get("CARLEMANC_TRACEBACK"):
            raise
        if isinstance(error, OSError) and (sentence := _of_the_surroundings(error)):
            return complain(f"error: {sentence}", _EXIT_USAGE)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return complain(
            f"internal error, please report it (CARLEMANC_TRACEBACK=1 shows where): {reason}",
            _EXIT_CHECK_FAILED,
        )
    return status


def _dispatch(words: list[str]) -> int:
    app = build_app()
    try:
        status = app(
            words or ["--help"], exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as error:
        verb = words[0] if words and words[0] in VERBS else ""
        return complain(f"error: {error}\nsee: carlemanc {verb} --help".replace("  ", " "), _EXIT_USAGE)
    return status if isinstance(status, int) else 0


def _of_the_surroundings(error: OSError) -> str:
    """Return what the machine refused, in a sentence; empty where it is no error of its own."""
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return "the working directory was removed: change to one that exists"
    if error.errno in _SURROUNDINGS:
        place = f" at {error.filename}" if error.filename else ""
        return f"the system refused a file{place} ({error.strerror})"
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return f"{error.strerror or error}: set TMPDIR to a directory that can be written"
    return ""


def _reader_gone() -> int:
    """Whoever read our output has left (`| head`): nothing more to say, and no complaint at exit."""
    for stream in (sys.stdout, sys.stderr):
        flushed(stream)
    return 0
