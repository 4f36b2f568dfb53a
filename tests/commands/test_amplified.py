"""`solver.amplification` and `solver.method = "adiabatic"` from the spec to theta(T)."""

from __future__ import annotations

import pytest

from carlemanc.commands.compile import compile
from carlemanc.commands.estimate import estimate
from carlemanc.commands.opening import open_spec
from carlemanc.commands.run import run

SCALAR = "carlemanc/examples/logistic-map-scalar.toml"
AMPLIFIED = "solver.amplification=true"


@pytest.mark.parametrize("backend", ["sparse", "matrix", "aer"])
def test_an_amplified_run_is_right_and_succeeds_as_planned(backend):
    result = run(SCALAR, overrides=[AMPLIFIED], backend=backend)
    assert result.failure is None
    assert result.solver_error <= 1e-3
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=1e-2)
    assert result.success_probability > 0.95 > 0.31


def test_the_estimate_counts_every_use():
    amplified = open_spec(SCALAR, [AMPLIFIED]).design.plan
    assert (amplified.queries_L, amplified.queries_b) == (3 * amplified.inner.queries_L, 3)
    rows = {row.part: row for row in estimate(SCALAR, overrides=[AMPLIFIED]).ledger.rows}
    assert rows["block encoding of L"].calls + rows["its adjoint"].calls == amplified.queries_L
    assert rows["prepare b"].calls + rows["unprepare b"].calls == 3


def test_an_adiabatic_run_is_right():
    result = run(SCALAR, overrides=["solver.method='adiabatic'"])
    assert result.failure is None
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=0.01)


@pytest.mark.parametrize(("method", "rounds"), [("qsvt", 1), ("adiabatic", 0)])
def test_the_manifest_tells_the_rounds(tmp_path, method, rounds):
    """Where none helps the circuit is the plain one: the manifest and a warning say so."""
    options = {"overrides": [AMPLIFIED, f"solver.method='{method}'"], "output": tmp_path / "out"}
    if rounds:
        document = compile(SCALAR, **options).document
    else:
        with pytest.warns(UserWarning, match="amplification = true changes nothing"):
            document = compile(SCALAR, **options).document
    assert document["amplification"] == {"flag": "ancillas", "rounds": rounds}
    parts = compile(SCALAR, overrides=[AMPLIFIED], output=tmp_path / "b", stage="block-encoding").document
    assert parts["amplification"] is None
