"""A cluster that is lost is one sentence, and its rows so far are kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import CancelledError
from typing import Any

import pytest

from carlemanc.core.errors import CheckFailed
from carlemanc.core.workers import DaskCluster, _silent_logs, starting_workers


class KilledWorker(Exception):
    """As Dask names it."""


class Future:
    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def result(self) -> Any:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


class Client:
    """What `DaskCluster` uses of Dask's client."""

    def map(self, function: Any, jobs: list[Any], *, pure: bool) -> list[Future]:
        assert not pure
        return [Future(function(job)) for job in jobs]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CancelledError(), "the Dask scheduler has gone; what was computed so far is kept"),
        (KilledWorker("row", 3), "workers of the Dask cluster died"),
        (ModuleNotFoundError("no carlemanc"), "a worker of the cluster cannot import what it needs"),
    ],
)
def test_what_a_cluster_does_not_compute_is_one_sentence(error: Exception, said: str) -> None:
    found = DaskCluster(Client()).in_order(lambda job: error if job == 2 else job, [0, 1, 2])
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(CheckFailed, match=said):
        next(found)


def test_a_bug_in_a_job_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        list(DaskCluster(Client()).in_order(lambda job: ZeroDivisionError(), [0]))


def test_logs_of_dask_are_silent_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("distributed.client")
    logger.setLevel(logging.WARNING)
    with _silent_logs():
        logger.error("Traceback (most recent call last)")
    assert caplog.records == []
    assert logger.level == logging.WARNING
    logger.error("after")
    assert [record.message for record in caplog.records] == ["after"]


def test_processes_that_start_are_not_interrupted() -> None:
    told = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"

    def child() -> str:
        command = [sys.executable, "-S", "-c", told]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    with starting_workers():
        assert child() == "True\n"
    assert child() == "False\n"
