"""Encoded rows of observables against their tensors, at small n and at 2^27 sites, rings and open chains."""

from __future__ import annotations

import attrs
import pytest

from carlemanc.observables import encoded_row
from carlemanc.observables.checked_rows import check_row
from carlemanc.observables.observe import observe
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed

LARGE = ["model.n=134217728", "training.steps=100"]
CASES = {
    "loss": ("quartic-ring", LARGE, "loss"),
    "loss of an open chain": ("quartic-ring", [*LARGE, 'loss.boundary="open"'], "loss"),
    "gradient": ("quartic-ring", LARGE, "gradient_norm"),
    "open bonds": ("quartic-ring", [*LARGE, 'loss.boundary="open"'], "Sum(theta[i]*theta[i+1], (i, 0, n-1))"),
    "a part of the sites": ("quartic-ring", LARGE, "Sum(theta[i]**4 - theta[i]*theta[i+2], (i, 5, 90))"),
    "two dimensions": ("phi4-lattice", ["model.dims=[8192,16384]"], "loss"),
    "few sites": ("quartic-ring", ["model.n=5"], "Sum(theta[i]**4, (i, 0, n-1)) + theta[0]*theta[3]**3"),
    "data": ("quartic-ridge-diabetes", [], "loss"),
    "cubic": ("cubic-pair", [], "theta[0]**2*theta[1] + theta[1]**2"),
}


@pytest.mark.parametrize("name", CASES)
def test_two_hundred_columns(name):
    spec, changes, expression = CASES[name]
    lifted = lifted_of(fixed(spec, changes))
    found = observe(lifted, "it", expression, lifted.training.vocabulary, precision=1e-9)
    assert found.rows
    for row in found.rows:
        checked = check_row(row, lifted.history, 200)
        assert checked.columns >= min(40, 2 ** sum(map(len, lifted.history.layout.slots_wires)))
        assert checked.deviation < 1e-12 * max(1.0, row.alpha)


def test_a_wrong_circuit_deviates(monkeypatch):
    """A probe of another row, of the same registers."""
    lifted = lifted_of(fixed("quartic-ring", ["model.n=8"]))
    found = observe(lifted, "it", "loss", lifted.training.vocabulary, precision=1e-9)
    (row,) = observe(lifted, "it", "gradient_norm", lifted.training.vocabulary, precision=1e-9).rows
    assert check_row(row, lifted.history, 50).deviation < 1e-12
    other = encoded_row._step(row, 0.0)
    wrong = attrs.evolve(other, units=other.units[::-1])
    monkeypatch.setattr(encoded_row, "_step", lambda encoded, eps: wrong)
    assert check_row(found.rows[0], lifted.history, 50).deviation > 0.01
