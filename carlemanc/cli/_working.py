"""Around the work of a verb: progress shown, warnings as one line each, stdout kept for the result."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from carlemanc.cli._figures_place import give_matplotlib_a_place
from carlemanc.cli._output import note
from carlemanc.cli._progress import progress_on_stderr
from carlemanc.core.double_precision import within_double_precision

_HIDDEN = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning, ResourceWarning)


@contextmanager
def working() -> Iterator[None]:
    """Run the block with progress and warnings on stderr; whatever a library prints goes there too.

    Raises InputError where arithmetic leaves double precision.
    """
    give_matplotlib_a_place()
    with redirect_stdout(sys.stderr), progress_on_stderr(), warnings.catch_warnings():
        for category in _HIDDEN:
            warnings.simplefilter("ignore", category)
        warnings.showwarning = _one_line
        with within_double_precision():
            yield


def _one_line(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    note(f"warning: {message}")
