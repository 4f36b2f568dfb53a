"""The adiabatic walk and its filter in exact arithmetic, for the amplitudes circuits must give."""

from __future__ import annotations

import math

import numpy as np

from carlemanc.methods.matrix_backend import Array


class _WalkMatrix:
    """States of shape (outside 2, c 2, block 2, D); the block |0> is where A acts."""

    def __init__(self, matrix: Array, unit: Array) -> None:
        left, sigma, right = np.linalg.svd(matrix)
        rest = np.sqrt(np.clip(1 - sigma**2, 0, None))
        corner = right.conj().T * rest @ right
        other = left * rest @ left.conj().T
        self._dilation = np.block([[matrix, other], [corner, -matrix.conj().T]])
        self._unit = unit
        self.size = len(unit)

    def start(self) -> Array:
        state = np.zeros((2, 2, 2, self.size), dtype=np.result_type(self._dilation, self._unit, np.float64))
        state[0, 0, 0] = self._unit
        return state

    def apply(self, state: Array, f: float) -> Array:
        """The encoding of G(f)."""
        return self._projected(self._interpolated(state, f))

    def apply_adjoint(self, state: Array, f: float) -> Array:
        """Its adjoint: the interpolation is Hermitian."""
        return self._interpolated(self._projected(state), f)

    def _interpolated(self, state: Array, f: float) -> Array:
        length = math.hypot(f, 1 - f)
        cosine, sine = (1 - f) / length, f / length
        flat = state.reshape(2, 2, 2 * self.size)
        low, high = flat[:, 0] @ self._dilation.conj(), flat[:, 1]
        low, high = cosine * low + sine * high, sine * low - cosine * high
        return np.stack([low @ self._dilation.T, high], axis=1).reshape(state.shape)

    def _projected(self, state: Array) -> Array:
        state = state.copy()
        found = state[:, 0, 0] @ self._unit.conj()
        state[:, 0, 0] += np.outer(found[::-1] - found, self._unit)
        return state

    @staticmethod
    def reflect(state: Array) -> Array:
        """1 - 2|0><0| on the ancillas."""
        state = state.copy()
        state[0, :, 0] *= -1
        return state


def walk_amplitudes(matrix: Array, unit: Array, schedule: Array, weights: Array) -> Array:
    """Return the amplitudes (D,) with all ancillas |0> and c = 1.

    Args:
        matrix: A, (D, D), norm at most 1.
        unit: b, normalized.
        schedule: f of each walk step.
        weights: of the filter.
    """
    walk = _WalkMatrix(np.asarray(matrix), np.asarray(unit))
    state = walk.start()
    for step, f in enumerate(schedule):
        state = walk.apply_adjoint(state, f) if step % 2 else walk.apply(state, f)
        state = walk.reflect(state)
    state[1] = state[:, :, 1] = 0  # strayed: flagged before the filter
    total = weights[0] * state
    for number, weight in enumerate(weights[1:], start=1):
        state = walk.apply(walk.reflect(state), 1.0)
        state = walk.apply_adjoint(walk.reflect(state), 1.0)
        total = total + (-1) ** number * weight * state
    return np.asarray(total[0, 1, 0])
