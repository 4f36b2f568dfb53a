"""Explanations: the formulas give the numbers they explain, and the bibliography is what they cite."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

import carlemanc
from carlemanc.core.citations import CITATIONS
from tests.fixed import fixed

CASES = {
    "quartic-ring": ["model.n=134217728", "training.steps=100"],
    "cubic-pair": [],
    "tridiagonal-system": [],
    "iris-square-net": [],
    "logistic-map-scalar": ["solver.method=lcu", "solver.epsilon=0.1"],
}


@pytest.fixture(scope="module", params=CASES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return carlemanc.estimate(fixed(request.param, CASES[request.param])).to_json()


def entries(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in document["explain"]}


def test_values_are_those_of_the_estimate(document: dict[str, Any]) -> None:
    explained = {name: entry["value"] for name, entry in entries(document).items()}
    assert explained["alpha"] == document["alpha"]
    assert explained["kappa"] == document["kappa"]["value"]
    assert explained["effective kappa"] == document["kappa"]["effective"]
    assert explained["queries to L"] == document["queries"]["L"]
    assert explained["success probability"] == document["success_probability"]
    assert explained["readout probability"] == document["readout_probability"]
    assert explained["copies"] == document["readout"]["copies"]
    assert explained["runs"] == document["total"]["runs"]
    assert explained["Toffoli"] == document["toffoli_count"]
    assert explained["logical qubits"] == document["logical_qubits"]
    assert explained["T of rotations"] == document["rotation_synthesis"]["t_count"]
    assert explained["physical qubits"] == document["physical"]["qubits"]


def test_formulas_give_the_values(document: dict[str, Any]) -> None:
    found = entries(document)

    def put(name: str) -> tuple[Any, dict[str, Any]]:
        return found[name]["value"], found[name]["inputs"]

    value, inputs = put("kappa")
    assert value == pytest.approx(inputs["||L||"] * inputs["||L^-1||"])
    value, inputs = put("effective kappa")
    assert value == pytest.approx(inputs["alpha"] * inputs["||L^-1||"])
    value, inputs = put("runs")
    both = inputs["success probability"] * inputs["readout probability"]
    assert value == pytest.approx(inputs["copies"] / both, rel=2e-3)
    value, inputs = put("success probability")
    assert value == pytest.approx((inputs["s"] * inputs["||x||"]) ** 2, rel=1e-2)
    if "alpha_B" in found["alpha"]["inputs"]:
        step = found["alpha"]["inputs"]["alpha_B"]
        forms = {"1 + alpha_B": 1 + step, "sqrt(2": math.sqrt(2 * (1 + step**2))}
        assert any(
            text in found["alpha"]["formula"] and found["alpha"]["value"] == pytest.approx(number)
            for text, number in forms.items()
        )
    if "minimax of |x P(x) - 1|" in found["queries to L"]["formula"]:
        value, inputs = put("queries to L")
        kappa = inputs["kappa"]
        halves = math.acosh(1 / inputs["epsilon"]) / math.log((kappa + 1) / (kappa - 1))
        assert value == 2 * math.ceil(halves) - 1


def test_references_are_what_the_entries_cite_and_nothing_else(document: dict[str, Any]) -> None:
    used = {key for entry in document["explain"] for key in entry["references"]}
    assert set(document["references"]) == used <= set(CITATIONS)
    assert all(
        entry["status"] in {"proved", "measured", "derived here", "published", "second-hand", "assumed"}
        for entry in document["explain"]
    )


def test_bibtex_has_one_entry_a_source_and_only_those_used() -> None:
    sampled = carlemanc.estimate(fixed("logistic-map-scalar"))
    other = carlemanc.estimate(fixed("logistic-map-scalar", ["solver.method=lcu"]), levers=False)
    keys = re.findall(r"^@\w+\{(\w+),$", sampled.bibtex(), flags=re.MULTILINE)
    assert keys == sampled.to_json()["references"]
    assert "childs2017" not in keys
    assert "childs2017" in other.to_json()["references"]
    assert "hhl2009" not in keys
