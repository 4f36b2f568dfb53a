"""Observables from emitted circuits of the solvers themselves, by the sparse simulator."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.access.access import Reading
from carlemanc.methods.registry import method_named
from carlemanc.observables.observe import observe
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed
from tests.observables.runs import read

ASKED = [
    "Sum(theta[i]**2, (i, 0, n-1))",
    "loss",
    "gradient_norm",
    "theta[0]",
    "theta[1] - theta[0]",
    "Sum(theta[i]**4, (i, 0, n-1))",
]


def _run(lifted, name, epsilon):
    method = method_named(name)
    access = method.traits.access(lifted, Reading(), None)
    plan = method.plan(access.facts, epsilon)
    return method.circuit(plan, access), access, plan


def _observed(lifted, expression):
    return observe(lifted, "it", expression, lifted.training.vocabulary, precision=1e-6)


def test_a_march_leaves_the_truncated_values():
    """It has no error of its own; sum theta^2 of the published ring, T = 4, is .0743141."""
    lifted = lifted_of(fixed("quartic-ring"))
    run, access, plan = _run(lifted, "march", 1e-3)
    for expression in ASKED:
        found = _observed(lifted, expression)
        value = read(found, run, access, plan.amplitude_scale)
        assert value == pytest.approx(found.truncated, abs=1e-9)
        assert abs(value - found.classical) <= found.certificate + 1e-9
    size = _observed(lifted, ASKED[0])
    assert read(size, run, access, plan.amplitude_scale) == pytest.approx(0.0743141, abs=5e-8)


def test_a_driven_march_reads_level_one_above_the_constant():
    lifted = lifted_of(fixed("cubic-pair"))
    run, access, plan = _run(lifted, "march", 1e-3)
    assert lifted.systems[0].is_driven
    for expression in ("loss", "theta[0]", "theta[0]*theta[1]", "gradient_norm"):
        found = _observed(lifted, expression)
        assert read(found, run, access, plan.amplitude_scale) == pytest.approx(found.truncated, abs=1e-9)


def test_an_inversion_is_within_what_its_error_does():
    """x is off by its certified error over all times; S says what that does to each observable."""
    lifted = lifted_of(fixed("quartic-ring", ["model.n=2", "training.steps=2"]))
    run, access, plan = _run(lifted, "qsvt", 2e-3)
    error = plan.error_bound / np.sqrt(access.facts.readout_probability)
    assert error < 0.1
    for expression in ASKED:
        found = _observed(lifted, expression)
        value = read(found, run, access, plan.amplitude_scale)
        assert abs(value - found.truncated) <= 1.05 * found.sensitivity * error
        assert value == pytest.approx(found.truncated, rel=0.02)
