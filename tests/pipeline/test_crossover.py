"""The classical baseline and crossovers: against estimates at single sizes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import carlemanc
from carlemanc.circuit.bloq_counts import count
from carlemanc.estimate.classical_baseline import MACHINES, first_below
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.crossover import _lines

STEPS = "training.steps=20"


@pytest.fixture(scope="module")
def ring() -> dict[str, Any]:
    found: dict[str, Any] = carlemanc.estimate("quartic-ring", overrides=["model.n=1048576", STEPS]).to_json()
    return found


def test_flops_and_seconds(ring: dict[str, Any]) -> None:
    baseline = ring["classical_baseline"]
    nonzeros = {1: 3, 3: 1}  # of a row of F_l
    assert baseline["flops"] == 20 * 2**20 * sum(number * (degree + 1) for degree, number in nonzeros.items())
    for key, machine in baseline["machines"].items():
        assert machine["seconds"] == baseline["flops"] / MACHINES[key].flops_per_second
        ratio = ring["physical"]["seconds_of_all_runs"] / machine["seconds"]
        assert machine["quantum_over_classical"] == pytest.approx(ratio)
        one = ring["physical"]["seconds"] / ring["success_probability"] / machine["seconds"]
        assert machine["one_sample_over_classical"] == pytest.approx(one)


def test_reading_all_weights_never_pays_and_says_why(ring: dict[str, Any]) -> None:
    assert ring["classical_baseline"]["crossover_n"] is None
    found = ring["classical_baseline"]["crossover"]["all_weights"]
    assert (found["core"], found["exascale"]) == (None, None)
    assert "n weights take" in found["reason"]


def test_an_estimate_on_either_side_of_the_crossover_agrees(ring: dict[str, Any]) -> None:
    n = ring["classical_baseline"]["crossover"]["one_sample"]["core"]
    assert n & (n - 1) == 0
    for size, is_below in ((n, True), (n // 2, False)):
        at = carlemanc.estimate("quartic-ring", overrides=[f"model.n={size}", STEPS]).to_json()
        ratio = at["classical_baseline"]["machines"]["core"]["one_sample_over_classical"]
        assert (ratio < 1) is is_below


@pytest.mark.parametrize(
    ("name", "exponent", "override"),
    [
        ("quartic-ring", 30, "model.n=1073741824"),
        ("phi4-lattice", 30, "model.dims=[32768,32768]"),
        ("double-well-chain", 40, "model.n=1099511627776"),
    ],
)
@pytest.mark.filterwarnings("ignore:the system is divergent")
def test_lines_in_log_n_equal_the_counts_of_the_circuit(name: str, exponent: int, override: str) -> None:
    own = Circuits(name)
    lines = _lines(own)
    assert lines is not None
    other = Circuits(name, [override, f"carleman.rescaling={own.gamma!r}"])
    counts = count(other.circuit_of(own.counted_plan))
    assert lines["toffoli"].at(exponent) == counts.toffoli
    assert lines["rotations"].at(exponent) == counts.rotation_count
    assert lines["measurements"].at(exponent) == counts.measurements
    assert lines["qubits"].at(exponent) == counts.qubits


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ridge-diabetes", "data fix n"),
        ("burgers-map", "written for this n"),
        ("iris-square-net", "data fix n"),
    ],
)
def test_data_have_no_other_sizes(name: str, reason: str) -> None:
    found = carlemanc.estimate(name).to_json()["classical_baseline"]
    assert found["crossover_n"] is None
    assert all(reason in item["reason"] for item in found["crossover"].values())


def test_a_system_trains_nothing() -> None:
    assert carlemanc.estimate("tridiagonal-system").to_json()["classical_baseline"] == {"flops": None}


def test_bisection_finds_the_least() -> None:
    for least in range(3, 20):
        assert first_below(lambda k, least=least: k >= least, 3, 25) == least  # type: ignore[misc]
    assert first_below(lambda k: False, 3, 25) is None
    assert MACHINES["core"].seconds(7) == Fraction(7, 10**9)


def test_crossovers_of_marching_are_counted_at_sizes_no_array_holds() -> None:
    found = carlemanc.estimate("quartic-ring", overrides=['solver.method="march"']).to_json()
    crossover = found["classical_baseline"]["crossover"]
    assert all(item["reason"] for item in crossover.values())
    assert crossover["one_sample"]["core"] is not None
