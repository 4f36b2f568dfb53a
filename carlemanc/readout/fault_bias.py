r"""What failed logical operations do to what is read: nothing heralds them, so they bias it.

A run in which no operation fails yields entry i with probability $P q_i$, $P$ that of a copy (all ancillas |0>, at
the time and level that are read) and $q_i = x_i^2$. With probability at most $p$ one fails, and nothing is known of
what the run yields then: it may pass every flag. So the counts are drawn from $r_i = (1-p) P q_i + p \sigma_i$ with
any $\sigma_i \ge 0$, $\sum \sigma_i \le 1$. The bounds of `readout.bounds` hold for whatever is drawn from; what is
added to them, relative to the norm read, is the following. The premise: operations fail as events (stochastic
errors), runs fail independently and alike, those of the sign circuit with the same p. Proved here, tested with
optimized contaminations.

Magnitudes. With $a = (1-p) q_i$ and $s = p \sigma_i / P$, $(\sqrt{a+s} - \sqrt{q_i})^2 = (\sqrt a - \sqrt{q_i})^2 + s
- 2 \sqrt{q_i} (\sqrt{a+s} - \sqrt a)$, and the last term only helps. Summed over i,
$$\|\sqrt{r/P} - \sqrt q\|^2 \le p/P + (1 - \sqrt{1-p})^2,$$
reached where a failed run yields an entry with $q_i = 0$: no better bound holds. Were failed runs accepted no more
often than others, it would be about $\sqrt p$, not $\sqrt{p/P}$: that they are is not known.

Signs. The two flags of entry i come with $A, B = (f \pm \rho)^2/4$, $f = \sqrt{P q_i}$ and $\rho$ the unit reference;
contaminated, with at least $(1-p) A$ and at most $(1-p)(B + s)$, $s = p \tau_i/(1-p)$, $\sum \tau_i \le 1$. A wrong
sign costs $2 g$, $g = \min(f, c \rho)$, $c \le 1$ the norm of all magnitudes that were read. Let $m = \min(f, \rho)$
$= \sqrt A - \sqrt B$ and $t = s/(f \rho)$. Then $\sqrt{B + s} - \sqrt B \le m \sqrt t$ (square it: what remains is $t
\le \sqrt t$), hence $h = \sqrt A - \sqrt{B+s} \ge (1 - \sqrt t) g$, and as $g^2 \le c f \rho$, $g \le h + \sqrt{c s}$,
for t > 1 too. The Chernoff bound of `readout.bounds` holds with $\sqrt{1-p}\,h$ for m, so its sign error grows by
$1/\sqrt{1-p}$ and wrong signs add $2\sqrt{c p/(1-p)}$, relative to the norm $2\sqrt{c p/((1-p) P)}$, with $c \le
2\sqrt P$ as long as the magnitudes are not off by their whole norm.

A method that loses the norm of x divides by the square root of the measured success $S' \in [(1-p) S, (1-p) S + p]$.
Keeping the k largest entries turns an l2 error e before it into 3 e after it (two terms for entries taken for each
other, one for those kept).
"""

from __future__ import annotations

import math

from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down

BIAS = Formula(
    text="failed runs are not heralded and may yield anything, so at most sqrt(p/P + p^2) on magnitudes and "
    "2 sqrt(2 p/((1-p) sqrt(P))) by wrong signs, relative to the norm read; p the failure probability of a run, P the "
    "probability of a copy",
    status="proved",
)
"""What failed operations bias, to leading order; `fault_bias` has every term."""
BUDGET = Formula(
    text=f"the largest p whose bias is within its share of epsilon: {BIAS.text}", status="proved"
)
"""How the failure budget of a run follows."""
UNION = Formula(
    text="delta/2 by the number of uses of the circuit: with probability 1 - delta/2 no operation fails in any",
    status="proved",
)
"""The same for amplitude estimation, which runs its circuit coherently: half of delta is left to failed operations."""
_HALVINGS = 200


def fault_bias(
    failure: float, copy: float, *, success: float | None = None, largest: int | None = None
) -> float:
    """Return a bound on the l2 (so l_inf) error that failed runs add to what is read, relative to its norm.

    Args:
        failure: p, probability that any operation of a run fails, in [0, 1).
        copy: P, probability that a run without failures gives a copy, in (0, 1].
        success: probability of all ancillas |0>, where the norm of x is lost and what is read is divided by its root.
        largest: number of largest entries kept, None: all.

    Holds beside a readout whose own error is below the norm.
    """
    if failure <= 0:
        return 0.0
    kept = math.sqrt(1 - failure)
    magnitudes = math.sqrt(failure / copy + (1 - kept) ** 2)
    signs = 2 * math.sqrt(2 * failure / ((1 - failure) * math.sqrt(copy)))
    grown = 1 / kept - 1  # of an error of the sampling below the norm
    bias = magnitudes + signs + grown
    if success is not None:
        bias = bias / kept + grown + 1 - 1 / math.sqrt(1 - failure + failure / success)
    return bias if largest is None else 3 * bias


def failure_within(
    bias: float, copy: float, *, success: float | None = None, largest: int | None = None
) -> float:
    """Return the largest failure probability of a run whose `fault_bias` is at most `bias`, rounded down to 3 digits.

    The arguments are those of `fault_bias`; 0 where it is below the range of floats.
    """
    low, high = -745.0, math.log(0.5)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        within = fault_bias(math.exp(middle), copy, success=success, largest=largest) <= bias
        low, high = (middle, high) if within else (low, middle)
    return rounded_down(math.exp(low), 3)
