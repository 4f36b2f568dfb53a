"""Rates of the machine at hand: by a clock that ticks as told, and beside the assumed ones in an estimate."""

from __future__ import annotations

import json
from typing import Any

import pytest

import carlemanc
from carlemanc.classical import measured_rates
from carlemanc.classical.measured_rates import WALKERS, measured_machine, product_rate, walk_rate
from carlemanc.cli._app import main
from carlemanc.costs.classical_baseline import MACHINES, Machine
from tests.fixed import fixed, fixed_words

FAKE = Machine(
    name="a machine of a test",
    flops_per_second=2 * 10**9,
    memory=10**10,
    note="2.0e+09 flop/s measured",
    status="measured",
    walk_steps_per_second=5 * 10**7,
)


class Ticking:
    """Every look at it takes a third of a second."""

    def __init__(self) -> None:
        self._looks = -1

    def __call__(self) -> float:
        self._looks += 1
        return self._looks / 3


def test_rates_are_operations_over_seconds() -> None:
    """From the start to the third look, one second, two calls are made."""
    entries = 3 * measured_rates.SITES - 2
    assert product_rate(Ticking()) == pytest.approx(2 * 2 * entries)
    assert walk_rate(Ticking()) == pytest.approx(2 * WALKERS)


def test_a_machine_has_two_digits_and_says_that_it_was_measured() -> None:
    found = measured_machine(Ticking())
    assert (found.flops_per_second, found.walk_steps_per_second) == (12_000_000, 260_000)
    assert found.status == "measured"
    assert "1.2e+07 flop/s measured" in found.note
    assert "2.6e+05 walk steps a second" in found.note
    assert found.memory > 2**28


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carlemanc.commands.estimate.measured_machine", lambda: FAKE)


def _estimated(**options: Any) -> dict[str, Any]:
    found: dict[str, Any] = carlemanc.estimate(
        fixed("quartic-ring", ['solver.method="march"']), **options
    ).to_json()
    return found


@pytest.mark.usefixtures("fake")
def test_only_the_machine_is_added() -> None:
    plain, measured = _estimated(), _estimated(measure_rates=True)
    here = measured["classical_baseline"]["machines"].pop("here")
    assert measured == plain
    assert set(plain["classical_baseline"]["machines"]) == set(MACHINES)
    assert here["seconds"] == plain["classical_baseline"]["flops"] / 2e9
    assert (here["status"], here["walk_steps_per_second"]) == ("measured", 5 * 10**7)


@pytest.mark.usefixtures("fake")
def test_the_option_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "estimate",
        "quartic-ring",
        *fixed_words("quartic-ring", "solver.method=march"),
        "--measure-rates",
    ]
    assert main([*words, "--all"]) == 0
    assert "on a machine of a test (measured)" in " ".join(capsys.readouterr().out.split())
    assert main([*words, "--json"]) == 0
    assert "here" in json.loads(capsys.readouterr().out)["classical_baseline"]["machines"]


@pytest.mark.usefixtures("fake")
def test_a_system_as_it_is_has_the_machine_too() -> None:
    found = carlemanc.estimate(fixed("tridiagonal-system"), measure_rates=True).to_json()
    assert found["classical_baseline"]["machines"]["here"]["status"] == "measured"
