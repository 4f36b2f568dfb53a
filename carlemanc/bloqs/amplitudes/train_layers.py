r"""A tensor train as layers of multiplexed Y rotations: what prepares it, bit after bit, without work bits.

With the train's cores made isometries from the right, |f> = sum A_1[x_1] ... A_m[x_m] |x_1 ... x_m>: step k turns the
bond, kept on the lowest bits of the target, into bit x_k and the next bond. Such an isometry (Q_0, Q_1) is, by its
cosine-sine decomposition $Q_x = U_x D_x V^T$, $D_0 = \cos$, $D_1 = \sin$, one rotation of bit k for each value of the
bond, then a rotation U_x of the bond for each value of bit k; $V^T$ joins the rotations of the step before, and the
last bits of the site are the last bond. An orthogonal matrix of determinant 1 falls apart the same way, down to
single rotations: N(N - 1)/2 of them for N x N, as many as it has parameters, and r^2 for a step of rank r = 2^b.

Sequential generation: Schön et al. 2005 [schon2005]; the recursion is derived here, checked against the vector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.starts.train import Train, settled

_NOTHING = 1e-13
"""Cosines and sines below this are 0, and this close are equal: near rounding, so that what is lost is too."""
_LEAST = 1e-14
"""What an angle must change in a state to be more than a rounding."""


class Layer(NamedTuple):
    """Ry(`angles[x]`) on bit `target` of the site, x the number in the bits `address`, the first least significant."""

    target: int
    address: tuple[int, ...]
    angles: tuple[float, ...]


@lru_cache(maxsize=16)
def train_layers(train: Train) -> tuple[Layer, ...]:
    """Return the layers that prepare a rounded train, normalized, in the order of the circuit.

    Bit 0 is the least significant bit of the site. The train must have rows orthonormal but for the first core, as
    `Train.rounded` leaves them.
    """
    cores = [*train.cores]
    cores[0] = cores[0] / np.linalg.norm(cores[0])
    size = len(cores)
    widths = [(core.shape[0] - 1).bit_length() for core in cores]
    last = next(k for k in range(size + 1) if (widths[k] if k < size else 0) == size - k)
    after = _tail(cores[last:])
    steps = []
    for k in range(last - 1, -1, -1):
        angles, turns, after = _split_step(cores[k], after, 1 << widths[k])
        steps.append((size - 1 - k, widths[k], angles, turns))
    layers: list[Layer] = []
    before = np.ones((1, 1))
    for bit, width, angles, turns in reversed(steps):
        bond = (turns.shape[1] - 1).bit_length()
        first = Layer(bit, tuple(range(width)), tuple(angles.tolist()))
        others = _rotation_layers(turns, tuple(range(bond)), (bit,))
        made, before = _settled_step(first, others, before[: 1 << width], bond)
        layers += made
    return tuple(layers)


def _settled_step(
    first: Layer, others: Iterable[Layer], before: FloatArray, bond: int
) -> tuple[list[Layer], FloatArray]:
    """Return the layers of a step with angles that hardly matter at the nearest quarter turn, and the bond after it.

    An angle of a branch with amplitude w is known to rounding over w, and matters by w times its error: it is rounded
    to `_LEAST` over w, so that the last bits of a double choose few gates.

    Args:
        first: the rotation of the new bit; others: those of the bond.
        before: (2^bits, k), amplitudes of the bond for each of k directions of what stands before it.
        bond: bits of the bond after.
    """
    angles = _snapped(np.array(first.angles), np.linalg.norm(before, axis=1))
    made = [first._replace(angles=tuple(angles.tolist()))]
    halves = np.zeros((2, 1 << bond, before.shape[1]))
    for half, size in zip(halves, (np.cos(angles / 2), np.sin(angles / 2)), strict=True):
        half[: len(size)] = size[:, None] * before
    place = np.arange(1 << bond)
    for layer in others:
        low = place[place >> layer.target & 1 == 0]
        high, found = low | 1 << layer.target, np.zeros(len(layer.angles))
        for x, half in enumerate(halves):
            own = [np.full(len(low), x) if bit == first.target else low >> bit & 1 for bit in layer.address]
            values = sum((bits << k for k, bits in enumerate(own)), np.zeros(len(low), dtype=np.int64))
            sizes = np.hypot(np.linalg.norm(half[low], axis=1), np.linalg.norm(half[high], axis=1))
            found[values] = _snapped(np.array(layer.angles)[values], sizes)
            cosine, sine = np.cos(found[values] / 2)[:, None], np.sin(found[values] / 2)[:, None]
            half[low], half[high] = (
                cosine * half[low] - sine * half[high],
                sine * half[low] + cosine * half[high],
            )
        made.append(layer._replace(angles=tuple(found.tolist())))
    after = np.concatenate(list(halves), axis=1)
    return made, np.asarray(np.linalg.qr(after.T, mode="r")).T


def _snapped(angles: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return the angles, of branches with such amplitudes, on a grid from the nearest quarter turn on.

    The steps of the grid are powers of two, so that equal angles stay equal; without a branch the angle is 0.
    """
    quarter = np.rint(angles / (np.pi / 2)) * (np.pi / 2)
    step = 2.0 ** np.ceil(np.log2(_LEAST / np.maximum(sizes, _LEAST)))
    found = quarter + np.rint((angles - quarter) / step) * step
    return np.where(sizes <= _LEAST, 0.0, found)


def _tail(cores: Sequence[FloatArray]) -> FloatArray:
    """Return the matrix from the bond to the last bits, (2^bits, bond)."""
    found = np.ones((1, 1))
    for core in cores[::-1]:
        found = np.concatenate([core[:, 0] @ found, core[:, 1] @ found], axis=1)
    return found.T


def _split_step(
    core: FloatArray, after: FloatArray, columns: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the angles of a step by value of the bond before, U_0 and U_1, and what the step before has to do.

    Args:
        core: A[x], (r, 2, r').
        after: what is done to the bond after it, (rows, r').
        columns: 2^bits of the bond before it.
    """
    blocks = [after @ core[:, bit].T for bit in (0, 1)]
    rows, used = max(1 << (len(blocks[0]) - 1).bit_length(), columns), core.shape[0]
    blocks = [np.pad(block, ((0, rows - len(block)), (0, 0))) for block in blocks]
    basis = _common_basis(*blocks)
    sizes, turns = [], []
    for block, order in zip(blocks, (1, -1), strict=True):
        size, turn = _factor(block @ basis, order)
        if np.linalg.det(turn) < 0:
            turn[:, -1] *= -1
            if used == rows:
                size[-1] *= -1
        sizes.append(size)
        turns.append(turn)
    angles = np.zeros(columns)
    angles[:used] = 2 * np.arctan2(sizes[1], sizes[0])
    return angles, np.array(turns), basis.T


def _common_basis(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return V, square, such that the columns of `first` V and of `second` V are each orthogonal, cosines falling.

    The two are the halves of an isometry. Directions with a large cosine are told apart by their sines, the others by
    their cosines: each by the one that resolves it.
    """
    _, cosines, rows = np.linalg.svd(first)
    cosines = np.pad(cosines, (0, len(rows) - len(cosines)))
    large = int(np.count_nonzero(cosines > np.sqrt(0.5)))
    by_sine = _settled_basis(second @ rows[:large].T)[:, ::-1] if large else np.zeros((0, 0))
    rest = rows[large:]
    by_cosine = _settled_basis(first @ rest.T) if len(rest) else np.zeros((0, 0))
    return np.concatenate([rows[:large].T @ by_sine, rest.T @ by_cosine], axis=1)


def _settled_basis(matrix: FloatArray) -> FloatArray:
    """Return right singular vectors as columns, values falling; a basis of equal ones as `settled` gives it."""
    _, values, rows = np.linalg.svd(matrix)
    values = np.pad(values, (0, len(rows) - len(values)))
    found, start = [], 0
    for stop in range(1, len(rows) + 1):
        if stop == len(rows) or values[start] - values[stop] > _NOTHING:
            found.append(settled(rows[start:stop]))
            start = stop
    return np.concatenate(found).T


def _factor(block: FloatArray, order: int) -> tuple[FloatArray, FloatArray]:
    """Return sizes and an orthogonal matrix U with U[:, j] sizes[j] = block[:, j], columns orthogonal already.

    `order`: 1 where the columns come largest first, -1 where they come last.
    """
    columns = range(block.shape[1])[::order]
    sizes, found = np.zeros(block.shape[1]), np.zeros((len(block), len(block)))
    placed: list[int] = []
    for j in columns:
        rest = block[:, j] - found[:, placed] @ (found[:, placed].T @ block[:, j])
        size = float(np.linalg.norm(rest))
        if size > _NOTHING:
            unit = rest / size
            unit -= found[:, placed] @ (found[:, placed].T @ unit)
            found[:, j], sizes[j] = unit / np.linalg.norm(unit), size
            placed.append(j)
    free = [j for j in range(len(block)) if j not in placed]
    if free:
        _, _, others = np.linalg.svd(found[:, placed].T) if placed else (0, 0, np.eye(len(block)))
        found[:, free] = settled(others[len(placed) :]).T
    return sizes, found


def _rotation_layers(
    matrices: FloatArray, bits: tuple[int, ...], address: tuple[int, ...]
) -> Iterator[Layer]:
    """Yield the layers of matrices[x] on `bits`, determinant 1, x the number in `address`; both lowest bit first."""
    if not bits:
        return
    if len(bits) == 1:
        yield Layer(bits[0], address, tuple((2 * np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])).tolist()))
        return
    parts = [_split_rotation(matrix) for matrix in matrices]
    inner, top = bits[:-1], bits[-1]
    yield from _rotation_layers(np.concatenate([part[2] for part in parts]), inner, (top, *address))
    yield Layer(top, (*inner, *address), tuple(np.concatenate([part[1] for part in parts]).tolist()))
    yield from _rotation_layers(np.concatenate([part[0] for part in parts]), inner, (top, *address))


def _split_rotation(matrix: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (L_0, L_1), angles, (R_0, R_1), all of determinant 1: matrix = L Ry(angles on the top bit) R."""
    half = len(matrix) // 2
    first, second = matrix[:half, :half], matrix[half:, :half]
    basis = _common_basis(first, second)
    cosines, left0 = _factor(first @ basis, 1)
    sines, left1 = _factor(second @ basis, -1)
    right0 = basis.T
    right1 = cosines[:, None] * (left1.T @ matrix[half:, half:]) - sines[:, None] * (
        left0.T @ matrix[:half, half:]
    )
    angles = 2 * np.arctan2(sines, cosines)
    if np.linalg.det(left0) < 0:
        left0[:, -1], right0[-1], angles[-1] = -left0[:, -1], -right0[-1], -angles[-1]
    if np.linalg.det(left1) < 0:
        left1[:, -1], right1[-1], angles[-1] = -left1[:, -1], -right1[-1], -angles[-1]
    if np.linalg.det(right0) < 0:
        right0[-1], right1[-1], angles[-1] = -right0[-1], -right1[-1], angles[-1] + 2 * np.pi
    return np.array([left0, left1]), angles, np.array([right0, right1])
