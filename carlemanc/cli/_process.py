"""The process of a command: its signals, and its streams whatever they are connected to.

SIGINT, SIGTERM and SIGHUP become a KeyboardInterrupt, so that nothing half-written is left; one that the parent
has set to be ignored (nohup, a background job) stays ignored. A library that turns the interrupt into an error of
its own, or drops it, does not hide it. A closed descriptor is filled, so that no file is opened in its place.
"""

from __future__ import annotations

import _thread
import atexit
import codecs
import io
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NARROWEST = 20
"""Columns that help and progress are laid out in at least."""
_LONGEST_WIDTH = 4
"""Digits of a width that a terminal may have."""
_STREAMS = ("stdin", "stdout", "stderr")
_caught: list[int] = []
"""The signals that have ended this process's work; more than one where the user asked again."""


def take_over() -> None:
    """Answer signals, and make the streams fit to write any text to."""
    for asked in _SIGNALS:
        if signal.getsignal(asked) is not signal.SIG_IGN:
            signal.signal(asked, _interrupt)
    sys.unraisablehook = _unraisable
    atexit.register(_end)
    os.environ.pop("MPLBACKEND", None)  # figures are files, whatever draws windows elsewhere
    for number, name in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            setattr(sys, name, _filled(number))
    codecs.register_error("carlemanc.escaped", _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _Stdout.around(sys.stdout)
    _set_width()


def leave(status: int) -> None:
    """End the part that can be interrupted: what is still to come is the interpreter's own end.

    After an interrupt worker processes end too, for whose rows the interpreter would wait, and the status is kept:
    the interpreter forgets it where the interrupt had come inside `exec` of a text, as the definition of every data
    class has one.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        flushed(stream)
    if _caught:
        if "multiprocessing" in sys.modules:
            import multiprocessing

            for child in multiprocessing.active_children():
                child.terminate()
        _end.status = status


class _End:
    """The last of all functions at exit: the first that was registered."""

    status: int | None = None

    def __call__(self) -> None:
        if self.status is not None:
            os._exit(self.status)


_end = _End()


def words() -> list[str]:
    """Return the arguments of the command line."""
    return sys.argv[1:]


def interruption() -> str:
    """Return the word for what ended the work."""
    number = _caught[0] if _caught else signal.SIGINT
    return "interrupted" if number == signal.SIGINT else f"interrupted by {signal.Signals(number).name}"


def interrupted() -> bool:
    """Return whether a signal has asked this process to end."""
    return bool(_caught)


def complain(message: str, status: int) -> int:
    """Say a last sentence on stderr, where anybody listens, and return the status."""
    from carlemanc.core.visible_text import visible

    with suppress(OSError):
        sys.stderr.write(visible(f"{message}\n"))
    flushed(sys.stderr)
    return status


def flushed(stream: TextIO) -> bool:
    """Flush a stream and return whether it could be; where not, what is left in it is dropped."""
    try:
        stream.flush()
    except OSError:
        _drop(stream)
        return False
    return True


class _Stdout(io.TextIOWrapper):
    """Stdout in any encoding; where it takes no more (a full disk, a closed descriptor), one sentence and status 2."""

    @classmethod
    def around(cls, stream: io.TextIOWrapper) -> _Stdout:
        """Take over the descriptor of a stream."""
        encoding, lines = stream.encoding, stream.line_buffering
        return cls(stream.detach(), encoding=encoding, errors="carlemanc.escaped", line_buffering=lines)

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise self._lost(error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: OSError) -> Exception:
        from carlemanc.core.errors import InputError

        _drop(self)
        if isinstance(error, BrokenPipeError):
            return error  # the reader has seen enough
        return InputError(f"the result cannot be written to stdout ({error.strerror})")


def _drop(stream: TextIO) -> None:
    """Let the descriptor of a stream lead nowhere, so that the end of the process says nothing about it."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _set_width() -> None:
    """Leave libraries a width that they can lay text out in: they loop where a word never fits."""
    for name in ("COLUMNS", "LINES"):
        text = os.environ.pop(name, "")
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_WIDTH and int(text):
            os.environ[name] = text
    try:
        width = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
    except OSError:  # no terminal
        return
    if 0 < width < _NARROWEST:
        os.environ["COLUMNS"] = str(_NARROWEST)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _caught.append(number)
    raise KeyboardInterrupt


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    """Ask again where an interrupt came inside a destructor or a callback, which would drop it."""
    if not issubclass(found.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(found)
    elif not sys.is_finalizing():
        _thread.start_new_thread(_ask_again, ())  # not from here: what a hook raises is dropped as well


def _ask_again() -> None:
    time.sleep(0.01)
    _thread.interrupt_main(signal.SIGINT)


def _filled(number: int) -> TextIO:
    """Return a stream on a closed descriptor: stdin is at its end, stdout refuses, stderr forgets."""
    opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    r"""Write what an encoding lacks as JSON does, \u03b3: a JSON document stays one in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end
