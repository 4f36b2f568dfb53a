r"""How many copies of a real state determine it: proved bounds, and the constants of the literature.

A copy is one successful shot: all ancillas |0>, and the time and level that are read. The bounds count copies of a
normalized state x of d entries; with success probability P they hold for copies / P shots of the circuit, P never
entering otherwise (proved: failed shots are one more outcome of the same multinomial draw).

Magnitudes. $|x_i|$ is estimated by $\sqrt{\hat p_i}$. With $N$ shots,
$\|\sqrt{\hat p} - \sqrt p\|^2 \le KL(\hat p, p)$ and
$P(KL \ge y d / N) \le e^{-d (y - 1 - \ln y)}$ for $y > 1$ [agrawal2020] (Theorem 1.2, from memory; the failure
outcome makes d + 1 outcomes).

Signs. The circuit $(|0>|x> + |1>|r>)/\sqrt 2$, H on the flag, has $P(0, i) = (x_i + r_i)^2/4$ and
$P(1, i) = (x_i - r_i)^2/4$; the more frequent flag tells whether x_i has the sign of r_i. All signs of a set W
are wrong with probability at most $\exp(-M \sum_W m_i^2)$, $m_i = \min(|x_i|, |r_i|)$, hence
$P(\sum_{wrong} m_i^2 \ge \tau) \le (1 + \theta(1-\theta)^{(1-\theta)/\theta})^d e^{-\theta M \tau}$ for every
$\theta$ in (0, 1), and wrong signs add at most $2\sqrt\tau$ to the error (derived here: a Chernoff bound over the
joint draw; tested by sampling).

The k largest. S holds the k most frequent of d entries, H the k largest, T is the norm of the entries outside H, and
a, b, c are the l2 errors of the magnitudes on H without S, on S without H, and on both. Pair the entries of H without S
with those of S without H: of each pair the one in S was no less frequent, so the norm of x on the former is at most
that on the latter plus a + b, and what is left out has norm at most T + a + b. With the error on S itself, supports
being disjoint, the whole is at most
$$\sqrt{(T + a + b)^2 + b^2 + c^2} \le T + \sqrt{(a + b)^2 + b^2 + c^2} \le T + \varphi \sqrt{a^2 + b^2 + c^2}$$
with $\varphi = (1 + \sqrt 5)/2$ ($\varphi^2$ is the largest eigenvalue of ((1, 1), (1, 2))). The last root is the error
of the magnitudes on 2k entries, which the bound above holds for, with a union over the $\binom{d}{k} \le (e d/k)^k$
sets S (proved here; the inequality is tested on random magnitudes, the coverage by sampling). Nothing is asked of the
state and no pass finds survivors first: what is never seen has the estimate 0, and its error counts in a.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq, minimize_scalar


def magnitude_copies(dimension: int, epsilon: float, failure: float) -> float:
    """Return copies after which the magnitudes are within `epsilon` in l2, but for probability `failure`."""
    return _entropy_factor(dimension, failure) * dimension / epsilon**2


def magnitude_error(dimension: int, copies: float, failure: float) -> float:
    """Return the l2 error of the magnitudes that `copies` copies guarantee."""
    return math.sqrt(_entropy_factor(dimension, failure) * dimension / copies) if copies > 0 else math.inf


def kept_magnitude_copies(dimension: int, kept: int, epsilon: float, failure: float) -> float:
    """Return copies after which the `kept` most frequent entries have the norm and magnitudes of the largest.

    The l2 error of magnitudes, all others set to 0, is then at most `epsilon` and the norm of all but the largest.
    """
    return _kept_factor(dimension, kept, failure) / epsilon**2


def kept_magnitude_error(dimension: int, kept: int, copies: float, failure: float) -> float:
    """Return the error that `copies` copies guarantee, beside the norm of all but the `kept` largest entries."""
    return math.sqrt(_kept_factor(dimension, kept, failure) / copies) if copies > 0 else math.inf


def _kept_factor(dimension: int, kept: int, failure: float) -> float:
    """Copies times the squared error: phi^2 m y for sets of m = 2k entries, over the sets that may be chosen."""
    entries = min(2 * kept, dimension)
    sets = kept * (1 + math.log(dimension / kept))
    wanted = (sets + math.log(1 / failure)) / entries
    return (3 + math.sqrt(5)) / 2 * entries * _relative_entropy(wanted)


def sign_copies(dimension: int, epsilon: float, failure: float) -> float:
    """Return copies after which wrong signs add at most `epsilon` in l2 beside the error of the magnitudes."""
    return 4 * _sign_exponent(dimension, failure) / epsilon**2


def sign_error(dimension: int, copies: float, failure: float) -> float:
    """Return what wrong signs add at most to the l2 error after `copies` copies."""
    return 2 * math.sqrt(_sign_exponent(dimension, failure) / copies) if copies > 0 else math.inf


def largest_magnitude_copies(dimension: int, epsilon: float, failure: float) -> float:
    r"""Return copies after which every magnitude is within `epsilon` (l_inf).

    $P(|\sqrt{\hat p_i} - \sqrt{p_i}| \ge \epsilon) \le 2 e^{-N \epsilon^2}$ by Chernoff and
    $KL(a, p) \ge (\sqrt a - \sqrt p)^2$, then a union over d entries (proved here).
    """
    return math.log(2 * dimension / failure) / epsilon**2


def largest_sign_copies(dimension: int, least: float, failure: float) -> float:
    """Return copies after which every sign is right whose entry and reference are at least `least`.

    At most 1/least^2 entries of a unit vector are so large (proved here).
    """
    return math.log(max(1.0, min(dimension, least**-2)) / failure) / least**2


def _entropy_factor(dimension: int, failure: float) -> float:
    """The y > 1 with dimension * (y - 1 - ln y) = ln(1/failure)."""
    return _relative_entropy(math.log(1 / failure) / dimension)


def _relative_entropy(wanted: float) -> float:
    """The y > 1 with y - 1 - ln y = wanted."""
    return float(brentq(lambda y: y - 1 - math.log(y) - wanted, 1.0, 4.0 + 2 * wanted))


def _sign_exponent(dimension: int, failure: float) -> float:
    """M * tau: the least over theta of (d ln(1 + theta (1-theta)^((1-theta)/theta)) + ln(1/failure)) / theta."""

    def exponent(theta: float) -> float:
        growth = theta * (1 - theta) ** ((1 - theta) / theta)
        return (dimension * math.log1p(growth) + math.log(1 / failure)) / theta

    found = minimize_scalar(exponent, bounds=(1e-6, 1 - 1e-9), method="bounded")
    return float(exponent(float(found.x)))


# --- published ---------------------------------------------------------------------------------------------


def kerenidis_prakash_copies(dimension: int, epsilon: float, *, norm: str = "l2") -> float:
    """Return 36 d ln d / epsilon^2 (l2) or 36 ln d / epsilon^2 (linf), of plain and again of controlled copies.

    The l2 error is then at most sqrt(7) epsilon with probability 1 - 1/poly(d) [kerenidis_prakash2020] (from
    memory).
    """
    return 36 * (dimension if norm == "l2" else 1) * math.log(max(2, dimension)) / epsilon**2


def interior_point_copies(dimension: int, epsilon: float, failure: float) -> float:
    """Return 57.5 d ln(6 d / failure) / (epsilon^2 (1 - epsilon^2/4)), of plain and again of controlled copies.

    [dalzell2023] Proposition 4, second-hand; failed flags are included there.
    """
    return 57.5 * dimension * math.log(6 * dimension / failure) / (epsilon**2 * (1 - epsilon**2 / 4))


def amplitude_estimation_queries(
    dimension: int, epsilon: float, failure: float, *, norm: str = "l2"
) -> float:
    """Return d ln(d/failure)/epsilon (l2) or min(sqrt(d)/epsilon, 1/epsilon^2) ln(d/failure) (linf).

    Uses of the preparing unitary and its inverse in the tomography of [apeldoorn2022], Theorem and Proposition 22
    (second-hand). Only O~ is published: the constant here is 1 and further logarithms are left out, which every
    report that uses the number says.
    """
    logarithm = math.log(max(2, dimension) / failure)
    if norm == "l2":
        return dimension * logarithm / epsilon
    return min(math.sqrt(dimension) / epsilon, epsilon**-2) * logarithm
