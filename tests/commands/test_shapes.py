"""A map known by its shape: estimated, swept and compared, refused by whatever needs entries."""

from __future__ import annotations

import numpy as np
import pytest

import carlemanc
from carlemanc.bloqs.loading import DEFAULT_LOADING
from carlemanc.bloqs.price import price_of
from carlemanc.commands.opening import open_spec
from carlemanc.commands.solvers import solvers
from carlemanc.core.errors import InputError
from tests.block_encoding.shaped_maps import regular_tensor
from tests.fixed import fixed

N, S = 64, 4
SHAPE = {
    "name": "shape",
    "map": {"shape": {"norms": [0.99, 1e-3, 1e-3], "row_nonzeros": S, "linear_row_sum": 1.2}},
    "model": {"n": N},
    "training": {"steps": 6, "initial": {"normal": 0.05, "seed": 3}},
    "carleman": {"order": 3},
}


@pytest.fixture(scope="module")
def estimated():
    return carlemanc.estimate(fixed(SHAPE))


def test_what_an_estimate_of_a_shape_says(estimated):
    document = estimated.to_json()
    assert document["counted_only"] is True
    assert (document["depth"], document["clifford_count"]) == (None, None)
    assert document["kappa"]["source"] == "bound"
    assert document["classical_baseline"]["flops"] == 6 * N * S * (2 + 3 + 4)
    assert sum(row["toffoli"] for row in document["breakdown"]) == document["toffoli_count"]
    said = " ".join(document["assumptions"])
    for words in ("can only be counted", "s = 4 entries", "||I + F_1|| = 0.99", "slowest linear mode"):
        assert words in said
    assert "can only be counted" in estimated.to_text(all=True, width=10_000)


@pytest.mark.parametrize(
    "call",
    [
        carlemanc.derive,
        carlemanc.analyze,
        carlemanc.verify,
        carlemanc.run,
        lambda spec: carlemanc.system(spec, output="nowhere"),
        lambda spec: carlemanc.compile(spec, output="nowhere"),
    ],
)
def test_what_needs_entries_refuses(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="can be counted, and nothing else") as caught:
        call(fixed(SHAPE))
    assert "map.shape" in caught.value.problems[0].where
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_real_map_of_the_shape_costs_at_most_as_much(tmp_path):
    """alpha times T of a call, what an inversion pays: the map's own cheapest leaves against the shape's bound."""
    tensors = {degree: regular_tensor(degree, N, degree, S) for degree in (1, 2, 3)}
    diagonal = tensors[1].rows == tensors[1].cols[:, 0]
    assert diagonal.sum() <= N
    arrays = {}
    for degree, t in tensors.items():
        values = t.vals * (1e-3 / t.norm2 if degree > 1 else 0.05)
        arrays |= {f"F{degree}_rows": t.rows, f"F{degree}_cols": t.cols, f"F{degree}_vals": values}
    np.savez(tmp_path / "map.npz", **arrays)
    real = open_spec(
        fixed({**SHAPE, "map": {"file": str(tmp_path / "map.npz")}}, ["compile.ancilla_budget=1"])
    )
    linear = real.lifted.map.G1()
    rows = {"linear_row_nonzeros": S + 1, "linear_row_sum": max(linear.norm_inf, linear.norm1)}
    norms = {"norms": [linear.norm2, 1e-3 * (1 + 1e-9), 1e-3 * (1 + 1e-9)], "row_nonzeros": S}
    gamma = [f"carleman.rescaling={real.lifted.gamma}", "compile.ancilla_budget=1"]
    shape = open_spec(fixed({**SHAPE, "map": {"shape": norms | rows}}, gamma))
    costs = [
        encoding.alpha * price_of(encoding).t_count(DEFAULT_LOADING)
        for encoding in (real.leading.encodings[0], shape.leading.encodings[0])
    ]
    assert costs[0] <= costs[1]
    assert real.lifted.bound.inverse_norm <= shape.lifted.bound.inverse_norm * (1 + 1e-9)


def test_qram_is_estimated_and_marked():
    document = carlemanc.estimate(fixed(SHAPE, ["compile.memory=qram"])).to_json()
    assert document["counted_only"] is True
    assert any(line.startswith("QRAM") for line in document["assumptions"])


def test_solvers_are_compared_by_shape():
    table = solvers(fixed(SHAPE))
    assert table.best.method in ("kernel", "qsvt")
    assert {row.method for row in table.rows if row.cost is not None} >= {"qsvt", "kernel", "lcu"}


@pytest.mark.parametrize("memory", ["lookup", "qram"])
def test_full_size(memory):
    """7 x 10^6 parameters, a tenth kept: counted without an entry."""
    spec = {
        **SHAPE,
        "map": {"shape": {"norms": [0.999, 2e-4, 2e-4], "row_nonzeros": 100, "linear_row_sum": 1.2}},
    }
    spec |= {"model": {"n": 700_000}, "training": {"steps": 100, "initial": {"sparse": {"0": 0.5}}}}
    found = open_spec(fixed(spec, [f"compile.memory={memory}"]))
    entries = 6 * 700_000 * 100  # F_1 in three slots, F_2 in two, F_3 in one
    assert 2 * entries < price_of(found.leading.encodings[0]).toffoli < 30 * entries
