"""The forecast of a simulation: exact where nothing grows, never far above, early where it must refuse."""

from __future__ import annotations

import pytest

from carlemanc.commands.opening import open_spec, stage_program
from carlemanc.core.errors import TooLarge
from carlemanc.programs import sparse_state
from carlemanc.programs.work_meter import GATE, WorkMeter
from tests.fixed import fixed
from tests.reference import program_of


def fed(amplitudes, gates=10, limit=1e30):
    meter = WorkMeter(total=gates * len(amplitudes), limit=limit)
    found = []
    for count in amplitudes:
        meter.advance(gates, count)
        found.append(meter.forecast)
    return meter, found


def test_a_state_that_does_not_grow_is_forecast_exactly():
    meter, found = fed([700] * 50)
    assert found == pytest.approx([50 * 10 * (700 + GATE)] * 50)
    assert meter.work == found[-1]
    assert meter.done == 500


def test_a_state_that_spreads_and_stays_is_forecast_from_below():
    growing = [min(2**k, 2**16) for k in range(200)]
    meter, found = fed(growing)
    assert max(found) <= meter.work * 1.01
    assert found[100] == pytest.approx(meter.work, rel=0.02)


def test_it_refuses_once_it_is_known_and_not_before():
    """The first step of a hundred is no trial yet, unless it alone spends a share of the limit."""
    meter, _ = fed([10**6] + [1] * 99, limit=5e8)
    assert meter.done == 1000
    with pytest.raises(TooLarge, match="after 10 of 1,000 gates"):
        fed([10**6] + [1] * 99, limit=1e8)
    with pytest.raises(TooLarge, match=r"after 20 of 1,000 gates.*--backend matrix"):
        fed([10**6] * 100, limit=5e8)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("quartic-pair", []),
        ("cubic-pair", []),
        ("ridge-diabetes", []),
        ("ridge-diabetes", ["solver.method=lcu"]),
        ("ridge-diabetes", ["solver.method=kernel"]),
        ("ridge-diabetes", ["data.features=4", "model.n=4"]),
        ("tanh-neuron", []),
        ("burgers-map", []),
        ("logistic-map-scalar", ["solver.method=lcu"]),
        ("logistic-map-scalar", ["solver.method=adiabatic"]),
    ],
)
def test_forecasts_of_real_circuits(monkeypatch, name, changes):
    """What is told at any time after a fiftieth is at most a fifth too much; halfway it is known to a tenth."""
    told: list[tuple[int, float]] = []

    class Recorded(WorkMeter):
        def advance(self, gates: int, amplitudes: int) -> None:
            super().advance(gates, amplitudes)
            told.append((self.done, self.forecast))

    program = stage_program(open_spec(fixed(name, changes)), "solver")
    monkeypatch.setattr(sparse_state, "WorkMeter", Recorded)
    sparse_state.simulate(program, max_work=1e300)
    final = told[-1][1]
    known = [(done, value) for done, value in told if done * 50 >= len(program)]
    assert max(value for _, value in known) <= 1.2 * final
    assert min(value for done, value in known if 2 * done >= len(program)) >= 0.9 * final


def test_a_simulation_stops_at_its_limit():
    ops = [
        (name, wire, *angle) for _ in range(3) for wire in range(10) for name, *angle in (["h"], ["rz", 0.3])
    ]
    program = program_of(10, ops)
    assert sparse_state.simulate(program, max_work=1e12).peak == sparse_state.simulate(program).peak
    with pytest.raises(TooLarge, match="the sparse simulation is too large"):
        sparse_state.simulate(program, max_work=1e4)
