"""The reporter off a terminal: silent when short, an occasional line when long, nested tasks in order."""

import time

import pytest

from carlemanc.cli._progress import StderrReporter
from carlemanc.core.progress import reporting, task, track


def test_short_tasks_say_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = StderrReporter(terminal=False)
    with reporting(reporter):
        assert list(track([1, 2, 3], "short")) == [1, 2, 3]
    reporter.close()
    assert capsys.readouterr() == ("", "")


def test_long_tasks_say_how_far_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = StderrReporter(terminal=False, line_every_s=0.3)
    with reporting(reporter), task("outer"), task("inner", 4) as inner:
        inner.advance()
        time.sleep(1.2)
    reporter.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("inner: 25 % after ") for line in lines)


def test_a_task_that_fails_is_closed() -> None:
    reporter = StderrReporter(terminal=False)
    with reporting(reporter):
        with pytest.raises(ValueError, match="odd"), task("failing"):
            raise ValueError("odd")
        with task("next") as running:
            running.advance()
    reporter.close()
