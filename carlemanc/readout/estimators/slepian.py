r"""Slepian's window: of all states of K phases the one whose Fourier transform has the most weight within +-w.

The largest eigenvalue of the kernel $\sin(c (x - y))/(\pi (x - y))$ on [-1, 1], $c = K w/2$, is the weight that the
best window of many points keeps within w [slepian1961]: an estimate of a phase misses by more than w with probability
1 - eigenvalue, and no state of K phases does better. Phase 2 theta, so theta within c/K for K iterates.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq

from carlemanc.core.arrays import FloatArray
from carlemanc.core.rounding import rounded_up

_NODES = 80
"""Gauss-Legendre nodes: the eigenvalue is then exact to 1e-14 for c below 20."""
_LEAST = 1e-9
"""Below it 1 - eigenvalue is lost in rounding, and its asymptotic form is taken (above it by 4 % here)."""


@lru_cache(maxsize=256)
def bandwidth(failure: float) -> float:
    """Return c with 1 - eigenvalue(c) = failure, rounded up to 6 digits: 2.56350 for .05, 3.50637 for .01."""

    def missing(c: float) -> float:
        return (1 - concentration(c) if failure >= _LEAST else _asymptotic(c)) - failure

    return rounded_up(float(brentq(missing, 1e-6, 20.0 - math.log(min(1.0, failure)), xtol=1e-12)), 6)


def concentration(c: float) -> float:
    """Return the largest eigenvalue of the sinc kernel."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    kernel = c / math.pi * np.sinc(c / math.pi * (nodes[:, None] - nodes))
    root = np.sqrt(weights)
    return float(np.linalg.eigvalsh(root[:, None] * kernel * root)[-1])


@lru_cache(maxsize=16)
def window(size: int, c: float) -> FloatArray:
    """Return the window of `size` amplitudes, positive, of norm 1, for the half width 2 c/size.

    The eigenvector of the largest eigenvalue of the tridiagonal matrix that commutes with the kernel ([slepian1961];
    the discrete one of Slepian, 1978, from memory). A half width of pi or more is all phases: any window would do.
    """
    if size == 1:
        return np.ones(1)
    k = np.arange(size)
    diagonal = ((size - 1) / 2 - k) ** 2 * math.cos(min(math.pi, 2 * c / size))
    beside = (k * (size - k) / 2)[1:]
    _, vectors = eigh_tridiagonal(diagonal, beside, select="i", select_range=(size - 1, size - 1))
    shape: FloatArray = np.abs(vectors[:, 0])
    shape.setflags(write=False)
    return shape


def _asymptotic(c: float) -> float:
    """4 sqrt(pi c) e^(-2c), what 1 - eigenvalue tends to for large c ([slepian1961] and later; from memory)."""
    return 4 * math.sqrt(math.pi * c) * math.exp(-2 * c)
