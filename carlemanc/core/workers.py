"""Worker processes that end with their parent, and the connection to an existing Dask cluster."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, TypeVar

from carlemanc.core.errors import CheckFailed, InputError, Problem

J = TypeVar("J")
R = TypeVar("R")

_TALKATIVE = ("distributed", "tornado")
PATIENCE = 10
"""Seconds that a scheduler is waited for."""


def follow_parent(parent: int) -> None:
    """Leave interrupts to the parent, and end when it is gone, however it went: the initializer of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def starting_workers() -> Iterator[None]:
    """Let processes that start in the block not be interrupted before `follow_parent` has begun in them.

    Ctrl-C reaches every process of the terminal, those too that are still importing what they need; they inherit
    that it is blocked.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class DaskCluster:
    """An existing Dask cluster; what it does not compute any more is one sentence."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def in_order(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        """Yield the results in the order of the jobs. Raises CheckFailed where the cluster is lost."""
        yield from map(_result, self._client.map(function, list(jobs), pure=False))

    def as_finished(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        """Yield the results as they are finished. Raises CheckFailed where the cluster is lost."""
        from distributed import as_completed  # type: ignore[attr-defined,import-not-found,unused-ignore]

        futures = self._client.map(function, list(jobs), pure=False)
        yield from map(_result, as_completed(futures))  # type: ignore[no-untyped-call,unused-ignore]


@contextmanager
def dask_cluster(address: str) -> Iterator[DaskCluster]:
    """Yield the cluster of the Dask scheduler at an address; Dask's own log lines are not shown.

    Raises InputError where Dask is not installed or the scheduler cannot be reached.
    """
    try:
        from distributed import Client  # type: ignore[attr-defined,import-not-found,unused-ignore]
    except ImportError:
        problem = Problem(
            where="--scheduler",
            found="no package distributed",
            allowed="the extra: pip install 'carlemanc[distributed]'",
        )
        raise InputError("a Dask cluster needs Dask", [problem]) from None
    with _silent_logs():
        gc.collect()  # a client that met no scheduler is closed here: in the loop of the next, each waits for the other
        try:
            client = Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call,unused-ignore]
        except (OSError, ValueError, TypeError, TimeoutError) as error:
            problem = Problem(
                where="--scheduler",
                found=f"{address}: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
                allowed="the address of a running Dask scheduler, such as tcp://127.0.0.1:8786",
            )
            raise InputError("the Dask scheduler cannot be reached", [problem]) from None
        with client:
            yield DaskCluster(client)


def _result(future: Any) -> Any:
    try:
        return future.result()
    except CancelledError:
        reason = "the Dask scheduler has gone"
    except ImportError as error:
        reason = f"a worker of the cluster cannot import what it needs ({error})"
    except Exception as error:
        if type(error).__name__ != "KilledWorker":
            raise
        reason = "workers of the Dask cluster died (out of memory, or killed)"
    raise CheckFailed(f"{reason}; what was computed so far is kept: run the same command again") from None


@contextmanager
def _silent_logs() -> Iterator[None]:
    """Keep the loggers of Dask and its event loop quiet: they tell a lost connection as a traceback."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _TALKATIVE]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
