"""The first screen of an estimate: the verdict first, at most 25 lines after it, whatever the numbers and names are."""

from __future__ import annotations

from dataclasses import replace

import pytest

import carlemanc
from carlemanc.commands.estimate_result import Estimate
from carlemanc.present.text.estimate_screen import MOST
from carlemanc.present.text.layout import wrapped
from carlemanc.present.text.verdict import verdict_sentence
from tests.fixed import fixed
from tests.present.test_observables_page import READ

LONG = "a_name_that_somebody_gave_to_a_model_and_that_has_60_letters"


def training() -> Estimate:
    found: Estimate = carlemanc.estimate(fixed("quartic-pair", ["solver.method=march"]))
    return found


def huge() -> Estimate:
    """Every number that is printed as large as it can be, and a name of sixty letters."""
    found = training()
    total = replace(found.total, runs=10**18, t_in_all=10**40)
    plan = replace(found.plan, queries_L=2**60, queries_b=2**60)
    return replace(
        found, name=LONG, n=2**60, support=2**60 - 1, steps=2**60 + 1, runs=10**18, total=total, plan=plan
    )


def without_a_machine() -> Estimate:
    found = training()
    physical = replace(found.physical, points=(), reason="no known factory is good enough " * 4)
    return replace(found, physical=physical, verdict=replace(found.verdict, quantum=None))


def many_observables() -> Estimate:
    found: Estimate = carlemanc.estimate(fixed("quartic-pair", READ), levers=False)
    many = tuple(replace(found.observables[0], name=f"{LONG}_{k}", uses=10**k) for k in range(12))
    return replace(found, observables=many)


def system() -> Estimate:
    found: Estimate = carlemanc.estimate(fixed("tridiagonal-system"))
    return found


MADE = {one.__name__: one for one in (training, huge, without_a_machine, many_observables, system)}


@pytest.fixture(scope="module", params=sorted(MADE))
def found(request: pytest.FixtureRequest) -> Estimate:
    return MADE[request.param]()


def test_the_verdict_stands_first_and_little_below_it(found: Estimate) -> None:
    lines = found.to_text().splitlines()
    verdict = wrapped(verdict_sentence(found.verdict, found.physical.reason), 100)
    assert lines[: len(verdict)] == verdict
    assert len(lines) - len(verdict) <= MOST
    assert "--all" in lines[-1]


@pytest.mark.parametrize("width", [100, 80, 132, 60, 40])
def test_no_line_is_wider_than_the_terminal(found: Estimate, width: int) -> None:
    for whole in (False, True):
        lines = found.to_text(all=whole, width=width).splitlines()
        assert max(map(len, lines)) <= width


def test_the_lines_stand_in_their_order(found: Estimate) -> None:
    text = found.to_text()
    marks = [
        "\nspec ",
        "\nregime ",
        "\nread ",
        "\none run ",
        "\nall ",
        "\nqubits ",
        "\nT gates go to ",
        "\nerrors ",
    ]
    places = [text.index(mark) for mark in marks if mark != "\nregime " or found.regime is not None]
    assert places == sorted(places)


def test_seconds_stand_beside_t(found: Estimate) -> None:
    lines = found.to_text().splitlines()
    head = next(line for line in lines if line.split() == ["T", "gates", "seconds"])
    one, every = lines[lines.index(head) + 1 : lines.index(head) + 3]
    for line in (one, every):
        seconds = line[head.index("seconds") :]
        assert seconds == "-" if found.physical.best is None else " s" in seconds


def test_all_has_every_part_of_the_ledger_and_each_assumption(found: Estimate) -> None:
    text = found.to_text(all=True, width=10_000)
    assert all(row.part in text for row in found.ledger.rows)
    assert all(f"  - {' '.join(line.split())}\n" in f"{text}\n" for line in found.assumptions)
    assert all(f"  - {' '.join(line.split())}\n" in f"{text}\n" for line in found.verdict.reasons[1:])


def test_many_observables_are_cut_to_a_line_each() -> None:
    lines = many_observables().to_text().splitlines()
    rows = [line for line in lines if line.startswith("a_name")]
    assert 3 <= len(rows) <= 6
    assert f"  and {12 - len(rows)} more" in lines
