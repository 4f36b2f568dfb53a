"""Losses of a network output f against a target y, for one sample and one output.

mse: (f - y)^2 / 2, the network dividing by the number of samples m, so that the sum over samples and outputs
is 1/(2m) sum (f - y)^2. logistic: softplus(f) - y f, the negative log-likelihood of y in {0, 1} under
sigmoid(f), with softplus itself or the polynomial that stands for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.network.activation import ScalarFunction

if TYPE_CHECKING:
    from torch import Tensor


class OutputError(ABC):
    """A loss of one output f against its target y; a frozen dataclass, joined to specs by a line of `registry`."""

    is_of_classes: ClassVar[bool] = False
    """Whether the targets of one output are the classes 0 and 1."""

    @property
    def function(self) -> ScalarFunction | None:
        """The function of f in it that a polynomial may stand for."""
        return None

    @property
    @abstractmethod
    def degree(self) -> int | None:
        """The degree in f, None where it is no polynomial."""

    @abstractmethod
    def value(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each output."""

    @abstractmethod
    def slope(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return its derivative in f."""

    @abstractmethod
    def series(self, f: FloatArray, y: FloatArray, order: int) -> FloatArray:
        """Return the Taylor coefficients in f, shape (order + 1, *f.shape)."""

    @abstractmethod
    def torch_value(self, f: Tensor, y: Tensor) -> Tensor:
        """Return what `value` does, by operations of PyTorch that have derivatives."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SquaredError(OutputError):
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
        """Return the Taylor coefficients in f; see `OutputError.series`."""
        terms = np.stack((0.5 * (f - y) ** 2, f - y, np.full_like(f, 0.5)))
        result = np.zeros((order + 1, *f.shape))
        result[:3] = terms[: order + 1]
        return result

    def torch_value(self, f: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each output."""
        return 0.5 * (f - y) ** 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticError(OutputError):
    """softplus(f) - y f; `function`: softplus, or the polynomial that stands for it."""

    function: ScalarFunction
    is_of_classes: ClassVar[bool] = True

    @property
    def degree(self) -> int | None:
        """The degree in f, None where softplus is itself."""
        return self.function.degree

    def value(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each output."""
        return np.asarray(self.function.value(f) - y * f)

    def slope(self, f: FloatArray, y: FloatArray) -> FloatArray:
        """Return its derivative in f."""
        return np.asarray(self.function.slope(f) - y)

    def series(self, f: FloatArray, y: FloatArray, order: int) -> FloatArray:
        """Return the Taylor coefficients in f; see `OutputError.series`."""
        result = self.function.series(f, order)
        result[0] -= y * f
        if order:
            result[1] -= y
        return result

    def torch_value(self, f: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each output, with softplus itself."""
        return f.logaddexp(f.new_zeros(f.shape)) - y * f
