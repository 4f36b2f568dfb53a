"""An independent gradient of a dense network: plain loops over samples and units, complex-step derivatives.

Im L(theta + i h e_r) / h with h = 1e-30 has no cancellation: it is the derivative to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Chebyshev, Polynomial
from scipy import special

from carlemanc.model.network.activation import ScalarFunction
from carlemanc.model.network.approximation import PolynomialFit
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.trained_network import follow

Function = Callable[[complex], complex]

FUNCTIONS: dict[str, Function] = {
    "identity": lambda z: z,
    "square": lambda z: z * z,
    "cubic": lambda z: z * z * z,
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "relu": lambda z: z if z.real > 0 else 0j,
    "gelu": lambda z: z * (1 + special.erf(z / np.sqrt(2))) / 2,
}


def function_of(used: ScalarFunction) -> Function:
    """Return a complex version of what a network uses, in the power basis for a fit."""
    if isinstance(used, PolynomialFit):
        return Chebyshev(used.coefficients, domain=used.interval).convert(kind=Polynomial, domain=[-1, 1])
    return FUNCTIONS[used.name]


def loss_of(
    theta: np.ndarray,
    x: np.ndarray,
    labels: np.ndarray,
    units: Sequence[int],
    biases: Sequence[bool],
    functions: Sequence[Function],
    softplus: Function | None,
) -> complex:
    """Return the loss of CONTRACT (d); labels are rows of targets for each sample."""
    total = 0j
    for sample, wanted in zip(x, labels, strict=True):
        values = [complex(value) for value in sample]
        position = 0
        for count, biased, function in zip(units, biases, functions, strict=True):
            width = len(values)
            sums = []
            for unit in range(count):
                row = theta[position + unit * width : position + (unit + 1) * width]
                sums.append(sum(w * v for w, v in zip(row, values, strict=True)))
            position += count * width
            if biased:
                sums = [z + b for z, b in zip(sums, theta[position : position + count], strict=True)]
                position += count
            values = [function(z) for z in sums]
        for f, y in zip(values, wanted, strict=True):
            total += (f - y) ** 2 / 2 if softplus is None else softplus(f) - y * f
    return total / len(x)


def complex_step_gradient(loss: Callable[[np.ndarray], complex], theta: np.ndarray) -> np.ndarray:
    """Return the gradient of a loss at real weights."""
    tiny = 1e-30
    result = np.empty(len(theta))
    for r in range(len(theta)):
        shifted = theta.astype(complex)
        shifted[r] += 1j * tiny
        result[r] = loss(shifted).imag / tiny
    return result


def classical_path(info: NetworkInfo, steps: int, *, fitted: bool = False) -> npt.NDArray[np.float64]:
    """u(0..steps) of gradient descent by backpropagation, (steps + 1, n); of the true network or the fitted one."""
    network = info.fitted if fitted else info.network
    return info.from_theta(follow(network, info.start, info.mask, info.learning_rate, steps))
