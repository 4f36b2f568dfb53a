"""Where rows are computed: in this process, in a few local processes, or on an existing Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from carlemanc.core.errors import CheckFailed, InputError, Problem
from carlemanc.sweep.row import Job, compute_row

_AHEAD = 4
"""Jobs handed to each process before its results are waited for."""


def compute_rows(jobs: Sequence[Job], *, processes: int, scheduler: str | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of the jobs as they are finished, in any order.

    Args:
        jobs: grid points.
        processes: local processes; 1 works in this one.
        scheduler: address of a Dask scheduler instead, such as tcp://host:8786.

    Raises:
        InputError: the scheduler cannot be reached, or Dask is not installed.
        CheckFailed: a worker process died (out of memory, killed).
    """
    if scheduler is not None:
        yield from _on_cluster(jobs, scheduler)
    elif processes <= 1 or len(jobs) <= 1:
        yield from map(compute_row, jobs)
    else:
        yield from _in_processes(jobs, min(processes, len(jobs)))


def _in_processes(jobs: Sequence[Job], processes: int) -> Iterator[dict[str, Any]]:
    pending: set[Future[dict[str, Any]]] = set()
    waiting = iter(jobs)
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_follow_parent,
        initargs=(os.getpid(),),
    )
    try:
        for job in waiting:
            pending.add(pool.submit(compute_row, job))
            if len(pending) >= _AHEAD * processes:
                yield from _finished(pending)
        while pending:
            yield from _finished(pending)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(pending: set[Future[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield the rows that are there, waiting for at least one, and take them out of `pending`."""
    done, _ = wait(pending, return_when=FIRST_COMPLETED)
    pending -= done
    for future in done:
        try:
            yield future.result()
        except BrokenPipeError as error:
            raise _died() from error
        except Exception as error:
            if type(error).__name__ == "BrokenProcessPool":
                raise _died() from error
            raise


def _died() -> CheckFailed:
    return CheckFailed(
        "a worker process of the sweep died (out of memory, or killed); the rows so far are kept: "
        "run the same command again, with --processes 1 if memory is short"
    )


def _follow_parent(parent: int) -> None:
    """Leave interrupts to the parent, and end when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_cluster(jobs: Sequence[Job], address: str) -> Iterator[dict[str, Any]]:
    try:
        from distributed import Client, as_completed  # type: ignore[attr-defined,import-not-found,unused-ignore]
    except ImportError:
        problem = Problem(
            where="--scheduler",
            found="no package distributed",
            allowed="the extra: pip install 'carlemanc[distributed]'",
        )
        raise InputError("a Dask cluster needs Dask", [problem]) from None
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, ValueError, TimeoutError) as error:
        problem = Problem(
            where="--scheduler",
            found=f"{address}: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            allowed="the address of a running Dask scheduler, such as tcp://127.0.0.1:8786",
        )
        raise InputError("the Dask scheduler cannot be reached", [problem]) from None
    with client:
        futures = client.map(compute_row, list(jobs), pure=False)
        for future in as_completed(futures):  # type: ignore[no-untyped-call,unused-ignore]
            yield future.result()
