"""Where rows are computed: in this process, in a few local processes, or on an existing Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

from carlemanc.core.errors import CheckFailed
from carlemanc.core.workers import dask_cluster, follow_parent, starting_workers
from carlemanc.sweep.row import Job, compute_row

_AHEAD = 4
"""Jobs handed to each process before its results are waited for."""


Compute = Callable[[Sequence[Job]], Iterator[dict[str, Any]]]
"""Jobs -> their rows as they are finished, in any order."""


@contextmanager
def row_engine(*, processes: int, scheduler: str | None) -> Iterator[Compute]:
    """Yield what computes rows; a scheduler is reached, or refused, before anything else is done.

    Args:
        processes: local processes; 1 works in this one.
        scheduler: address of a Dask scheduler instead, such as tcp://host:8786.

    Raises:
        InputError: the scheduler cannot be reached, or Dask is not installed.
        CheckFailed: from `Compute`, a worker process or the cluster died.
    """
    if scheduler is not None:
        with dask_cluster(scheduler) as cluster:
            yield partial(cluster.as_finished, compute_row)
    elif processes == 1:
        yield partial(map, compute_row)
    else:
        yield partial(_in_processes, processes=processes)


def _in_processes(jobs: Sequence[Job], processes: int) -> Iterator[dict[str, Any]]:
    """Work in local processes, in this one where there is one job."""
    if len(jobs) <= 1:
        yield from map(compute_row, jobs)
        return
    pending: set[Future[dict[str, Any]]] = set()
    waiting = iter(jobs)
    pool = ProcessPoolExecutor(
        min(processes, len(jobs)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(os.getpid(),),
    )
    try:
        for job in waiting:
            with starting_workers():
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
