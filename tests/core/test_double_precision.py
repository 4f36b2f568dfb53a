"""Arithmetic that leaves double precision ends with a sentence; what means to be infinite is left alone."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from carlemanc.cli._app import main
from carlemanc.core.double_precision import within_double_precision
from carlemanc.core.errors import InputError
from tests.fixed import fixed_words


@pytest.mark.parametrize(
    "work",
    [
        lambda: np.square(np.array([1e200])),
        lambda: np.array([1e200]) @ np.array([1e200]),
        lambda: np.log(np.array([-1.0])),
        lambda: np.array([1.0]) / np.array([0.0]),
        lambda: math.exp(1e4),
        lambda: float(10**400),
        lambda: 1e200**2,
    ],
)
def test_overflow_and_undefined_operations_are_refused(work: Callable[[], object]) -> None:
    with pytest.raises(InputError, match="leaves double precision"), within_double_precision():
        work()


def test_infinities_that_are_meant_and_other_warnings_pass() -> None:
    with within_double_precision():
        with np.errstate(over="ignore"):
            assert np.square(np.array([1e200]))[0] == np.inf
        with pytest.warns(RuntimeWarning, match="another"):
            warnings.warn("another", RuntimeWarning, stacklevel=1)
        with pytest.raises(ZeroDivisionError):
            _ = 1 / 0


@pytest.mark.parametrize(
    ("example", "override"),
    [
        ("quartic-ring", "training.learning_rate=1.7e308"),
        ("quartic-pair", "carleman.rescaling=1e300"),
        ("cubic-pair", "training.center=[1e154, 0.1]"),
        ("quartic-pair", "training.initial=[1e300, 0.1]"),
        ("quartic-ring", "loss.parameters.lam=1.7e308"),
        ("quartic-pair", "solver.epsilon=1e-300"),
        ("quartic-pair", "carleman.padding=1000000000"),
    ],
)
@pytest.mark.parametrize("verb", ["analyze", "estimate"])
def test_specs_of_huge_numbers(
    example: str, override: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A documented status, and never the words of a library."""
    status = main([verb, example, *fixed_words(example), "--set", override])
    error = capsys.readouterr().err
    assert status in {0, 1, 2}
    assert "encountered" not in error
    assert "internal error" not in error
    if "epsilon" in override or "padding" in override:
        assert status == 2
        assert override.partition("=")[0] in error
