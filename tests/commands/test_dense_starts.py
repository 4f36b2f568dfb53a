"""Dense starts of large lattices: what is printed of them, what does not depend on n, what is said of order 3."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.core.errors import InputError
from carlemanc.costs.classical_baseline import MACHINES
from tests.fixed import fixed

RING = "Sum(theta[i]**2/2 + lam*theta[i]**4/4 - J*theta[i]*theta[i+1], (i, 0, n-1))"


def spec(function: str, n: int, *, order: int = 1, steps: int = 10, **tables: Any) -> dict[str, Any]:
    return {
        "loss": {"expression": RING, "parameters": {"lam": 0.3, "J": 0.4}},
        "model": {"n": n},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": {"function": function}},
        "carleman": {"order": order, **tables.pop("carleman", {})},
        **tables,
    }


def estimated(*arguments: Any, levers: bool = False, **options: Any) -> dict[str, Any]:
    """Return an estimate's document; `levers`: with those, and with crossovers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return carlemanc.estimate(fixed(spec(*arguments, **options)), levers=levers).to_json()


def test_the_norm_dilemma_is_a_law() -> None:
    """P n^(N-1) at the best gamma is one number for n = 2^10..2^27: gradient descent of a constant start is exact."""
    values = []
    for bits in (10, 14, 27):
        found = [
            estimated("0.4", 1 << bits, order=3, carleman={"rescaling": gamma}, solver={"method": "march"})
            for gamma in (1.4, 2.0, 2.8)
        ]
        values.append(max(item["readout"]["copy_probability"] for item in found) * 4.0**bits)
        dilemma = found[0]["norm_dilemma"]
        assert dilemma["order"] == 3
        assert dilemma["spread"] == pytest.approx(2.0**bits)
        assert dilemma["probability_of_order"] == pytest.approx(4.0**-bits)
        assert not dilemma["linear"]
    assert np.allclose(values, values[0], rtol=2e-3)
    assert 1 < values[0] < 1000


def test_it_is_said_before_anything_else() -> None:
    with pytest.warns(UserWarning, match=r"norm dilemma: the start spreads over 6.71e\+07 sites, .*N = 3"):
        text = carlemanc.estimate(fixed(spec("0.4*cos(2*pi*3*i/n)", 1 << 27, order=3))).to_text(
            all=True, width=10_000
        )
    assert "norm dilemma           P = " in text


def test_small_weights_are_called_linear() -> None:
    with pytest.warns(UserWarning, match="carleman.order = 1 gives the same"):
        found = carlemanc.estimate(fixed(spec("1e-4*cos(2*pi*3*i/n)", 1 << 20, order=3)))
    assert found.dilemma is not None
    assert found.dilemma.is_linear


@pytest.mark.parametrize("function", ["0.4*interval(i, 10, 20)", "0.4*exp(-i)"])
def test_a_start_on_few_sites_has_no_dilemma(function: str) -> None:
    assert "norm_dilemma" not in estimated(function, 1 << 20, order=3)


def test_order_one_has_none() -> None:
    assert "norm_dilemma" not in estimated("0.4", 1 << 27)


@pytest.mark.parametrize("function", ["0.4", "0.4*cos(2*pi*3*i/n)", "0.4*bent(i)"])
def test_estimates_of_order_one_do_not_depend_on_n(function: str) -> None:
    """alpha, kappa, degree, success and readout at 2^12, 2^20 and 2^27; qubits and Toffoli grow with the bits alone."""
    found = [estimated(function, 1 << bits, steps=20) for bits in (12, 20, 27)]
    for item in found[1:]:
        for key in ("alpha", "success_probability", "readout_probability"):
            assert item[key] == pytest.approx(found[0][key], rel=2e-2), key
        assert item["kappa"]["value"] == pytest.approx(found[0]["kappa"]["value"], rel=1e-3)
        assert abs(item["degree"] - found[0]["degree"]) <= 0.03 * found[0]["degree"]
    assert found[2]["logical_qubits"] - found[0]["logical_qubits"] == 2 * 15
    assert found[2]["t_of_a_run"] < 1.6 * found[0]["t_of_a_run"]


def test_bounds_of_kappa_do_not_grow_with_n() -> None:
    """The lattice of a public report: phi^4 wells, learning rate 0.05, random starts of deviation 0.1."""
    phi4 = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 + 0.2*(theta[i+1] - theta[i])**2, (i, 0, n-1))"
    bounds = []
    for n in (1_000, 16_384, 65_536, 1_000_000):
        tables = spec("0.1", n, order=3, steps=20)
        tables["loss"] = {"expression": phi4}
        tables["training"] |= {"learning_rate": 0.05, "initial": {"normal": 0.1, "seed": 7}}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = carlemanc.analyze(fixed(tables))
        bounds.append(found.bound.value)
        assert found.classical.flops > 0
        assert found.outlook.decay is not None
    assert max(bounds) < 60
    assert bounds[3] < 1.2 * bounds[1]


@pytest.mark.parametrize(
    ("function", "order", "reason"),
    [
        ("0.4*bent(i)", 1, "samples sites"),
        ("0.4*bent(i)", 3, "ever more seldom"),
        ("0.4/(i + 1)", 1, "samples"),
    ],
)
def test_no_crossover_is_claimed_from_a_dense_start(function: str, order: int, reason: str) -> None:
    found = estimated(function, 1 << 27, order=order, levers=True)["classical_baseline"]["crossover"]
    assert reason in found["n"]["reason"]
    assert not any(one[machine] for one in found.values() for machine in MACHINES)


def test_few_sites_have_a_crossover_like_a_sparse_start() -> None:
    same = [
        estimated("0.4*interval(i, 0, 1)", 1 << 20, order=3, levers=True),
        carlemanc.estimate(
            fixed(
                {
                    **spec("0", 1 << 20, order=3),
                    "training": {"learning_rate": 0.1, "steps": 10, "initial": {"sparse": {"0": 0.4}}},
                }
            )
        ).to_json(),
    ]
    for key in ("t_of_a_run", "logical_qubits", "alpha", "readout_probability", "success_probability"):
        assert same[0][key] == pytest.approx(same[1][key], rel=1e-9), key
    assert same[0]["readout"]["support"] == same[1]["readout"]["support"] == 21
    crossovers = [item["classical_baseline"]["crossover"] for item in same]
    assert crossovers[0] == crossovers[1]


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("n", [2_500_000, 1 << 27])
def test_a_random_start_is_priced_by_lookup(n: int, order: int, tmp_path: Path) -> None:
    """About 2 n Toffoli for each slot that is loaded, never a refusal; what emits says why it cannot."""
    tables = spec("0", n, order=order)
    tables["training"]["initial"] = {"normal": 0.1, "seed": 7}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = carlemanc.estimate(fixed(tables), levers=False).to_json()
        assert found["counted_only"]
        loaded = found["breakdown"][0]
        assert loaded["part"] == "prepare b"
        assert n * order <= loaded["toffoli"] <= 2.2 * n * order
        with pytest.raises(InputError, match="priced by lookup"):
            carlemanc.compile(fixed(tables), stage="state-preparation", output=tmp_path)
