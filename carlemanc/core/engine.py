"""Where jobs are computed: in this process, in local ones that end with it, or on an existing Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol, TypeVar

from carlemanc.core.errors import CheckFailed
from carlemanc.core.option_check import check_processes
from carlemanc.core.workers import dask_cluster, follow_parent, starting_workers

J = TypeVar("J")
R = TypeVar("R")

_AHEAD = 4
"""Jobs handed to each process before results are waited for, where their order does not matter."""


class Engine(Protocol):
    """Computes a function of many jobs."""

    def in_order(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        """Yield the results in the order of the jobs."""

    def as_finished(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        """Yield the results as they are finished, in any order."""


@contextmanager
def engine(*, processes: int, scheduler: str | None, lost: str) -> Iterator[Engine]:
    """Yield what computes jobs; its processes end with the block.

    A scheduler is reached, or refused, before anything else is done.

    Args:
        processes: local processes; 1 works in this one.
        scheduler: address of a Dask scheduler instead, such as tcp://127.0.0.1:8786.
        lost: what is said of a worker process that died, in words: that it did, and what is kept.

    Raises:
        InputError: the scheduler cannot be reached, or Dask is not installed.
        CheckFailed: from the methods, a worker process or the cluster died.
    """
    check_processes(processes)
    if scheduler is not None:
        with dask_cluster(scheduler) as cluster:
            yield cluster
    elif processes == 1:
        yield _Serial()
    else:
        found = _Processes(processes, lost)
        try:
            yield found
        finally:
            found.close()


class _Serial:
    def in_order(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        return map(function, jobs)

    as_finished = in_order


class _Processes:
    """Local processes, started by the first jobs."""

    def __init__(self, count: int, lost: str) -> None:
        self._count, self._lost = count, lost
        self._own: list[ProcessPoolExecutor] = []
        """A pool for each process: in order, a job's place in the list decides where it is computed, every time."""
        self._shared: list[ProcessPoolExecutor] = []

    def in_order(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        while len(self._own) < self._count:
            self._own.append(_pool(1))
        with starting_workers():
            futures = [self._own[place % self._count].submit(function, job) for place, job in enumerate(jobs)]
        yield from map(self._result, futures)

    def as_finished(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[R]:
        """Work in this process where there is one job."""
        if len(jobs) <= 1:
            yield from map(function, jobs)
            return
        pool = _pool(min(self._count, len(jobs)))
        self._shared.append(pool)
        pending: set[Future[R]] = set()
        for job in jobs:
            with starting_workers():
                pending.add(pool.submit(function, job))
            if len(pending) >= _AHEAD * self._count:
                yield from self._finished(pending)
        while pending:
            yield from self._finished(pending)

    def close(self) -> None:
        for pool in (*self._own, *self._shared):
            pool.shutdown(wait=False, cancel_futures=True)

    def _finished(self, pending: set[Future[R]]) -> Iterator[R]:
        """Yield the results that are there, waiting for at least one, and take them out of `pending`."""
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        pending -= done
        yield from map(self._result, done)

    def _result(self, future: Future[R]) -> R:
        try:
            return future.result()
        except (BrokenProcessPool, BrokenPipeError) as error:
            advice = "run the same command again, with --processes 1 if memory is short"
            raise CheckFailed(f"{self._lost}: {advice}") from error


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(os.getpid(),),
    )


def _start(parent: int) -> None:
    """Begin a worker: it ends with its parent, and says a warning in one line without a path."""
    follow_parent(parent)
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"
