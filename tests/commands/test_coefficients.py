"""Loaded coefficients are as fine as the error budget asks."""

import numpy as np
import pytest

import carlemanc
from carlemanc.access.access import allowed_error
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import TooLarge
from carlemanc.evaluation.budget import error_budget
from tests.fixed import fixed

SITES = 5000


@pytest.fixture
def chain(tmp_path):
    """A ring whose couplings are too many for multiplexed rotations."""
    np.save(tmp_path / "J.npy", np.random.default_rng(0).uniform(0, 0.3, SITES))
    (tmp_path / "spec.toml").write_text(
        '[loss]\nexpression = "Sum(theta[i]**2/2 - J[i]*theta[i]*theta[i+1], (i, 0, n-1))"\n'
        f'parameters = {{ J = "J.npy" }}\n[model]\nn = {SITES}\n[carleman]\norder = 1\n'
        '[training]\nlearning_rate = 0.1\nsteps = 10\ninitial = { sparse = { "0" = 0.4 } }\n'
    )
    return tmp_path / "spec.toml"


@pytest.mark.parametrize("epsilon", [1e-2, 1e-5, 1e-7])
def test_bits_follow_the_budget(chain, epsilon):
    found = open_spec(fixed(chain, [f"solver.epsilon={epsilon}"]))
    design, encoding = found.counted, found.leading.encodings[0]
    budget = error_budget(design)
    share = budget["coefficients"].share
    assert share is not None
    assert 1e-4 * epsilon < share < 0.05 * epsilon
    assert sum(part.share or 0.0 for part in budget.values()) == pytest.approx(epsilon)
    limit = allowed_error(share / epsilon * design.epsilon, found.system.inverse_norm.inverse_norm)
    assert budget["coefficients"].is_kept
    rounding = encoding.alpha * rounding_error(encoding)
    assert encoding.epsilon == pytest.approx(rounding)
    assert limit / 2 < rounding <= limit


def test_verify_loads_as_its_tolerance_asks(chain):
    fine, coarse = (
        carlemanc.verify(fixed(chain), columns=60, tolerance=tolerance) for tolerance in (1e-9, 1e-4)
    )
    assert fine.worst.deviation < 1e-9
    assert 1e-9 < coarse.worst.deviation < 1e-4
    assert coarse.failure is None


def test_exact_angles_take_no_share():
    found = open_spec(fixed("quartic-ring", ["model.n=1024"]))
    assert found.leading.encodings[0].epsilon == 0
    part = error_budget(found.counted)["coefficients"]
    assert (part.share, part.achieved) == (0.0, 0.0)


def test_angles_finer_than_a_float_are_refused(chain):
    with pytest.raises(TooLarge, match="bits an angle"):
        open_spec(fixed(chain)).leading_within(1e-15)
