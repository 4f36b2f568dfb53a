"""The `carlemanc` command: verbs loaded when called, and the one map from exceptions to exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from carlemanc import __version__
from carlemanc.core.errors import CarlemancError
from carlemanc.core.visible_text import visible

VERBS = {
    "derive": "The polynomial map F_l of a spec and the blocks of A by powers of eta.",
    "analyze": "Regime, certified truncation error, condition number, classical cost.",
    "system": "The classical linear system: L.npz, b.npy, system.json.",
    "compile": "Circuits and their manifest, for each stage and file format.",
    "run": "Compile, run on a simulator, compare theta(T) with gradient descent.",
    "estimate": "Gates, qubits and queries of the compiled circuit.",
    "solvers": "Every linear-system solver's cost for this system, and the cheapest.",
    "verify": "Columns of the emitted block encoding against the classical operator, at any size.",
    "sweep": "A grid of estimates over any keys, in parallel, resumable.",
    "report": "One self-contained HTML or Markdown page about the results in a directory.",
    "train": "The sparse-training schedule: prune, evolve, download, re-upload.",
    "dissipation": "Hessian spectrum of a spec or a PyTorch model, mode counts, error proxy.",
    "examples": "The packaged specs; their names are accepted wherever a SPEC is.",
    "init": "A spec to start from, with every key explained.",
    "schema": "The JSON schema of a spec.",
}

_EXIT_CHECK_FAILED = 1
_EXIT_USAGE = 2
_EXIT_TOO_LARGE = 3
_EXIT_INTERRUPTED = 130


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (CONTRACT section 3): 0, 1, 2, 3 or 130."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    except KeyboardInterrupt:
        return _complain("interrupted", _EXIT_INTERRUPTED)
    except CarlemancError as error:
        return _complain(f"error: {error}", error.exit_status)
    except MemoryError:
        return _complain("error: out of memory; a smaller n, N or T would fit", _EXIT_TOO_LARGE)
    except Exception as error:
        if os.environ.get("CARLEMANC_TRACEBACK"):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _complain(
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
        return _complain(f"error: {error}\nsee: carlemanc {verb} --help".replace("  ", " "), _EXIT_USAGE)
    return status if isinstance(status, int) else 0


def _complain(message: str, status: int) -> int:
    try:
        print(visible(message), file=sys.stderr, flush=True)  # noqa: T201
    except BrokenPipeError:
        return _reader_gone(status)
    return status


def _reader_gone(status: int = 0) -> int:
    """Whoever read our output has left (`| head`): nothing more to say, and no complaint at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return status
