"""Levers: each factor against two independent estimates, and none where nothing is known."""

from __future__ import annotations

import warnings

import pytest

import carlemanc
from carlemanc.evaluation.appraisal import Appraisal, Appraiser
from carlemanc.sources.configuration import Configuration
from tests.fixed import fixed

RING = (
    "model.n=1048576",
    "training.steps=20",
    "solver.method=march",
    "solver.amplification=false",
    "readout.method=sampling",
    "carleman.padding=0",
    "carleman.rescaling=balanced",
    "compile.ancilla_budget=0",
    "compile.synthesis=gridsynth",
)
CHANGES = {
    ("solver.epsilon", "0.01"): "solver.epsilon=0.01",
    ("training.steps", "10"): "training.steps=10",
    ("training.learning_rate", "0.05"): "training.learning_rate=0.05",
    ("readout.method", "tomography"): "readout.method=tomography",
}


def ratio(*overrides: str, hardware: str = "superconducting") -> float:
    """Quantum over classical time of an estimate."""
    found = carlemanc.estimate(
        "quartic-ring", overrides=[*RING, *overrides], hardware=hardware, levers=False
    ).to_json()["verdict"]
    return float(found["quantum_seconds"] / found["classical_seconds"])


def test_factors_are_those_of_two_estimates() -> None:
    """The rotations of a short circuit are synthesized in an estimate, and priced by the fit in a lever."""
    found = carlemanc.estimate("quartic-ring", overrides=RING).to_json()["verdict"]
    assert found["levers"] == sorted(found["levers"], key=lambda lever: lever["factor"])
    factors = {(lever["what"], lever["to"]): lever["factor"] for lever in found["levers"]}
    now = ratio()
    for key, override in CHANGES.items():
        assert factors[key] == pytest.approx(ratio(override) / now, rel=0.05), key
    assert factors["hardware", "optimistic"] == pytest.approx(ratio(hardware="optimistic") / now, rel=0.05)
    assert factors["hardware", "superconducting, 10 times faster"] == pytest.approx(0.1)
    loss = ("readout.target=observables", 'readout.observables={loss="loss"}', "readout.method=auto")
    assert factors["readout.target", "the loss, to 0.01"] == pytest.approx(ratio(*loss) / now, rel=0.05)
    every = [after for what, after in factors if what == "training.initial"]
    assert len(every) == 1
    start = f'training.initial={{function="{0.4 / 1024!r}"}}'
    assert factors["training.initial", every[0]] == pytest.approx(ratio(start) / now, rel=0.05)


def test_order_one_is_a_lever_only_where_the_problem_is_linear() -> None:
    dense = (*RING, 'training.initial={function="0.0004*bent(i)"}')
    small = carlemanc.estimate("quartic-ring", overrides=dense).to_json()
    assert small["norm_dilemma"]["linear"]
    assert ("carleman.order", "1") in {(one["what"], one["to"]) for one in small["verdict"]["levers"]}
    large = carlemanc.estimate(
        "quartic-ring", overrides=[*RING, 'training.initial={function="0.4*bent(i)"}']
    ).to_json()
    assert not large["norm_dilemma"]["linear"]
    assert "carleman.order" not in {one["what"] for one in large["verdict"]["levers"]}


def test_a_precision_is_not_relaxed_beyond_an_answer() -> None:
    coarse = carlemanc.estimate("quartic-ring", overrides=[*RING, "solver.epsilon=0.02"]).to_json()["verdict"]
    assert "solver.epsilon" not in {lever["what"] for lever in coarse["levers"]}


def test_levers_are_left_out_on_request_and_of_circuits_that_exist_only_solved() -> None:
    assert (
        carlemanc.estimate("quartic-ring", overrides=RING, levers=False).to_json()["verdict"]["levers"] == []
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = carlemanc.estimate(fixed("quartic-pair", ["solver.method=lcu"])).to_json()
    assert found["verdict"]["levers"] == []
    assert "counted for" in found["classical_baseline"]["crossover"]["T"]["reason"]


def test_other_configurations_are_evaluated_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads counts alone waits for no lever; a document holds them all, and they are evaluated once."""
    asked: list[object] = []
    evaluated = Appraiser.__call__

    def watched(self: Appraiser, at: Configuration) -> Appraisal:
        asked.append(at)
        return evaluated(self, at)

    monkeypatch.setattr(Appraiser, "__call__", watched)
    found = carlemanc.estimate(fixed("quartic-pair"))
    assert found.verdict.pays == "no"
    assert found.logical_qubits > 0
    assert not asked
    told = found.to_json()["verdict"]
    looked_at = len(asked)
    assert looked_at
    assert told["levers"] == [lever.to_json() for lever in found.verdict.levers]
    assert len(asked) == looked_at
