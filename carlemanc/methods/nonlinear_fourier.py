r"""The inverse nonlinear Fourier transform behind phase factors: completion, stripping, layer products.

A layer is $S(\varphi) = \mathrm{diag}(\zeta, 1) R(\varphi)$, $R(\varphi) = [[\cos, \sin], [-\sin, \cos]]$,
$|\zeta| = 1$. A product of L layers is $[[\zeta p, \zeta q], [-\tilde q, \tilde p]]$ with real polynomials p,
q of L coefficients (index = power of zeta) and the tilde reversing them, so only p and q are stored.
Multiplying neighbors pairwise by FFT costs O(L log^2 L); a cyclic FFT of length 2L holds the product of two
L-layer blocks exactly.

References: completion through the outer (Szegő) function: [alexis2024] arXiv:2407.05634. Divide and conquer
and its stability: [ni2025] arXiv:2505.12615. The recursion on real pairs (p, q) is derived here.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from carlemanc.core.arrays import FloatArray

_LEAF = 1024
"""Layers stripped one by one before FFTs take over (measured fastest at degrees 1e3 to 2e5)."""
_LONGEST_FFT = 1 << 24


def complete(b: FloatArray) -> tuple[FloatArray, float]:
    r"""Return the outer polynomial a with |a|^2 + |b|^2 = 1 on the unit circle, and the aliasing tail.

    Args:
        b: (d+1,) real coefficients with |b| < 1 on the circle.

    Returns:
        a: (d+1,) real coefficients, no zero in the closed disc, a[0] > 0 (Fejér-Riesz: degree d is enough).
        tail: largest coefficient the FFT left above degree d: the error of the completion. FFTs are
            lengthened until it is below 1e-14 or no longer falls (about (d/(1 - sup)) log(1/tail) points are
            needed).

    Raises ValueError where |b| reaches 1 on the grid.
    """
    size = 1 << max(3, (8 * len(b) - 1).bit_length())
    previous = np.inf
    while True:
        square = np.abs(fft.rfft(b, size)) ** 2
        if not square.max() < 1.0:
            raise ValueError("the polynomial reaches absolute value 1: scale it down")
        logarithm = fft.irfft(np.log1p(-square) / 2, size)
        logarithm[1 : size // 2] *= 2  # analytic part: keep the powers >= 0
        logarithm[size // 2 + 1 :] = 0
        a = fft.irfft(np.exp(fft.rfft(logarithm)), size)
        tail = float(np.abs(a[len(b) :]).max())
        if tail < 1e-14 or size >= _LONGEST_FFT or (tail > previous / 2 and tail < 1e-11):
            return a[: len(b)].copy(), tail
        previous, size = tail, 2 * size


def strip_layers(a: FloatArray, b: FloatArray, count: int) -> FloatArray:
    """Return the (count,) angles of the first `count` layers of the pair (a, b).

    Layer k has tan(angle) = b_0/a_0; undoing it removes the lowest coefficient of b. Only the lowest `count`
    coefficients of the pair enter, so a palindromic pair (symmetric angles) needs half of them. O(n log^2 n).
    """
    return _strip(a[:count], b[:count], product_needed=False)[0]


def multiply_layers(angles: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p and q, each (len(angles),), of the product S(angles[0]) S(angles[1]) ... ."""
    count = len(angles)
    blocks = 1 << max(0, (count - 1).bit_length())
    padded = np.concatenate([np.zeros(blocks - count), angles])  # leading diag(zeta, 1): p, q shifted up
    p, q = np.cos(padded)[:, None], np.sin(padded)[:, None]
    while len(p) > 1:
        p, q = _multiply_pairs(p[0::2], q[0::2], p[1::2], q[1::2])
    return p[0, blocks - count :], q[0, blocks - count :]


def _multiply_pairs(
    p1: FloatArray, q1: FloatArray, p0: FloatArray, q0: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (zeta p1 p0 - q1 rev(q0), zeta p1 q0 + q1 rev(p0)) along the last axis, twice as long."""
    size = 2 * p1.shape[-1]
    shift = np.exp(-2j * np.pi / size * np.arange(size // 2 + 1))
    hat_p1, hat_q1 = fft.rfft(p1, size) * shift, fft.rfft(q1, size)
    p = fft.irfft(hat_p1 * fft.rfft(p0, size) - hat_q1 * fft.rfft(q0[..., ::-1], size), size)
    q = fft.irfft(hat_p1 * fft.rfft(q0, size) + hat_q1 * fft.rfft(p0[..., ::-1], size), size)
    return p, q


def _strip(
    a: FloatArray, b: FloatArray, *, product_needed: bool
) -> tuple[FloatArray, tuple[FloatArray, FloatArray] | None]:
    """Strip len(a) layers; with `product_needed` also return p, q of the stripping product.

    Stripping layer k multiplies (a, b) by S(angle_k)/zeta, the last layer leftmost.
    """
    count = len(a)
    if count <= _LEAF:
        angles = _strip_one_by_one(a, b)
        return angles, multiply_layers(angles[::-1]) if product_needed else None
    half = 1 << ((count - 1).bit_length() - 1)  # power of two: blocks multiply without padding
    first, product = _strip(a[:half], b[:half], product_needed=True)
    assert product is not None
    second, rest = _strip(*_advance(a, b, product), product_needed=product_needed)
    angles = np.concatenate([first, second])
    if rest is None:
        return angles, None
    if len(rest[0]) == half:
        return angles, _multiply_pairs(*rest, *product)
    return angles, multiply_layers(angles[::-1])


def _advance(
    a: FloatArray, b: FloatArray, product: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Apply a stripping product of h layers to the lowest n coefficients; return the n - h still known."""
    p, q = product
    h, n = len(p), len(a)
    size = fft.next_fast_len(n, real=True)  # wrapping reaches only the h coefficients that are dropped
    hat_a, hat_b = fft.rfft(a, size), fft.rfft(b, size)
    new_a = fft.irfft(fft.rfft(p, size) * hat_a + fft.rfft(q, size) * hat_b, size)
    new_b = fft.irfft(fft.rfft(p[::-1], size) * hat_b - fft.rfft(q[::-1], size) * hat_a, size)
    return new_a[h - 1 : n - 1], new_b[h:n]


def _strip_one_by_one(a: FloatArray, b: FloatArray) -> FloatArray:
    a, b = a.copy(), b.copy()
    tangents = np.empty(len(a))
    for k in range(len(tangents)):
        ratio = b[0] / a[0]
        tangents[k] = ratio
        # common factors cos(angle) cancel in the ratios; a block is short, so leaving them out is harmless
        a, b = a[:-1] + ratio * b[:-1], b[1:] - ratio * a[1:]
    return np.arctan(tangents)
