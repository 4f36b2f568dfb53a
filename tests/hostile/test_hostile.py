"""Whatever text, file or place a stranger gives: a documented status and a sentence, and nothing written at status 2.

Some inputs of every class here; the whole run of 3,000 under `slow` and as `python -m tests.hostile`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.hostile.harness import Case, Outcome, faults
from tests.hostile.run import COUNT, SEED, Report, run_class, run_classes
from tests.hostile.worker import Worker, class_modules

FEW = 400
"""Inputs of the fast run, over all classes."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as found:
        yield found


@pytest.mark.parametrize("kind", sorted(class_modules()))
def test_some_of_every_class(kind: str, worker: Worker) -> None:
    weights = {name: module.WEIGHT for name, module in class_modules().items()}
    number = max(2, round(FEW * weights[kind] / sum(weights.values())))
    report = Report(seed=SEED)
    found = list(run_class(report, worker, kind, range(number)))
    print(report.table())
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_whole_run() -> None:
    report = Report(seed=SEED)
    found = list(run_classes(report, COUNT))
    print(report.table())
    assert report.inputs >= 0.99 * COUNT
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", sorted(class_modules()))
def test_inputs_repeat(kind: str) -> None:
    """The seed makes the input; another number makes another."""
    draw = class_modules()[kind].draw

    def told(number: int) -> str:
        case: Case = draw(random.Random(number))
        return repr((case.command, sorted(case.files.items(), key=str), case.environment))

    assert told(3) == told(3)
    assert len({told(number) for number in range(12)}) > 1


def test_faults_are_found() -> None:
    """Each rule fails on an outcome that breaks it, and no rule on one that breaks none."""
    right = Outcome(status=2, out="", err="error: no such file\n", seconds=0.1, changes=())

    def found(**changed: object) -> list[str]:
        values = {name: getattr(right, name) for name in ("status", "out", "err", "seconds", "changes")}
        return faults(Case(command=("analyze", "--json")), Outcome(**{**values, **changed}))  # type: ignore[arg-type]

    assert found() == []
    assert "not one of" in found(status=4)[0]
    assert "had not ended" in found(status=None)[0]
    assert "no word" in found(err="")[0]
    assert "Traceback" in found(err="Traceback (most recent call last):\n")[0]
    assert "please report" in found(err="internal error, please report it: KeyError\n")[0]
    assert "overflow" in found(err="warning: overflow encountered in multiply\n")[0]
    assert "control character" in found(err="error: \x1b[31m\n")[0]
    assert "changed: a" in found(changes=("a",))[0]
    assert "half-written" in found(status=130, changes=(".a.partial",))[-1]
    assert "no JSON" in found(status=0, err="", out='{"a": NaN}')[0]
