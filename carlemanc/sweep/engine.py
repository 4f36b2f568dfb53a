"""Where rows are computed: in this process, in a few local processes, or on an existing Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from carlemanc.core.errors import CheckFailed
from carlemanc.core.workers import dask_client, follow_parent
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
        initializer=_start,
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


def _start(parent: int) -> None:
    """Begin a worker: it ends with its parent, and says a warning in one line without a path."""
    follow_parent(parent)
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"


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


def _on_cluster(jobs: Sequence[Job], address: str) -> Iterator[dict[str, Any]]:
    with dask_client(address) as client:
        from distributed import as_completed  # type: ignore[attr-defined,import-not-found,unused-ignore]

        futures = client.map(compute_row, list(jobs), pure=False)
        for future in as_completed(futures):  # type: ignore[no-untyped-call,unused-ignore]
            yield future.result()
