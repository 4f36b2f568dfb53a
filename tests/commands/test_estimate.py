"""The estimate is the circuit: ledger sums, tallies of the emitted program, totals."""

from __future__ import annotations

import math

import pytest

import carlemanc
from carlemanc.commands.opening import open_spec, stage_program
from carlemanc.commands.solvers import solvers
from carlemanc.core.rounding import whole
from carlemanc.evaluation import gate_depth, price
from carlemanc.programs.counts import tally
from carlemanc.programs.synthesis import synthesize
from carlemanc.readout.ways.registry import plan_readout
from carlemanc.readout.ways.sampling import claimed_error
from carlemanc.spec.examples import example_names
from tests.fixed import fixed
from tests.ledgers import unbalanced

LEDGERS = [name for name in example_names() if name not in ("digits-pruned-net", "double-well-chain")]
"""Those that are estimated in seconds."""


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@pytest.mark.parametrize(
    "name", ["quartic-pair", "cubic-pair", "ridge-diabetes", "quartic-ridge-diabetes", "burgers-map"]
)
def test_estimate_equals_the_emitted_circuit(name: str, uncompute: str) -> None:
    estimate = carlemanc.estimate(fixed(name), uncompute=uncompute)
    counts = tally(stage_program(open_spec(fixed(name)), "solver"), uncompute)
    assert (estimate.t_count, estimate.toffoli_count) == (counts.t, counts.toffoli)
    assert (estimate.rotation_count, estimate.logical_qubits) == (counts.rotations, counts.qubits)
    assert (estimate.clifford_count, estimate.depth) == (counts.clifford, counts.depth)
    assert estimate.ledger.total("measurements") == counts.measurements


@pytest.mark.parametrize("name", ["quartic-pair", "double-well-chain", "sgd-diabetes"])
def test_the_regime_is_that_of_the_analysis(name: str) -> None:
    analysis = carlemanc.analyze(name).to_json()
    found = carlemanc.estimate(fixed(name)).to_json()["regime"]
    assert found == {"name": analysis["regime"], "mu": analysis["mu"], "R": analysis["R"]}


def test_a_linear_system_has_no_regime() -> None:
    assert carlemanc.estimate(fixed("tridiagonal-system")).to_json()["regime"] is None


def test_breakdown_adds_up_and_runs_multiply() -> None:
    document = carlemanc.estimate(fixed("quartic-pair")).to_json()
    for total, column in (("t_count", "t"), ("toffoli_count", "toffoli"), ("rotation_count", "rotations")):
        assert document[total] == sum(row[column] for row in document["breakdown"])
        assert document["total"][total] == whole(document["total"]["runs"] * document[total])
    synthesis = document["rotation_synthesis"]
    rotations = synthesis["t_count"] + 4 * synthesis["toffoli_count"]
    assert document["t_of_a_run"] == document["t_count"] + 4 * document["toffoli_count"] + rotations
    assert document["total"]["t_in_all"] == whole(document["total"]["runs"] * document["t_of_a_run"])
    readout = document["readout"]
    both = document["readout_probability"] * document["success_probability"]
    assert readout["copy_probability"] == both
    assert document["total"]["runs"] == pytest.approx(readout["copies"] / both, rel=2e-3)
    assert readout["shots"] == readout["runs"] == document["total"]["runs"]
    assert document["kappa"]["effective"] >= document["kappa"]["value"]
    shares = [part["share"] for part in document["error_budget"].values() if part["share"] is not None]
    assert math.fsum(shares) == pytest.approx(1e-3, rel=1e-9)


def test_parts_in_sequence_bound_a_circuit_that_is_not_emitted(monkeypatch: pytest.MonkeyPatch) -> None:
    emitted = carlemanc.estimate(fixed("ridge-diabetes"))
    monkeypatch.setattr(gate_depth, "EMITTED_GATES", 0)
    counted = carlemanc.estimate(fixed("ridge-diabetes"))
    assert counted.clifford_count == emitted.clifford_count
    assert counted.depth >= emitted.depth


def test_queries_too_long_to_read_are_counted_without_cliffords_and_depth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = carlemanc.estimate(fixed("ridge-diabetes")).to_json()
    monkeypatch.setattr(price, "EMITTED_GATES", 0)
    counted = carlemanc.estimate(fixed("ridge-diabetes"))
    document = counted.to_json()
    assert (document["clifford_count"], document["depth"], document["depth_is_bound"]) == (None, None, False)
    assert not document["counted_only"]
    assert "not counted: a query has over" in counted.to_text(all=True, width=10_000)
    same = ("t_count", "toffoli_count", "rotation_count", "measurement_count", "logical_qubits")
    assert [document[key] for key in same] == [whole[key] for key in same]


def test_synthesized_estimate_is_the_synthesized_circuit() -> None:
    options = {"gate_set": "clifford+t", "rotation_epsilon": 1e-4}
    estimate = carlemanc.estimate(fixed("logistic-map-scalar"), **options)
    found = open_spec(fixed("logistic-map-scalar"), synthesized=True)
    counts = tally(synthesize(stage_program(found, "solver"), 1e-4))
    assert (estimate.t_count, estimate.clifford_count, estimate.depth) == (
        counts.t,
        counts.clifford,
        counts.depth,
    )
    assert estimate.ledger.total("t") == estimate.t_count
    assert estimate.rotation_count == 0 == estimate.ledger.total("rotations")


@pytest.mark.filterwarnings("ignore:the system is divergent", "ignore:the matrix L is singular")
def test_a_condition_number_beyond_double_precision_is_bounded_and_still_counted() -> None:
    spec = carlemanc.ModelSpec.from_dict(
        {
            "loss": {"expression": "3*theta[0]**2 + theta[0]**3"},
            "model": {"n": 1},
            "training": {"learning_rate": 1, "steps": 12, "initial": [0.3]},
            "carleman": {"order": 2},
        }
    )
    estimate = carlemanc.estimate(fixed(spec))
    assert estimate.kappa_source == "bound"
    assert estimate.plan.degree > 10**15
    assert not estimate.is_emitted
    assert estimate.toffoli_count == estimate.ledger.total("toffoli") > estimate.plan.degree


def test_given_shots_are_runs_for_every_command() -> None:
    """`readout.shots` counts runs, successful or not, in an estimate, the table of solvers and a run alike."""
    given = ["readout.shots=1000"]
    estimate = carlemanc.estimate(fixed("logistic-map-scalar", given))
    document = estimate.to_json()
    assert document["readout"]["shots"] == document["readout"]["runs"] == document["total"]["runs"] == 1000
    assert document["total"]["toffoli_count"] == whole(1000 * document["toffoli_count"])
    assert "1000 (readout.shots), where " in estimate.to_text(all=True, width=10_000)
    rows = solvers(fixed("logistic-map-scalar", given)).rows
    assert all(row.cost.runs == 1000 for row in rows if row.cost is not None)
    drawn = carlemanc.run(fixed("logistic-map-scalar", given), shots=0)
    assert drawn.readout is not None
    assert drawn.readout.shots == 1000
    part = estimate.error_budget["readout"]
    copies = 1000 * document["readout"]["copy_probability"]
    expected = claimed_error(
        estimate.readout,
        copies * estimate.readout.magnitude_share,
        copies * (1 - estimate.readout.magnitude_share),
    )
    assert part.achieved == pytest.approx(expected)


def test_readers_of_the_ring_know_which_weights_can_be_nonzero() -> None:
    """201 of 2^27 weights can be nonzero after 100 steps: their number, not n, says how many copies are read."""
    overrides = ["model.n=134217728", "training.steps=100"]
    document = carlemanc.estimate(fixed("quartic-ring", overrides)).to_json()
    readout = document["readout"]
    assert readout["support"] == readout["dimension"] == 201
    wanted = plan_readout(201, readout["epsilon"], readout["failure_probability"])
    assert readout["copies"] == wanted.copies
    both = document["success_probability"] * document["readout_probability"]
    assert document["total"]["runs"] == wanted.runs(both)
    baseline = document["classical_baseline"]
    assert (baseline["program"], baseline["flops"]) == ("support", 100_000)
    applying = {item["name"]: item["applies"] for item in baseline["programs"]}
    assert applying["dense"]
    assert applying["support"]
    assert not applying["chebyshev"]  # the quartic term moves theta(T)
    assert baseline["programs"][0]["flops"] == 134_217_728 * 100 * 10
    assert "one_sample" not in baseline["quantum_seconds"], "a sample answers no question"
    assert all(item["core"] is item["exascale"] is None for item in baseline["crossover"].values())


def test_idle_amplification_is_said() -> None:
    """Where the success is near 1 already no round helps: a warning, a line, and 0 rounds in the document."""
    overrides = ['solver.method="adiabatic"', 'solver.amplification="ancillas"']
    with pytest.warns(UserWarning, match="amplification changes nothing"):
        idle = carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    assert idle.to_json()["amplification"] == {"flag": "ancillas", "rounds": 0}
    assert any("changes nothing" in line for line in idle.assumptions)
    assert "no round of amplification helps" in idle.to_text(all=True, width=10_000)
    busy = carlemanc.estimate(fixed("logistic-map-scalar", overrides[1:]))
    assert busy.to_json()["amplification"] == {"flag": "ancillas", "rounds": 1}
    assert not any("changes nothing" in line for line in busy.assumptions)


def test_shots_grow_with_the_inverse_square_of_the_readouts_share() -> None:
    found = [
        carlemanc.estimate(fixed("logistic-map-scalar", [f"solver.epsilon={epsilon}"]))
        for epsilon in (0.1, 0.01)
    ]
    shares = [estimate.error_budget["readout"].share or 0.0 for estimate in found]
    assert found[1].readout.needed == pytest.approx(
        (shares[0] / shares[1]) ** 2 * found[0].readout.needed, rel=1e-9
    )
    assert shares[0] / shares[1] == pytest.approx(10, rel=0.1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@pytest.mark.parametrize("name", LEDGERS)
def test_every_level_of_the_ledger_adds_up(name: str, uncompute: str) -> None:
    estimate = carlemanc.estimate(fixed(name), uncompute=uncompute)
    assert unbalanced(estimate.ledger.rows) == []
    for total, column in (("t_count", "t"), ("toffoli_count", "toffoli"), ("rotation_count", "rotations")):
        assert getattr(estimate, total) == estimate.ledger.total(column)
    encodings = [row for row in estimate.to_json()["breakdown"] if "encoding" in row["part"]]
    assert encodings
    for row in encodings:
        assert len(row["children"]) > 1
        assert row["t"] == row["calls"] * row["t_each"]
        assert row["toffoli"] == row["calls"] * row["toffoli_each"] > 0
        assert row["rotations"] == row["calls"] * row["rotations_each"]


@pytest.mark.parametrize("method", ["hhl", "lcu", "kernel", "adiabatic", "march"])
def test_the_ledger_of_every_method_adds_up_to_the_emitted_circuit(method: str) -> None:
    overrides = [f"solver.method={method}", "solver.epsilon=0.2", "training.steps=1"]
    estimate = carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    assert unbalanced(estimate.ledger.rows) == []
    if estimate.is_emitted:
        counts = tally(stage_program(open_spec(fixed("logistic-map-scalar", overrides)), "solver"))
        assert estimate.ledger.total("toffoli") == counts.toffoli
        assert estimate.ledger.total("rotations") == counts.rotations


def test_the_ledger_names_what_a_call_of_the_encoding_is_made_of() -> None:
    overrides = ["model.n=134217728", "training.steps=100"]
    estimate = carlemanc.estimate(fixed("quartic-ring", overrides))
    encoding = next(row for row in estimate.ledger.rows if row.part == "block encoding of L")
    parts = {row.part: row for row in encoding.children}
    assert {"time shift", "step of slot 1 (stencil, l = 1, 3)", "rotation"} <= set(parts)
    assert sum(row.each("toffoli") or 0 for row in parts.values() if row.calls == encoding.calls) < 133
    assert "  time shift" in estimate.to_text(all=True, width=10_000)
