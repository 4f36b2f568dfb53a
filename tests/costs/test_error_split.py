"""The split of epsilon: the minimum of its model, against other shares, and against scipy's search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from carlemanc.core.errors import InputError
from carlemanc.costs.error_split import CostModel, Trend, optimal_split
from carlemanc.programs.rotation_prices import smooth_price

ROUNDED = 4e-4
"""What two digits of a share cost: a share s of slope s, off by up to 1 in 21, costs s/2/21^2, beside its floor."""


def model_of(**changes):
    """A circuit like that of a lattice loss at kappa = 40."""
    numbers = {
        "epsilon": 1e-3,
        "readout_amplitude": 0.3,
        "queries": Trend(shares=(0.25, 1 / 64), values=(400.0, 600.0)),
        "starts": Trend(shares=(0.25, 1 / 64), values=(1.0, 1.0)),
        "success": Trend(shares=(0.25, 1 / 64), values=(0.05, 0.04), kind="power"),
        "query_t": 500.0,
        "query_rotations": 10.0,
        "start_t": 100.0,
        "start_rotations": 20.0,
        "bit_rotations": 3.0,
        "bits_share": 1e-5,
        "price": smooth_price("gridsynth"),
        "readout_exponent": 2.0,
    }
    return CostModel(**(numbers | changes))


def searched(split):
    """The shares the model takes: all rotations together."""
    return {
        "polynomial": split.polynomial,
        "coefficients": split.coefficients,
        "rotations": split.synthesis,
        "readout": split.readout,
        "faults": split.faults,
    }


def model_with(own_rotations, bit_rotations, **changes):
    """Rotations of a query: its own, and thirty for each loaded angle."""
    return model_of(
        query_rotations=own_rotations + 30 * bit_rotations, bit_rotations=bit_rotations, **changes
    )


MODELS = st.builds(
    model_with,
    epsilon=st.floats(1e-6, 0.05),
    readout_amplitude=st.floats(1e-3, 0.5),
    query_t=st.integers(10, 10**4),
    own_rotations=st.integers(5, 50),
    start_rotations=st.integers(0, 1000),
    bit_rotations=st.sampled_from([0, 1, 20]),
    readout_exponent=st.sampled_from([0.0, 1.0, 2.0]),
    faults_bias=st.booleans(),
    price=st.sampled_from([smooth_price(n) for n in ("gridsynth", "phase-gradient", "mixed-fallback")]),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(model=MODELS, factor=st.sampled_from([0.5, 0.8, 1.2, 1.5]), seed=st.integers(0, 10**6))
def test_moving_epsilon_from_one_cause_to_another_costs_more(model, factor, seed):
    best = searched(optimal_split(model))
    assert math.fsum(best.values()) == pytest.approx(1.0, abs=1e-9)
    names = [name for name, share in best.items() if share]
    taken, given_to = np.random.default_rng(seed).permutation(len(names))[:2]
    moved = (factor - 1) * min(best[names[taken]], best[names[given_to]])
    other = best | {
        names[taken]: best[names[taken]] - moved,
        names[given_to]: best[names[given_to]] + moved,
    }
    assert model.log_total(other) >= model.log_total(best) - ROUNDED


@settings(max_examples=4, deadline=None, derandomize=True)
@given(model=MODELS)
def test_it_is_the_minimum_that_scipy_finds(model):
    best = searched(optimal_split(model))
    names = [name for name, share in best.items() if share]

    def total(logits):
        weights = np.exp(logits - logits.max())
        return model.log_total(best | dict(zip(names, weights / weights.sum(), strict=True)))

    found = minimize(
        total, np.zeros(len(names)), method="Nelder-Mead", options={"maxiter": 600, "fatol": 1e-10}
    )
    assert model.log_total(best) <= found.fun + ROUNDED


def test_shares_follow_what_they_buy():
    """A bit of a share costs its slope of one run; the readout pays all of it twice."""
    cheap, dear = (optimal_split(model_of(query_rotations=r)) for r in (1.0, 40.0))
    assert cheap.rotations < dear.rotations
    assert dear.readout > 0.8
    assert optimal_split(model_of(bit_rotations=0.0)).coefficients == 0.0
    assert optimal_split(model_of(readout_exponent=0.0)).readout == 0.0
    linear = optimal_split(model_of(readout_exponent=1.0))
    assert linear.readout < dear.readout


def test_failed_operations_take_little_and_not_nothing():
    """A tenth of their share is two decades of the failure probability: ln(100) more of about 50 in the distance."""
    split = optimal_split(model_of())
    assert 0.005 < split.faults < 0.1
    assert split.faults < split.readout
    assert optimal_split(model_of(faults_bias=False)).faults == 0.0


def test_preparation_takes_its_part_by_number():
    model = model_of(bit_rotations=0.0)
    split = optimal_split(model)
    starts, others = model.rotations(searched(split))
    assert split.preparation / split.rotations == pytest.approx(starts / others, rel=0.01)


def test_a_share_that_is_decided_is_kept():
    split = optimal_split(model_of(), coefficients=0.2)
    assert split.coefficients == 0.2
    assert split.circuit + split.readout + split.faults == pytest.approx(1.0, abs=1e-9)


def test_a_trend_goes_through_its_points():
    for kind in ("linear", "power"):
        trend = Trend(shares=(0.5, 0.125), values=(10.0, 40.0), kind=kind)
        assert (trend(0.5), trend(0.125)) == pytest.approx((10.0, 40.0))
    assert Trend(shares=(0.5, 0.125), values=(10.0, 40.0))(0.25) == pytest.approx(25.0)
    assert Trend(shares=(0.5, 0.125), values=(10.0, 40.0), kind="power")(0.25) == pytest.approx(20.0)


def test_a_success_probability_of_zero_is_no_trend() -> None:
    with pytest.raises(InputError, match="success probability of 0"):
        Trend(shares=(0.5, 0.25), values=(1e-300, 0.0), kind="power")
