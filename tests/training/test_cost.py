"""The cost of a whole schedule is that of `estimate`, taken apart and added up."""

from __future__ import annotations

import pytest

from carlemanc import estimate
from carlemanc.core.rounding import whole
from carlemanc.present.text.training import cost_lines
from carlemanc.training.loop import train
from tests.fixed import fixed

PAIR = {
    "name": "pair",
    "loss": {
        "expression": "Sum(theta[i]**2/2 + theta[i]**4/4, (i, 0, n-1)) - J*theta[0]*theta[1]",
        "parameters": {"J": 0.3},
    },
    "model": {"n": 2},
    "training": {"learning_rate": 0.1, "steps": 4, "initial": [0.5, -0.25]},
    "carleman": {"order": 3},
}


def test_the_parts_add_up_to_the_estimate_of_the_first_segment() -> None:
    tables = {**PAIR, "schedule": {"reupload_every": 2, "tomography": False}}
    cost = train(fixed(tables), cost=True).to_json()["cost"]
    wanted = estimate(fixed(PAIR, ["training.steps=2"])).to_json()
    found = cost["lookup"]
    run = found["one_run"]
    for key, name in (("t", "t_count"), ("toffoli", "toffoli_count"), ("rotations", "rotation_count")):
        assert run["state_preparation"][key] + run["solver"][key] == wanted[name]
    assert run["queries"] == wanted["queries"]
    assert run["state_preparation"]["rotations"] > 0
    assert found["tomography"]["runs"] == wanted["total"]["runs"]
    for key in ("copies", "support", "copy_probability"):
        assert found["tomography"][key] == wanted["readout"][key]
    t = wanted["t_count_with_toffoli_as_4t"] + wanted["rotation_synthesis"]["t_count"]
    assert run["t_count"] == t
    assert cost["segments"] == 2
    assert found["training"]["t_count"] == whole(2 * t * wanted["total"]["runs"])
    assert found["training"]["seconds"] == pytest.approx(2 * wanted["physical"]["seconds_of_all_runs"])
    assert cost["classical"]["flops"] == 2 * wanted["classical_baseline"]["flops"]
    assert cost["classical"]["dense_flops"] == 0
    assert len(cost_lines(cost, 1000)) == 6


def test_a_segment_without_an_estimate_says_why() -> None:
    tables = {
        **PAIR,
        "readout": {"largest": 1, "method": "kerenidis-prakash"},
        "schedule": {"reupload_every": 4, "tomography": False},
    }
    cost = train(fixed(tables), cost=True).to_json()["cost"]
    assert "no bound is known for this readout" in cost["lookup"]["reason"]
    assert cost["classical"]["flops"] is None
    assert "no estimate" in cost_lines(cost, 1000)[1]
