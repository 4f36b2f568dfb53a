"""Runs of gradient descent on a lattice: a longer run goes on from a shorter one, whatever the order asked for."""

import numpy as np
import pytest

from carlemanc.carleman import lattice_run as runs
from carlemanc.pipeline.stages import Stages

HUGE = 1 << 24


def run(steps, sparse='{ "0" = 0.4 }', name="quartic-ring"):
    overrides = [f"model.n={HUGE}", f"training.steps={steps}", f"training.initial={{ sparse = {sparse} }}"]
    stages = Stages(name, overrides)
    return runs.lattice_run(stages.sequence, stages.displacement)


@pytest.mark.parametrize("work", [runs.WORK, 2000])
def test_shared_steps_change_nothing(monkeypatch, work):
    monkeypatch.setattr(runs, "WORK", work)
    fresh = {}
    for steps in (3, 9, 6):
        runs._walks.clear()
        fresh[steps] = run(steps)
    runs._walks.clear()
    for steps in (3, 9, 6, 9):
        found = run(steps)
        assert (found.steps_run, found.reached) == (fresh[steps].steps_run, fresh[steps].reached)
        for kind in ("2", "inf"):
            np.testing.assert_array_equal(found.sizes[kind], fresh[steps].sizes[kind])
    assert len(runs._walks) == 1
    assert (fresh[9].steps_run < 9) == (work == 2000)


def test_other_starts_are_other_walks():
    runs._walks.clear()
    first, second = run(4), run(4, '{ "0" = 0.3 }')
    assert first.sizes["2"][0] != second.sizes["2"][0]
    assert len(runs._walks) == 2
