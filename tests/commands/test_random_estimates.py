"""Random small specs with random options: the estimate is the emitted circuit, and its JSON is sound.

Losses with and without structure, lattices, data in batches, every method, amplification, padding, corrections,
ancilla budgets, both gate sets: T, Toffoli, rotations, measurements, qubits, Cliffords and depth of the estimate are
those of the program that `compile` writes; counted without emitting it, they are the same, the depth at least a bound.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import carlemanc.commands.estimate_result
from carlemanc.commands.gate_set import build_program
from carlemanc.commands.opening import open_spec
from carlemanc.core import rounding
from carlemanc.core.errors import CarlemancError
from carlemanc.evaluation import gate_depth
from carlemanc.programs.counts import tally
from tests.fixed import fixed

LARGEST = 30_000
"""Gates of the circuits below, about: larger ones are left to the slow tests of whole examples."""
FACTORS = st.integers(-9, 9).map(lambda tenths: round(tenths / 30, 3))
WEIGHTS = st.sampled_from(["theta[0]", "theta[1]", "theta[0]*theta[1]", "theta[1]**2", "theta[0]**3"])
SITES = st.sampled_from(
    ["theta[i]*theta[i+1]", "theta[i]**4", "theta[i]**3", "(theta[i] - theta[i+1])**4", "theta[i]"]
)


@st.composite
def losses(draw: st.DrawFn) -> dict[str, Any]:
    terms = draw(st.lists(st.tuples(FACTORS, WEIGHTS), max_size=3))
    body = " + ".join(
        ["0.6*theta[0]**2 + 0.8*theta[1]**2", *(f"({number})*{term}" for number, term in terms)]
    )
    return {"loss": {"expression": body}, "model": {"n": 2}}


@st.composite
def lattices(draw: st.DrawFn) -> dict[str, Any]:
    body = f"theta[i]**2/2 + ({draw(FACTORS)})*{draw(SITES)}"
    boundary = draw(st.sampled_from(["periodic", "open"]))
    loss = {"expression": f"Sum({body}, (i, 0, n-1))", "boundary": boundary}
    return {"loss": loss, "model": {"n": draw(st.sampled_from([2, 3, 4, 8]))}}


@st.composite
def regressions(draw: st.DrawFn) -> dict[str, Any]:
    square = "Sum((y[a] - Sum(x[a,k]*theta[k], (k, 0, n-1)))**2, (a, 0, m-1))/(2*m)"
    return {
        "loss": {"expression": f"{square} + Sum(theta[k]**4/40, (k, 0, n-1))"},
        "model": {"n": 2},
        "data": {
            "source": "sklearn:diabetes",
            "features": 2,
            "samples": draw(st.integers(2, 9)),
            "standardize": True,
        },
        "training": {"batch_size": draw(st.integers(1, 9))},
    }


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    spec = draw(st.one_of(losses(), lattices(), regressions()))
    training = {
        "learning_rate": draw(st.sampled_from([0.05, 0.2, 0.5])),
        "steps": draw(st.integers(1, 3)),
        "initial": {"sparse": {"0": 0.3, "1": draw(FACTORS)}},
    }
    carleman = draw(
        st.fixed_dictionaries(
            {"order": st.integers(1, 2)},
            optional={"corrections": st.integers(1, 2), "padding": st.sampled_from([1, 3, "auto"])},
        )
    )
    solver = draw(
        st.fixed_dictionaries(
            {
                "epsilon": st.sampled_from([0.3, 0.1]),
                "method": st.sampled_from(["qsvt", "qsvt", "lcu", "kernel", "hhl", "adiabatic", "march"]),
            },
            optional={
                "amplification": st.booleans(),
                "polynomial": st.just("absolute"),
                "norm": st.just("unknown"),
            },
        )
    )
    budget = draw(st.sampled_from([0, 0, 6, 40]))
    tables = {"carleman": carleman, "solver": solver, "compile": {"ancilla_budget": budget}}
    return {**spec, **tables, "training": {**training, **spec.get("training", {})}}


def numbers(estimate: carlemanc.commands.estimate_result.Estimate) -> list[int | None]:
    return [
        estimate.t_count,
        estimate.toffoli_count,
        estimate.rotation_count,
        estimate.measurements,
        estimate.logical_qubits,
        estimate.clifford_count,
    ]


def check_document(estimate: Any) -> None:
    """Strict JSON, exact whole numbers, no negative count, rows that add up, the text's own figures."""
    text = json.dumps(estimate.to_json(), allow_nan=False)
    document = json.loads(text)
    whole = ["logical_qubits", "t_count", "toffoli_count", "rotation_count", "measurement_count", "depth"]
    assert all(type(document[key]) is int and document[key] >= 0 for key in whole)
    for key, column in (("t_count", "t"), ("toffoli_count", "toffoli"), ("rotation_count", "rotations")):
        assert sum(row[column] for row in document["breakdown"]) == document[key]
        assert min(row[column] for row in document["breakdown"]) >= 0
        assert document["total"][key] == rounding.whole(document["total"]["runs"] * document[key])
    assert 0 < document["success_probability"] <= 1
    assert 0 < document["readout_probability"] <= 1
    printed = estimate.to_text(all=True, width=10_000)
    for key in ("logical_qubits", "toffoli_count", "rotation_count", "measurement_count"):
        assert f" {document[key]}" in printed


def check(spec: dict[str, Any], uncompute: Any, gate_set: Any, epsilon: float | None, levers: bool) -> None:
    options = {"uncompute": uncompute, "gate_set": gate_set, "rotation_epsilon": epsilon}
    try:
        found = carlemanc.estimate(fixed(spec), levers=levers, **options)
    except CarlemancError:  # no norm to march by, theta(T) at the center: said in one message
        assume(False)
    check_document(found)
    assume(found.is_emitted and found.clifford_count + found.t_with_toffoli < LARGEST)
    program, used = build_program(
        open_spec(fixed(spec), synthesized=gate_set == "clifford+t"), "solver", gate_set, epsilon
    )
    counts = tally(program, uncompute)
    written = [
        counts.t,
        counts.toffoli,
        counts.rotations,
        counts.measurements,
        counts.qubits,
        counts.clifford,
    ]
    assert numbers(found) == written
    assert found.depth == counts.depth
    assert not found.to_json()["depth_is_bound"]
    assert used in (None, found.rotation_epsilon)
    if gate_set == "clifford+rz":
        check_counted(spec, options, found)


def check_counted(spec: dict[str, Any], options: dict[str, Any], emitted: Any) -> None:
    """The same without a circuit, as for one too long to emit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate_depth, "EMITTED_GATES", 0)
        found = carlemanc.estimate(fixed(spec), levers=False, **options)
    assert numbers(found) == numbers(emitted)
    if found.to_json()["depth_is_bound"]:
        assert found.depth >= emitted.depth
    else:
        assert found.depth == emitted.depth


OPTIONS = {
    "spec": specs(),
    "uncompute": st.sampled_from(["measure", "unitary"]),
    "gate_set": st.sampled_from(["clifford+rz", "clifford+rz", "clifford+t"]),
    "epsilon": st.sampled_from([None, 1e-3]),
    "levers": st.sampled_from([False, False, False, True]),
}
CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@settings(max_examples=6, suppress_health_check=CHECKS)
@given(**OPTIONS)
def test_the_estimate_is_the_program_of_compile(
    spec: dict[str, Any], uncompute: Any, gate_set: Any, epsilon: float | None, levers: bool
) -> None:
    check(spec, uncompute, gate_set, epsilon, levers)


@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=CHECKS)
@given(**OPTIONS)
def test_many_estimates_are_the_programs_of_compile(
    spec: dict[str, Any], uncompute: Any, gate_set: Any, epsilon: float | None, levers: bool
) -> None:
    check(spec, uncompute, gate_set, epsilon, levers)
