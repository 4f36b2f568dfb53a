"""Losses of a network output f against a target y, for one sample and one output, and the targets of data.

mse: (f - y)^2 / 2, the network dividing by the number of samples m, so that the sum over samples and outputs
is 1/(2m) sum (f - y)^2. logistic: softplus(f) - y f, the negative log-likelihood of y in {0, 1} under
sigmoid(f), with softplus itself or the polynomial that stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.activation import ScalarFunction

LOSSES = ("mse", "logistic")


@dataclass(frozen=True, slots=True, kw_only=True)
class SquaredError:
    """(f - y)^2 / 2."""

    @property
    def degree(self) -> int | None:
        """The degree in f, 2."""
        return 2

    def value(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each output."""
        return np.asarray(0.5 * (f - y) ** 2)

    def slope(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return its derivative in f."""
        return np.asarray(f - y)

    def series(self, f: FloatArray, y: FloatArray, order: int) -> FloatArray:
        """Return the Taylor coefficients in f, shape (order + 1, *f.shape)."""
        terms = np.stack((0.5 * (f - y) ** 2, f - y, np.full_like(f, 0.5)))
        result = np.zeros((order + 1, *f.shape))
        result[:3] = terms[: order + 1]
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticError:
    """softplus(f) - y f."""

    softplus: ScalarFunction

    @property
    def degree(self) -> int | None:
        """The degree in f, None where softplus is itself."""
        return self.softplus.degree

    def value(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each output."""
        return np.asarray(self.softplus.value(f) - y * f)

    def slope(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return its derivative in f."""
        return np.asarray(self.softplus.slope(f) - y)

    def series(self, f: FloatArray, y: FloatArray, order: int) -> FloatArray:
        """Return the Taylor coefficients in f, shape (order + 1, *f.shape)."""
        result = self.softplus.series(f, order)
        result[0] -= y * f
        if order:
            result[1] -= y
        return result


OutputError: TypeAlias = SquaredError | LogisticError


def targets(loss: str, y: FloatArray, units: int) -> FloatArray:
    """Return what each output is compared with, shape (units, m).

    One output: y itself for mse; for logistic y in {0, 1}, or the two values of a standardized y, the
    smaller as 0. Several outputs: one-hot labels; the class of a sample is y where all y are integers in
    0..units-1, else the rank of y among its distinct values, of which there must be `units`.

    Raises:
        InputError: y has the wrong number of classes.
    """
    if units == 1 and loss == "mse":
        return y[None, :]
    classes = max(units, 2)
    known, rank = np.unique(y, return_inverse=True)
    if np.all(np.isin(known, np.arange(classes))):
        rank = y.astype(np.int64)
    elif len(known) != classes:
        found = f"{len(known)} distinct values of y"
        problem = Problem(where="data", found=found, allowed=f"{classes} classes for {units} output units")
        raise InputError("The data do not fit the network.", [problem])
    if units == 1:
        return rank[None, :].astype(np.float64)
    return np.asarray(rank[None, :] == np.arange(units)[:, None], dtype=np.float64)
