"""padding = "balanced": one choice for every command, near the best p, and gamma for that p."""

import math

import pytest

import carlemanc
from carlemanc.linear_system.padding import candidates
from tests.commands.lifting import lifted
from tests.fixed import fixed

BALANCED = 'carleman.padding="balanced"'


def cost(name, overrides, padding):
    stages = lifted(name, [*overrides, f"carleman.padding={padding}"])
    return stages.inverse_norm.kappa / math.sqrt(stages.norms.readout_probability)


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("quartic-pair", ()),
        ("cubic-pair", ("training.steps=12",)),
        ("logistic-map-scalar", ("training.steps=8",)),
        ("sgd-diabetes", ()),
    ],
)
def test_near_the_best_padding(name, overrides):
    chosen = lifted(name, [*overrides, BALANCED])
    best = min(cost(name, overrides, padding) for padding in candidates(chosen.history.steps))
    assert cost(name, overrides, chosen.padding) <= 1.1 * best
    assert chosen.history.padding == chosen.padding > 0


def test_a_given_gamma_stays():
    stages = lifted("quartic-pair", [BALANCED, "carleman.rescaling=0.9"])
    assert (stages.gamma, stages.padding > 0) == (0.9, True)


def test_every_command_takes_it(tmp_path):
    expected = lifted("quartic-pair", [BALANCED]).padding
    assert (
        carlemanc.system(fixed("quartic-pair", [BALANCED]), output=tmp_path / "s").document["padding"]
        == expected
    )
    assert carlemanc.verify(fixed("quartic-pair", [BALANCED]), columns=20).failure is None
    counts = carlemanc.estimate(fixed("quartic-pair", [BALANCED]))
    given = carlemanc.estimate(fixed("quartic-pair", [f"carleman.padding={expected}"]))
    assert counts.to_json()["t_count"] == given.to_json()["t_count"]
