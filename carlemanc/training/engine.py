"""Where jobs are computed, results in the order of the jobs: this process, local ones, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Protocol

from carlemanc.core.errors import CheckFailed
from carlemanc.core.option_check import check_processes
from carlemanc.core.workers import DaskCluster, dask_cluster, follow_parent, starting_workers


class Engine(Protocol):
    """Computes a function of many jobs."""

    def map(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Any]:
        """Yield the results in the order of the jobs."""


class _Serial:
    def map(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Any]:
        yield from map(function, jobs)


class _Processes:
    """One pool for each process, so that a job's place in the list decides where it is computed, every time."""

    def __init__(self, pools: Sequence[ProcessPoolExecutor]) -> None:
        self._pools = pools

    def map(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Any]:
        with starting_workers():
            futures = [
                self._pools[place % len(self._pools)].submit(function, job) for place, job in enumerate(jobs)
            ]
        try:
            for future in futures:
                yield future.result()
        except (BrokenProcessPool, BrokenPipeError) as error:
            raise CheckFailed(
                "a worker process died (out of memory, or killed); the steps so far are kept: run the same "
                "command again, with --processes 1 if memory is short"
            ) from error


class _Cluster:
    def __init__(self, cluster: DaskCluster) -> None:
        self._cluster = cluster

    def map(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Any]:
        yield from self._cluster.in_order(function, jobs)


@contextmanager
def engine(*, processes: int = 1, scheduler: str | None = None) -> Iterator[Engine]:
    """Yield what computes jobs; its processes end with the block.

    Args:
        processes: local processes; 1 works in this one.
        scheduler: address of a Dask scheduler instead, such as tcp://127.0.0.1:8786.

    Raises InputError where the scheduler cannot be reached or Dask is not installed.
    """
    check_processes(processes)
    if scheduler is not None:
        with dask_cluster(scheduler) as cluster:
            yield _Cluster(cluster)
    elif processes == 1:
        yield _Serial()
    else:
        context = multiprocessing.get_context("spawn")
        pools = [
            ProcessPoolExecutor(1, mp_context=context, initializer=follow_parent, initargs=(os.getpid(),))
            for _ in range(processes)
        ]
        try:
            yield _Processes(pools)
        finally:
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)
