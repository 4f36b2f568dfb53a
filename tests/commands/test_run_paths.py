"""`run --backend paths`: beside the tool's own numbers, on small systems and at full size, and what it refuses."""

from __future__ import annotations

import json

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.core.errors import InputError, TooLarge
from tests.fixed import fixed, fixed_words

MARCH = "solver.method=march"
ASKED = [
    'readout.target="observables"',
    'readout.observables={loss="loss", first="theta[0]", size="Sum(theta[i]**2, (i, 0, n-1))", slope="gradient_norm"}',
]
SPECS = {
    "ring": ("quartic-ring", []),
    "two wells": ("quartic-pair", []),
    "chain about a center": ("double-well-chain", []),
    "cubic, both levels": ("cubic-pair", []),
    "plane": ("phi4-lattice", []),
    "data": ("quartic-ridge-diabetes", []),
    "lookup": ("ridge-diabetes", ["training.steps=2"]),
    "network": ("iris-square-net", []),
    "batches": ("sgd-diabetes", ["training.steps=3"]),
    "a map": ("burgers-map", []),
}


@pytest.mark.parametrize(("spec", "overrides"), SPECS.values(), ids=SPECS)
def test_the_probabilities_are_the_planned_ones(spec, overrides):
    """Planned with the truncated system solved classically; an error bar is 1.96 deviations."""
    found = carlemanc.run(fixed(spec, [MARCH, *overrides]), backend="paths", shots=60_000, seed=3)
    for one in (found.success, found.copy):
        assert abs(one.value - one.planned) < 2 * one.error_bar, one
        assert one.error_bar < 0.25 * one.planned


@pytest.mark.parametrize("spec", ["quartic-ring", "quartic-pair", "double-well-chain", "phi4-lattice"])
def test_observables_are_those_of_the_truncated_system(spec):
    asked = (
        ASKED
        if spec != "phi4-lattice"
        else [ASKED[0], 'readout.observables={loss="loss", first="theta[0,0]"}']
    )
    found = carlemanc.run(fixed(spec, [MARCH, *asked]), backend="paths", shots=400_000, seed=1)
    assert [one.name for one in found.observables][:2] == ["loss", "first"]
    for one in found.observables:
        assert abs(one.value - one.carleman) < 2 * one.error_bar, one


def test_walks_follow_from_the_precision():
    """As many as keep each error bar within readout.precision of the magnitude."""
    spec = fixed("quartic-ring", [MARCH, *ASKED, "readout.precision=0.03", "readout.failure_probability=0.1"])
    found = carlemanc.run(spec, backend="paths", shots=0)
    assert found.confidence == pytest.approx(0.9)
    assert all(one.error_bar <= 0.03 * abs(one.classical) * (1 + 1e-9) for one in found.observables)
    assert all(abs(one.value - one.carleman) < 2 * one.error_bar for one in found.observables)


def test_the_document_has_what_a_reader_looks_for(capsys):
    arguments = ["run", "quartic-ring", "--backend", "paths", "--shots", "3000", "--seed", "5", "--json"]
    assert main([*arguments, *fixed_words("quartic-ring", MARCH, *ASKED)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["backend"] == "paths"
    assert document["method"] == "march"
    assert document["walks"] == 3000
    assert document["seed"] == 5
    assert document["confidence"] == 0.95
    assert set(document["observables"][0]) >= {"name", "value", "error_bar", "carleman", "classical"}
    for name in ("success_probability", "copy_probability"):
        assert abs(document[name] - document[f"planned_{name}"]) < 2 * document[f"{name}_error_bar"]


def test_what_is_printed_says_what_the_error_bars_are():
    shown = carlemanc.run(fixed("quartic-ring", [MARCH, *ASKED]), backend="paths", shots=2000).to_text()
    assert "2,000 walks of 4 steps of the march, no circuit" in shown
    assert "each error bar holds with probability 0.95; seed 0" in shown
    assert "success probability" in shown
    assert "gradient descent" in shown


@pytest.mark.parametrize(
    ("spec", "overrides", "shots", "words"),
    [
        ("quartic-ring", ["solver.method=qsvt"], None, "--set solver.method=march"),
        ("quartic-ring", ["solver.method=march", "solver.amplification=true"], None, "amplification=false"),
        ("quartic-ring", [], 1, "at least 2"),
        ("quartic-ring", [], 0, "where observables are read"),
        ("tridiagonal-system", [], None, "a training"),
    ],
)
def test_what_walks_do_not_follow_is_refused_with_what_to_do(spec, overrides, shots, words):
    with pytest.raises(InputError, match="walk") as refused:
        carlemanc.run(spec, overrides=overrides, backend="paths", shots=shots)
    assert words in str(refused.value)


def test_a_start_that_no_walks_would_meet_is_refused():
    """One site that stands out, and F_0 of every weight: an error bar of either walks would hold for the other half."""
    ring = "Sum(theta[i]**2/2 - theta[i]*theta[i+1]/3 + theta[i]/20000, (i, 0, n-1))"
    spec = {
        "loss": {"expression": ring},
        "model": {"n": 1 << 20},
        "training": {"learning_rate": 0.1, "steps": 5, "initial": {"sparse": {"0": 0.4}}},
    }
    with pytest.raises(TooLarge, match="backward walks not find the few"):
        carlemanc.run(fixed(spec, [MARCH]), backend="paths", shots=2000)


def test_walks_that_tell_nothing_fail_the_run():
    found = carlemanc.run(fixed("quartic-ring", [MARCH, "training.steps=600"]), backend="paths", shots=500)
    assert found.failure is not None
    assert "more --shots would" in found.failure


_PLANE = (
    "Sum(theta[i,j]**2/2 + theta[i,j]**4/20 - theta[i,j]*(theta[i+1,j] + theta[i,j+1])/6, "
    "(i, 0, n1-1), (j, 0, n2-1))"
)
_FAR = "Sum(theta[i]**2/2 + theta[i]**4/15 - theta[i]*(theta[i+1] + theta[i+3])/6, (i, 0, n-1))"
_OPEN = "Sum(theta[i]**2/2 + theta[i]**4/15, (i, 0, n-1)) - Sum(theta[i]*theta[i+1]/3, (i, 0, n-2))"
LARGE = {
    "ring of 2^27": ("quartic-ring", ["model.n=134217728", "training.steps=100"]),
    "phi4 on 2^13 x 2^13": ("phi4-lattice", ["model.dims=[8192, 8192]", "training.steps=40"]),
    "open chain of 2^20": (
        {"loss": {"expression": _OPEN, "boundary": "open"}, "model": {"n": 1 << 20}},
        ["training.steps=30"],
    ),
    "plane of 3^7 x 2^11": (
        {"loss": {"expression": _PLANE}, "model": {"dims": [2187, 2048]}},
        ["training.steps=20"],
    ),
    "third neighbors, 2^40": ({"loss": {"expression": _FAR}, "model": {"n": 1 << 40}}, ["training.steps=50"]),
}


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize(("spec", "overrides"), LARGE.values(), ids=LARGE)
def test_large_lattices_have_the_planned_success(spec, overrides, order):
    """Within two error bars of what the tool plans with (the lift of gradient descent, to truncation the same)."""
    if isinstance(spec, dict):
        spec = {"training": {"learning_rate": 0.1, "initial": {"sparse": {"0": 0.4, "1": -0.1}}}, **spec}
    spec = fixed(spec, [MARCH, *overrides, f"carleman.order={order}"])
    found = carlemanc.run(spec, backend="paths", shots=300_000, seed=2)
    for one in (found.success, found.copy):
        assert abs(one.value - one.planned) < 2 * one.error_bar, one
        assert one.error_bar < 0.03 * one.planned


def test_the_ring_of_the_estimate_is_met_at_full_size():
    """The exact value of the truncated march is .007217 (its levels solved on the sites that are reached)."""
    size = ["model.n=134217728", "training.steps=100", "carleman.rescaling=0.631"]
    found = carlemanc.run(fixed("quartic-ring", [MARCH, *size]), backend="paths", shots=2_000_000)
    assert abs(found.copy.value - 0.007217) < 2 * found.copy.error_bar
    assert found.copy.error_bar < 5e-5
