"""`verify` on what observables are encoded by: right rows pass at any size, a wrong one is found and named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.commands import verify_observables
from carlemanc.core.json_text import json_text
from carlemanc.observables.checked_rows import CheckedRow
from tests.fixed import fixed, fixed_words

READ = [
    'readout.target="observables"',
    'readout.observables={ loss = "loss", slope = "gradient_norm", first = "theta[0]", '
    'fourth = "Sum(theta[i]**4, (i, 0, n-1))" }',
]


@pytest.mark.parametrize("changes", [["model.n=6"], ["model.n=134217728", "training.steps=100"]])
def test_every_encoded_row_is_checked(changes):
    found = carlemanc.verify(fixed("quartic-ring", [*changes, *READ]), columns=60)
    assert found.failure is None
    checks = json.loads(json_text(found.to_json()))["observables"]
    assert [item["name"] for item in checks] == ["loss", "slope", "first", "fourth"]
    assert [item["rows"] for item in checks][1:] == [1, 0, 1]
    assert all(item["columns"] >= 60 * bool(item["rows"]) for item in checks)
    assert max(item["deviation"] for item in checks) < 1e-12


def test_a_wrong_row_is_named(monkeypatch, capsys):
    def wrong(row, history, count, seed):
        return CheckedRow(columns=count, deviation=0.25)

    monkeypatch.setattr(verify_observables, "check_row", wrong)
    found = carlemanc.verify(fixed("quartic-ring", READ), columns=20)
    assert found.failure == (
        "a column of what slope is encoded by is off by 0.25, above the tolerance 1e-09"
        if not found.observables[0].rows
        else "a column of what loss is encoded by is off by 0.25, above the tolerance 1e-09"
    )
    assert replace(found, tolerance=0.5).failure is None
    arguments = ["verify", "quartic-ring", "--columns", "20"]
    assert main([*arguments, *fixed_words("quartic-ring", *READ)]) == 1
    shown = capsys.readouterr().out
    assert "first              read by shifts and overlaps" in shown


def test_theta_has_no_observables():
    assert carlemanc.verify(fixed("quartic-pair"), columns=20).observables == ()
