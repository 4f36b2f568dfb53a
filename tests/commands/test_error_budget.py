"""The error budget is honored: each part, measured by itself, stays below its share; and shares are no alibi."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.access.access import Reading
from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import InputError
from carlemanc.evaluation.budget import error_budget
from carlemanc.evaluation.design import Design
from carlemanc.methods.amplified import amplification_document
from tests.fixed import fixed
from tests.ledgers import unbalanced

from . import measured_budget as measured

pytestmark = pytest.mark.filterwarnings("ignore:the system is", "ignore:carleman.order")
SPECS: dict[str, tuple[str, tuple[str, ...], Reading]] = {
    "logistic-map-scalar": ("logistic-map-scalar", ("solver.epsilon=0.05",), Reading()),
    "quartic-pair": ("quartic-pair", ("solver.epsilon=0.1", "training.steps=1"), Reading()),
    "cubic-pair": ("cubic-pair", ("solver.epsilon=0.1", "training.steps=1"), Reading()),
    "ridge-diabetes": ("ridge-diabetes", ("solver.epsilon=0.1", "training.steps=2"), Reading()),
    "amplified pair": (
        "quartic-pair",
        ("solver.epsilon=0.1", "training.steps=1", "solver.amplification=true"),
        Reading(),
    ),
    "loaded ring": ("", ("solver.epsilon=0.1",), measured.Loaded()),
    "loaded ring, amplified": ("", ("solver.epsilon=0.1", "solver.amplification=true"), measured.Loaded()),
}
SLACK = {"solver_polynomial": 100, "readout": 100, "coefficients": 2000, "rotations": 100_000}
"""How far below its share a part may be measured: worst cases of sums add linearly, errors of many do not, and
those of a query and of its inverse nearly cancel where a circuit has few angles."""
SITES = 64


def ring(directory: Path) -> str:
    """A ring of more couplings than an angle has bits: they are loaded."""
    np.save(directory / "J.npy", np.random.default_rng(0).uniform(0, 0.3, SITES))
    (directory / "spec.toml").write_text(
        '[loss]\nexpression = "Sum(theta[i]**2/2 - J[i]*theta[i]*theta[i+1], (i, 0, n-1))"\n'
        f'parameters = {{ J = "J.npy" }}\n[model]\nn = {SITES}\n[carleman]\norder = 1\n'
        '[training]\nlearning_rate = 0.1\nsteps = 1\ninitial = { sparse = { "0" = 0.4, "5" = -0.2 } }\n'
    )
    return str(directory / "spec.toml")


def design_of(name: str, directory: Path, synthesis: str = "gridsynth") -> Design:
    spec, overrides, reading = SPECS[name]
    found = open_spec(fixed(spec or ring(directory), [*overrides, f'compile.synthesis="{synthesis}"']))
    request = replace(found.request, at=replace(found.request.at, reading=reading))
    return replace(found, asked=request).design


@pytest.mark.parametrize("name", SPECS)
def test_polynomial_coefficients_and_readout_stay_below_their_shares(name: str, tmp_path: Path) -> None:
    design = design_of(name, tmp_path)
    budget = error_budget(design)
    assert ("amplified" in name) == (amplification_document(design.plan)["flag"] == "readout")
    found = {
        "solver_polynomial": measured.polynomial(design),
        "coefficients": measured.coefficients(design),
        "readout": measured.readout(design, seeds=5),
    }
    for part, error in found.items():
        share, achieved = budget[part].share, budget[part].achieved
        assert share is not None
        assert achieved is not None
        assert error <= achieved + 1e-9, part
        assert achieved <= share * (1 + 1e-9), part
        if share:
            assert error * SLACK[part] >= share, part
    assert ("loaded" in name) == bool(budget["coefficients"].share)


@pytest.mark.parametrize("synthesis", ["gridsynth", "phase-gradient"])
@pytest.mark.parametrize("name", ["logistic-map-scalar", "quartic-pair"])
def test_synthesized_rotations_stay_below_their_shares(name: str, synthesis: str, tmp_path: Path) -> None:
    design = design_of(name, tmp_path, synthesis)
    split, epsilon = design.shares, design.at.epsilon
    rest, start = (measured.rotations(design, prepare=prepare) for prepare in (False, True))
    assert 0 < rest <= split.rotations * epsilon
    assert 0 < start <= split.preparation * epsilon
    assert rest * SLACK["rotations"] >= split.rotations * epsilon


@pytest.mark.parametrize("synthesis", ["gridsynth", "phase-gradient", "mixed-fallback"])
@pytest.mark.parametrize("name", ["logistic-map-scalar", "ridge-diabetes"])
def test_the_estimate_keeps_and_prints_every_share(name: str, synthesis: str) -> None:
    spec, overrides, _ = SPECS[name]
    estimate = carlemanc.estimate(
        fixed(spec, [*overrides, f'compile.synthesis="{synthesis}"']), gate_set="clifford+t"
    )
    assert all(part.is_kept for part in estimate.error_budget.values())
    shares = [part.share for part in estimate.error_budget.values() if part.share is not None]
    epsilon = 0.05 if name == "logistic-map-scalar" else 0.1
    assert math.fsum(shares) == pytest.approx(epsilon)
    document: dict[str, Any] = json.loads(json.dumps(estimate.to_json()))
    assert document["error_budget"]["rotation_synthesis"]["kept"] is True
    assert document["rotation_synthesis"]["emitted"] == (synthesis != "mixed-fallback")
    assert document["rotation_count"] == 0
    assert "ABOVE" not in estimate.to_text(all=True, width=10_000)


def test_a_coarser_rotation_than_the_budget_allows_is_said() -> None:
    estimate = carlemanc.estimate(fixed("logistic-map-scalar"), gate_set="clifford+t", rotation_epsilon=1e-2)
    assert not estimate.error_budget["rotation_synthesis"].is_kept
    assert "ABOVE ITS SHARE" in estimate.to_text(all=True, width=10_000)


def test_one_split_for_every_command_and_gate_set() -> None:
    kept, synthesized = (
        carlemanc.estimate(fixed("logistic-map-scalar"), gate_set=gates)
        for gates in ("clifford+rz", "clifford+t")
    )
    assert kept.plan.degree == synthesized.plan.degree
    assert kept.rotation_t == synthesized.rotation_t
    run = carlemanc.run(fixed("logistic-map-scalar"))
    assert run.to_json()["degree"] == kept.plan.degree
    shares = {name: part.share for name, part in kept.error_budget.items()}
    assert {name: part["share"] for name, part in run.to_json()["error_budget"].items()} == shares


def test_given_shots_leave_epsilon_to_the_circuit() -> None:
    plain, given = (
        open_spec(fixed("logistic-map-scalar", over)).counted for over in ([], ["readout.shots=100"])
    )
    assert given.shares.readout == 0.0
    assert given.shares.circuit + given.shares.faults == pytest.approx(1.0)
    assert given.plan.degree < plain.plan.degree
    part = error_budget(given)["readout"]
    assert part.share is None
    assert part.achieved is not None
    assert part.achieved > 1  # of 100 shots


def test_mixtures_are_counted_and_not_written(tmp_path: Any) -> None:
    options = {"overrides": ['compile.synthesis="mixed-fallback"']}
    with pytest.raises(InputError, match="can only be counted"):
        carlemanc.compile(
            fixed("logistic-map-scalar"), output=tmp_path / "out", gate_set="clifford+t", **options
        )
    assert not (tmp_path / "out").exists()
    carlemanc.compile(
        fixed("logistic-map-scalar"), output=tmp_path / "kept", stage="block-encoding", **options
    )
    with pytest.raises(InputError, match="worked out for one run"):
        carlemanc.estimate(
            fixed("logistic-map-scalar", [*options["overrides"], 'readout.method="amplitude-estimation"']),
        )


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_the_phase_gradient_of_an_estimate_is_that_of_the_file(tmp_path: Any, uncompute: Any) -> None:
    options = {
        "overrides": ['compile.synthesis="phase-gradient"', "solver.epsilon=0.05"],
        "gate_set": "clifford+t",
        "uncompute": uncompute,
    }
    estimate = carlemanc.estimate(fixed("logistic-map-scalar"), **options)
    written = carlemanc.compile(
        fixed("logistic-map-scalar"), output=tmp_path, stage="solver", **options
    ).to_json()
    counts = written["counts"]
    assert (counts["t"], counts["toffoli"]) == (estimate.t_count, estimate.toffoli_count)
    assert (counts["rotations"], written["qubits"]) == (0, estimate.logical_qubits)
    assert counts["measurements"] == estimate.measurements
    assert (counts["clifford"], counts["depth"]) == (estimate.clifford_count, estimate.depth)
    assert unbalanced(estimate.ledger.rows) == []
    assert written["rotation_epsilon"] == estimate.rotation_epsilon
