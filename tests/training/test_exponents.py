"""Growth with T is measured from estimates, in the regime that is named."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc import estimate
from carlemanc.core.errors import CheckFailed
from carlemanc.core.rounding import whole
from carlemanc.training.exponents import RING, measured_scaling, regime_scalings


@pytest.mark.slow
def test_queries_of_a_driven_zero_mode_grow_like_T_and_those_of_a_dissipative_ring_less() -> None:
    fully, almost = regime_scalings([8, 16, 32])
    assert (fully.regime, almost.regime) == ("fully dissipative", "almost dissipative")
    assert 0.8 < almost.exponents["queries"].exponent < 1.2
    assert fully.exponents["queries"].exponent < almost.exponents["queries"].exponent
    assert (
        fully.last["queries"] < fully.exponents["queries"].exponent
    )  # it saturates: ||L^-1|| <= 1/(1 - Gamma)


def test_the_fit_is_polyfit_of_the_estimates() -> None:
    """The overrides make it small; regimes differ in nothing but J."""
    small = ["model.n=2", "carleman.order=1", "loss.parameters.lam=0"]
    found = measured_scaling(RING, steps=[1, 2, 4], regime="fully dissipative", claimed=1, overrides=small)
    one = estimate(RING, overrides=[*small, "training.steps=4"])
    point = found.points[-1]
    assert (point.queries, point.runs) == (one.plan.queries_L, one.runs)
    assert point.t_count == one.t_with_toffoli + one.rotation_t
    assert point.t_count_of_all_runs == whole(one.runs * point.t_count)
    logs = np.log([float(item.t_count_of_all_runs) for item in found.points])
    slope = np.polyfit(np.log([1, 2, 4]), logs, 1)[0]
    assert found.exponents["t_count_of_all_runs"].exponent == pytest.approx(slope, rel=1e-9)
    assert "claimed: T^1" in found.to_text()


def test_another_regime_is_refused() -> None:
    with pytest.raises(CheckFailed, match="T = 2 is fully dissipative, not almost"):
        measured_scaling(RING, steps=[2, 3, 4], regime="almost dissipative", claimed=2)
