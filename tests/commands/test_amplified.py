"""`solver.amplification` and `solver.method = "adiabatic"` from the spec to theta(T)."""

from __future__ import annotations

import pytest

from carlemanc.commands.compile import compile
from carlemanc.commands.estimate import estimate
from carlemanc.commands.opening import open_spec
from carlemanc.commands.run import run
from tests.fixed import fixed

SCALAR = "carlemanc/examples/logistic-map-scalar.toml"
AMPLIFIED, ANCILLAS = "solver.amplification=true", 'solver.amplification="ancillas"'
READS = {AMPLIFIED: 0.85, ANCILLAS: 0.14}
"""What a run reads the answer with, at least."""


@pytest.mark.parametrize(
    ("flag", "reads", "backend"),
    [
        *((flag, reads, backend) for backend in ("sparse", "matrix") for flag, reads in READS.items()),
        (ANCILLAS, READS[ANCILLAS], "aer"),
        pytest.param(AMPLIFIED, READS[AMPLIFIED], "aer", marks=pytest.mark.slow),
    ],
)
def test_an_amplified_run_is_right_and_succeeds_as_planned(flag, reads, backend):
    """One run in 31 * 7 reads the answer without rounds: P = 0.31 * 0.145."""
    result = run(fixed(SCALAR, [flag]), backend=backend)
    assert result.failure is None
    assert result.solver_error <= 1e-3
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=1e-2)
    assert result.success_probability * result.readout_probability > reads
    assert (result.readout_probability == 1) == (flag == AMPLIFIED)


def test_true_amplifies_the_answer():
    plain, true, named = (
        open_spec(fixed("quartic-pair", [f"solver.amplification={value}"])).request.at.method
        for value in ("false", "true", '"readout"')
    )
    assert true == named != plain
    assert (true.inner, true.target, true.form) == (plain, "readout", "expected")


def test_forms_and_their_least_success_are_keys():
    options = ('solver.amplification_form="fixed-point"', "solver.amplification_success=0.8")
    design = open_spec(fixed("quartic-pair", [AMPLIFIED, *options])).design
    assert (design.method.form, design.method.least_success) == ("fixed-point", 0.8)
    assert 0.8 <= design.plan.success_probability < 0.99
    exact = open_spec(fixed("quartic-pair", [AMPLIFIED, 'solver.amplification_form="exact"'])).design.plan
    assert exact.success_probability == pytest.approx(1, abs=1e-12)


def test_the_estimate_counts_every_use():
    amplified = open_spec(fixed(SCALAR, [AMPLIFIED])).design.plan
    runs = 2 * amplified.amplification.rounds + 1
    assert (amplified.queries_L, amplified.queries_b) == (runs * amplified.inner.queries_L, runs)
    rows = {row.part: row for row in estimate(fixed(SCALAR, [AMPLIFIED])).ledger.rows}
    assert rows["block encoding of L"].calls + rows["its adjoint"].calls == amplified.queries_L
    assert rows["prepare b"].calls + rows["unprepare b"].calls == runs > 1


def test_an_adiabatic_run_is_right():
    result = run(fixed(SCALAR, ["solver.method='adiabatic'"]))
    assert result.failure is None
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=0.01)


@pytest.mark.parametrize(
    ("method", "asked", "flag", "rounds"),
    [
        ("qsvt", ANCILLAS, "ancillas", 1),
        ("adiabatic", ANCILLAS, "ancillas", 0),
        ("qsvt", AMPLIFIED, "readout", 2),
        ("adiabatic", AMPLIFIED, "readout", 1),
    ],
)
def test_the_manifest_tells_the_rounds(tmp_path, method, asked, flag, rounds):
    """Where none helps the circuit is the plain one: the manifest and a warning say so."""
    options = {"overrides": [asked, f"solver.method='{method}'"], "output": tmp_path / "out"}
    if rounds:
        document = compile(fixed(SCALAR), **options).document
    else:
        with pytest.warns(UserWarning, match="amplification changes nothing"):
            document = compile(fixed(SCALAR), **options).document
    assert document["amplification"] == {"flag": flag, "rounds": rounds}
    plain = open_spec(fixed(SCALAR, [f"solver.method='{method}'"])).design.circuit
    named = set(document["registers"]["ancilla"]) - set(document["registers"]["work"])
    assert len(named) == plain.ancilla_bitsize + (flag == "readout")
    assert named <= set(document["state"]["ancilla_zero"])
    parts = compile(fixed(SCALAR, [AMPLIFIED]), output=tmp_path / "b", stage="block-encoding").document
    assert parts["amplification"] is None
