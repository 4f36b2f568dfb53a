"""Every solver method from spec to theta(T): circuits, exact matrix arithmetic, files, the table and the choice."""

from __future__ import annotations

import json

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.commands.opening import open_spec
from carlemanc.commands.solvers import solvers
from carlemanc.evaluation import gate_depth
from carlemanc.evaluation.comparison import draft_of
from carlemanc.methods.registry import METHODS
from carlemanc.readout.ways.registry import plan_readout
from tests.fixed import fixed, fixed_words

BUILT = ("qsvt", "lcu", "kernel", "hhl")
RUN = (*BUILT, "march")


def _spec(method, *more):
    return [f'solver.method="{method}"', *more]


@pytest.mark.parametrize("method", RUN)
@pytest.mark.parametrize("backend", ["sparse", "matrix"])
def test_the_logistic_map_is_solved(method, backend):
    epsilon = 1e-2 if method == "hhl" and backend == "sparse" else 1e-3
    result = carlemanc.run(
        fixed("logistic-map-scalar", _spec(method, f"solver.epsilon={epsilon}")), backend=backend
    )
    assert result.failure is None
    assert result.solver_error <= epsilon
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=1e-2)
    assert result.method == method


@pytest.mark.parametrize("method", ["lcu", "kernel", "hhl", "march"])
def test_aer_gives_the_amplitudes_of_the_sparse_simulator(method):
    overrides = _spec(method, "solver.epsilon=0.2", *([] if method == "march" else ["carleman.order=1"]))
    aer, sparse = (
        carlemanc.run(fixed("logistic-map-scalar", overrides), backend=name) for name in ("aer", "sparse")
    )
    assert aer.failure is None
    assert aer.theta == pytest.approx(sparse.theta, abs=1e-9)
    assert aer.success_probability == pytest.approx(sparse.success_probability, abs=1e-9)


@pytest.mark.parametrize("method", RUN)
def test_estimate_counts_the_circuit_and_its_parts_add_up(method):
    estimate = carlemanc.estimate(fixed("logistic-map-scalar", _spec(method, "solver.epsilon=0.05")))
    document = estimate.to_json()
    rows = {row["part"]: row for row in document["breakdown"]}
    queries = sum(row["calls"] for part, row in rows.items() if "block encoding" in part or "adjoint" in part)
    assert queries == document["queries"]["L"]
    assert (
        rows["prepare b"]["calls"] + rows.get("unprepare b", {"calls": 0})["calls"]
        == document["queries"]["b"]
    )
    assert all(row[key] >= 0 for row in rows.values() for key in ("t", "toffoli", "rotations"))
    assert sum(row["toffoli"] for row in rows.values()) == document["toffoli_count"]


@pytest.mark.parametrize("method", ["lcu", "kernel", "hhl"])
def test_counts_of_a_circuit_too_long_to_emit_bound_the_emitted_ones(method, monkeypatch):
    overrides = _spec(method, "solver.epsilon=0.1")
    emitted = carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    monkeypatch.setattr(gate_depth, "EMITTED_GATES", 0)
    counted = carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    assert (emitted.is_emitted, counted.is_emitted) == (True, False)
    assert counted.clifford_count == emitted.clifford_count
    assert emitted.depth <= counted.depth <= 2 * emitted.depth


@pytest.mark.parametrize(("method", "keeps_norm"), [("lcu", True), ("kernel", False)])
def test_the_manifest_says_whether_the_norm_is_kept(method, keeps_norm, tmp_path):
    overrides = _spec(method, "solver.epsilon=0.1")
    carlemanc.compile(fixed("logistic-map-scalar", overrides), output=tmp_path / "out", stage="solver")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["state"]["scale"] is not None) is keeps_norm
    assert 0 < manifest["success_probability"] <= 1


def test_the_table_has_every_method_and_the_choice_is_the_cheapest():
    epsilon = ["solver.epsilon=0.02"]
    table = solvers(fixed("logistic-map-scalar", epsilon))
    rows = {row.method: row for row in table.rows}
    assert set(rows) == {*METHODS}
    applying = [row for row in rows.values() if row.cost is not None]
    assert {"qsvt", "lcu", "kernel", "hhl"} <= {row.method for row in applying}
    assert table.best.cost.expected_t == min(row.cost.expected_t for row in applying if row.cost.is_certified)
    assert table.best.method in table.reason
    opened = open_spec(fixed("logistic-map-scalar", epsilon))
    for row in applying:
        shares, cost = draft_of(opened.memo, opened.request, row.at).shares, row.cost
        copies = plan_readout(1, 0.02 * shares.readout, 0.05)
        share = cost.success_probability * cost.readout_probability
        assert cost.runs == pytest.approx((copies.magnitudes + copies.signs) / share, rel=1e-3)
        assert cost.expected_t == pytest.approx(cost.runs * cost.t_of_a_run, rel=1e-3)


def test_auto_runs_what_the_table_chose():
    overrides = ["solver.epsilon=0.02"]
    best = solvers(fixed("logistic-map-scalar", overrides)).best.method
    result = carlemanc.run(fixed("logistic-map-scalar", [*overrides, 'solver.method="auto"']))
    assert result.method == best
    assert result.failure is None
    estimate = carlemanc.estimate(fixed("logistic-map-scalar", [*overrides, 'solver.method="auto"']))
    assert estimate.plan.method == best
    assert any("solver.method was chosen" in line and f": {best} " in line for line in estimate.assumptions)


def test_solvers_prints_the_table(capsys):
    named = fixed_words("logistic-map-scalar", "solver.epsilon=0.05")
    assert main(["solvers", "logistic-map-scalar", "--json", *named]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {row["method"] for row in document["methods"]} == {*METHODS}
    formulas = {row["method"]: row["formula"] for row in document["methods"]}
    assert all("kappa" in formulas[method] for method in BUILT)
    assert document["choice"]["method"] in METHODS


@pytest.mark.slow
@pytest.mark.parametrize("method", ["qsvt", "lcu", "kernel", "march"])
def test_sixteen_weights_thirty_steps_by_exact_arithmetic(method):
    """n = 16, N = 3, T = 30."""
    overrides = _spec(method, "model.n=16", "carleman.order=3", "training.steps=30")
    result = carlemanc.run(fixed("quartic-ring", overrides), backend="matrix")
    assert result.failure is None
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=1e-2)


def test_marching_files_say_where_theta_stands(tmp_path):
    overrides = _spec("march")
    for stage in ("solver", "block-encoding"):
        carlemanc.compile(fixed("quartic-pair", overrides), output=tmp_path / stage, stage=stage)
    manifest = json.loads((tmp_path / "solver" / "manifest.json").read_text())
    assert manifest["matrix"] is manifest["rhs"] is manifest["kappa_effective"] is None
    assert manifest["layout"]["time"] == []
    parts = [*manifest["layout"]["level"], *(wire for slot in manifest["layout"]["slots"] for wire in slot)]
    assert sorted(parts) == manifest["registers"]["system"]
    assert len(manifest["solution"]["indices"]) == 2
    assert json.loads((tmp_path / "block-encoding" / "manifest.json").read_text())["matrix"] == "L.npz"


def test_marching_needs_no_condition_number():
    """Each step doubles theta: nothing bounds kappa usefully, and marching does not ask."""
    spec = {
        "loss": {"expression": "-theta[0]**2/2 - theta[1]**2/2"},
        "model": {"n": 2},
        "training": {"learning_rate": 1.0, "steps": 4, "initial": [0.1, 0.2]},
        "carleman": {"order": 1},
        "solver": {"method": "march"},
    }
    with pytest.warns(UserWarning, match="divergent"):
        estimate = carlemanc.estimate(fixed(spec))
    assert estimate.to_json()["kappa"]["value"] is None
    with pytest.warns(UserWarning, match="divergent"):
        assert carlemanc.run(fixed(spec)).theta == pytest.approx([1.6, 3.2])


def test_the_adiabatic_success_of_a_large_system_is_a_bound_and_auto_passes_it_over():
    """Small systems are planned by exact arithmetic, larger ones by the constant of the walk."""
    for name, is_bound in (("logistic-map-scalar", False), ("quartic-ring", True)):
        table = solvers(fixed(name, ["solver.epsilon=0.02"]))
        row = next(row for row in table.rows if row.method == "adiabatic")
        assert row.to_json()["success_is_bound"] == is_bound
        assert not row.to_json()["certified"]
        line = next(line for line in table.to_text().splitlines() if line.startswith("adiabatic"))
        assert (">=" in line) == is_bound


@pytest.mark.parametrize("method", ["adiabatic", "hhl"])
def test_the_success_of_a_small_system_is_planned_exactly(method):
    """Also where epsilon is so large that the norms alone do not tell it."""
    result = carlemanc.run(fixed("logistic-map-scalar", _spec(method, "solver.epsilon=0.1")))
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=0.01)
    assert result.failure is None


@pytest.mark.parametrize("backend", ["sparse", "matrix"])
def test_kernel_with_unknown_norm_from_the_spec(backend):
    overrides = _spec("kernel", 'solver.norm="unknown"', "solver.epsilon=0.1", "carleman.order=1")
    result = carlemanc.run(fixed("logistic-map-scalar", overrides), backend=backend)
    known = carlemanc.run(fixed("logistic-map-scalar", [*overrides, 'solver.norm="known"']), backend="matrix")
    assert result.failure is None
    assert result.solver_error <= 0.1
    assert result.degree > known.degree


def test_marching_one_number_is_refused_with_an_alternative():
    overrides = _spec("march", "carleman.order=1")
    with pytest.warns(UserWarning, match="below"), pytest.raises(carlemanc.InputError, match="qsvt"):
        carlemanc.run(fixed("logistic-map-scalar", overrides))


@pytest.mark.parametrize("name", ["quartic-pair", "cubic-pair", "quartic-ring"])
def test_the_table_prices_a_run_as_the_estimate_does(name: str) -> None:
    """T of one run with its rotations synthesized at the same precision, by the same words or the same fit."""
    costs = {row.method: row.cost for row in solvers(fixed(name)).rows}
    for method in ("qsvt", "kernel"):
        found = carlemanc.estimate(fixed(name, [f'solver.method="{method}"']))
        assert (costs[method].t_of_a_run, costs[method].qubits) == (found.t_of_a_run, found.logical_qubits)
