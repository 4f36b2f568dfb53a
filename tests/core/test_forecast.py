"""Work that is long is announced before it begins, by what was counted of it; what is short is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carlemanc.cli._progress import StderrReporter
from carlemanc.core import forecast
from carlemanc.core.errors import TooLarge
from carlemanc.core.forecast import AMPLITUDES, LONG, NORMS, PRODUCTS, Pace, announce
from carlemanc.core.progress import reporting, task
from carlemanc.linear_system import inverse_norm
from carlemanc.linear_system.singular_values import Workload
from carlemanc.programs.work_meter import WorkMeter


class Told:
    """A reporter that keeps what was foreseen and the tasks begun, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, float]] = []

    def start(self, label: str, total: int | None) -> None:
        self.lines.append((label, 0.0))

    def advance(self, amount: int = 1) -> None:
        pass

    def finish(self) -> None:
        pass

    def foresee(self, what: str, seconds: float) -> None:
        self.lines.append((what, seconds))


@pytest.mark.parametrize("pace", [NORMS, AMPLITUDES, PRODUCTS])
def test_only_long_work_is_announced_by_its_count(pace: Pace) -> None:
    told = Told()
    with reporting(told):
        announce("short", 0.99 * LONG * pace.per_second, pace)
        announce("long", 30 * pace.per_second, pace)
    assert told.lines == [(f"long, {30 * pace.per_second:.1e} {pace.unit}", pytest.approx(30))]


def test_a_pipe_gets_one_line_each_and_no_color(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = StderrReporter(terminal=False)
    with reporting(reporter), task("search"):
        for seconds in (14.0, 14.0, 250.0, 9000.0):
            forecast.foresee("computing", seconds)
    reporter.close()
    assert capsys.readouterr() == (
        "",
        "about 10 s: computing ...\nabout 4 min: computing ...\nabout 2 h: computing ...\n",
    )


def test_a_meter_has_news_once_as_soon_as_it_judges() -> None:
    meter, news = WorkMeter(1000, 1e12), []
    for _ in range(100):
        meter.advance(10, 50)
        news.append(meter.is_news)
    assert news.count(True) == 1
    assert news.index(True) == 1  # after a fiftieth of the gates


def test_a_long_condition_number_is_announced_before_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    from carlemanc.commands.opening import open_spec
    from tests.fixed import fixed

    opened = open_spec(fixed("logistic-map-scalar"))
    history = opened.system.history
    ahead = inverse_norm.workload(history)
    long = replace(ahead, step=ahead.step * 50e9 / ahead.work)
    assert isinstance(long, Workload)
    monkeypatch.setattr(inverse_norm, "workload", lambda system: long)
    monkeypatch.setattr(inverse_norm, "remembered", lambda kind, key, compute: compute())
    told = Told()
    bound = opened.system.bound
    with reporting(told):
        inverse_norm.conditioned(
            history, bound, lambda reason: TooLarge(reason, size="", limit="", instead="")
        )
    what, seconds = told.lines[0]
    assert what.startswith(
        f"computing the condition number of {ahead.unknowns:.2g} unknowns, 5.0e+10 operations"
    )
    assert seconds == pytest.approx(25)
