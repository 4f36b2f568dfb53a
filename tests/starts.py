"""Dense starts that a short circuit loads: how a user writes them, their rank at most, and numpy's own values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

DENSE = {
    "constant": ("0.4", 1),
    "walsh": ("0.4*walsh(i, 5)", 1),
    "bent": ("0.4*bent(i)", 2),
    "box": ("-0.2*interval(i, n/4, n/2)", 3),
    "interval": ("0.4*interval(i, 3, 11)", 3),
    "exponential": ("0.4*exp(-3*i/n)", 1),
    "power": ("0.9**i*0.4", 1),
    "bits": ("0.1 + 0.3*bit(i, 2)", 1),
    "cosine": ("0.4*cos(2*pi*3*i/n)", 2),
    "sine": ("0.1*sin(2*pi*i/n + 0.3)", 2),
    "sign": ("0.4*sign(i - 5)", 3),
    "polynomial": ("0.1 + (i/n)**3 - 0.5*(i/n)", 4),
    "gauss": ("0.4*exp(-((i - n/2)/(n/16))**2)", 14),
    "kink": ("0.4*tanh((i - n/2)/(n/8))", 16),
    "sum": ("0.4*cos(2*pi*3*i/n) + 0.2*exp(-2*i/n) + 0.1*interval(i, 2, 9)", 6),
}
"""Name -> (text, rank)."""


def numpy_values(name: str, n: int, sites: npt.NDArray[np.int64] | None = None) -> Array:
    """The same start by plain numpy, at all sites or at some."""
    i = np.arange(n) if sites is None else sites
    size = (n - 1).bit_length()
    inside = lambda low, high: ((i >= low) & (i < high)).astype(float)  # noqa: E731
    match name:
        case "constant":
            return np.full(len(i), 0.4)
        case "walsh":
            return 0.4 * (-1.0) ** ((i & 1) + (i >> 2 & 1))
        case "bent":
            return 0.4 * (-1.0) ** sum((i >> 2 * k & 1) * (i >> 2 * k + 1 & 1) for k in range(size // 2))
        case "box":
            return -0.2 * inside(n // 4, n // 2)
        case "interval":
            return 0.4 * inside(3, 11)
        case "exponential":
            return 0.4 * np.exp(-3 * i / n)
        case "power":
            return 0.4 * 0.9**i
        case "bits":
            return 0.1 + 0.3 * (i // 4 % 2)
        case "cosine":
            return 0.4 * np.cos(2 * np.pi * 3 * i / n)
        case "sine":
            return 0.1 * np.sin(2 * np.pi * i / n + 0.3)
        case "sign":
            return np.where(i < 5, -0.4, np.where(i == 5, 0.0, 0.4))
        case "polynomial":
            return 0.1 + (i / n) ** 3 - 0.5 * i / n
        case "gauss":
            return 0.4 * np.exp(-(((i - n / 2) / (n / 16)) ** 2))
        case "kink":
            return 0.4 * np.tanh((i - n / 2) / (n / 8))
        case _:
            return 0.4 * np.cos(6 * np.pi * i / n) + 0.2 * np.exp(-2 * i / n) + 0.1 * inside(2, 9)
