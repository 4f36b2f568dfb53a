"""`[compile] memory` and `ancilla_budget` reach the block encoding, its counts and its refusal to be emitted."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.bloqs.lookups.qram import qram_queries
from carlemanc.commands.estimate import estimate
from carlemanc.commands.opening import open_spec, stage_program
from carlemanc.core.errors import InputError
from carlemanc.programs.bloq_counts import count
from tests.fixed import fixed

SPEC = """
[map]
file = "map.npz"
[training]
steps = 2
initial = { sparse = { "0" = 0.4 } }
[carleman]
order = 2
rescaling = 1.0
"""


@pytest.fixture
def spec(tmp_path):
    rng = np.random.default_rng(0)
    rows, cols = rng.integers(0, 32, 200), rng.integers(0, 32, (200, 2))
    np.savez(tmp_path / "map.npz", F2_rows=rows, F2_cols=cols, F2_vals=0.1 * rng.normal(size=200))
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


def test_an_ancilla_budget_saves_toffoli_gates(spec):
    plain, wide = open_spec(fixed(spec)), open_spec(fixed(spec, ["compile.ancilla_budget=300"]))
    assert plain.request.at.reading.loading() is None
    few, many = (count(found.leading.encodings[0]) for found in (plain, wide))
    assert many.toffoli * 4 + many.rotation_count * 100 < few.toffoli * 4 + few.rotation_count * 100
    assert many.qubits > few.qubits
    program = stage_program(wide, "block-encoding")
    assert program.width == many.qubits


def test_qram_is_priced_marked_and_not_emitted(spec):
    found = open_spec(fixed(spec, ["compile.memory=qram"]))
    encoding = found.leading.encodings[0]
    assert qram_queries(encoding) > 0
    assert count(encoding).toffoli > 0
    with pytest.raises(InputError, match="counted and not emitted"):
        stage_program(found, "block-encoding")


def test_an_estimate_with_qram_counts_what_has_gates_and_says_what_has_none(spec):
    lookup, qram = (estimate(fixed(spec, [f"compile.memory={memory}"])) for memory in ("lookup", "qram"))
    assert (qram.clifford_count, qram.depth, qram.is_emitted) == (None, None, False)
    assert "can only be counted: it has no gates" in qram.to_text(all=True, width=10_000)
    assert any("bucket-brigade queries" in line for line in qram.assumptions)
    assert qram.toffoli_count > 0
    # the split of epsilon weighs a dearer query: a little less for the polynomial, a few more shots, or the reverse
    assert qram.plan.queries_L == pytest.approx(lookup.plan.queries_L, rel=0.05)
    assert qram.readout.copies == pytest.approx(lookup.readout.copies, rel=0.01)
