r"""How far to amplify a success probability, and what a plan becomes.

With $\sin^2\theta = p$ and r rounds the success is $\sin^2((2r+1)\theta)$ for 2r + 1 runs of the circuit
[brassard2002]. Three ways:

* "optimum": the r that minimizes the expected runs $(2r+1)/\sin^2((2r+1)\theta)$, then post-selection: (2r + 1)
  theta is near 1.166, the root of tan x = 2x, and the cost 1.380/theta (derived; QLSS section 6);
* "exact": r = ceil(pi/(4 theta) - 1/2) and the amplitude lowered to sin(pi/(4r+2)) by one more ancilla, so that the
  success is 1 [bhmt2002, section 2.1, in the form with one more qubit];
* "fixed-point": L = 2r + 1 >= ln(2/delta)/sqrt(p_min) with the phases of [yoder2014]: success at least 1 - delta^2
  for every p >= p_min, no knowledge of p.

Errors: the direction of x on success does not change, and a relative error of the amplitude shrinks by $(2r+1)
\tan\theta/\tan((2r+1)\theta) \le 1$ for (2r + 1) theta <= pi/2 (tan is convex; derived here); at the optimum it is
at most 0.75 in modulus, beyond that too (all p tried).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling, rounded_up
from carlemanc.methods.plan import Plan

if TYPE_CHECKING:
    from qualtran import Bloq

Kind = Literal["optimum", "exact", "fixed-point"]
P = TypeVar("P", bound=Plan)

REFERENCES = {
    "optimum": Formula(
        text="r rounds take the success from sin^2(x) to sin^2((2 r + 1) x), for 2 r + 1 runs of the circuit",
        status="second-hand",
        sources=("brassard2002",),
        where="checked on the circuit",
    ),
    "exact": Formula(
        text="r rounds, the success lowered so that they end at certainty, for 2 r + 1 runs of the circuit",
        status="second-hand",
        sources=("brassard2002",),
        where="section 2.1, checked on the circuit",
    ),
    "fixed-point": Formula(
        text="fixed-point amplification: Chebyshev phases over 2 r + 1 runs of the circuit",
        status="second-hand",
        sources=("yoder2014",),
        where="eqs. 3 and 11, checked on the circuit",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amplification:
    """Rounds around a circuit of success probability `before`.

    Args:
        kind: which of the three.
        before, after: success probabilities.
        betas, alphas: phases of each round on success and on the start.
        dilution: angle of the Ry on one more ancilla; 0: none.
        phase: of the whole: makes the amplitudes after it positive multiples of those before.
    """

    kind: Kind
    before: float
    after: float
    betas: tuple[float, ...]
    alphas: tuple[float, ...]
    dilution: float
    phase: float

    @property
    def rounds(self) -> int:
        """Number r."""
        return len(self.betas)

    @property
    def runs(self) -> int:
        """Uses of the circuit or its adjoint, 2r + 1."""
        return 2 * self.rounds + 1

    def plan(self, plan: P) -> P:
        """Return the solver's plan with this around it."""
        factor = math.sqrt(self.after / self.before)
        scale = None if plan.amplitude_scale is None else plan.amplitude_scale * factor
        return replace(
            plan,
            queries_L=plan.queries_L * self.runs,
            queries_b=plan.queries_b * self.runs,
            ancillas=plan.ancillas + bool(self.dilution),
            success_probability=self.after,
            amplitude_scale=scale,
            references=(*plan.references, REFERENCES[self.kind]),
        )

    def circuit(self, circuit: Bloq, eps: float = 0.0) -> Bloq:
        """Return the amplified circuit, registers `system` and `ancilla`."""
        from carlemanc.methods.amplification_circuit import AmplitudeAmplification

        if not self.rounds:
            return circuit
        return AmplitudeAmplification(circuit, self.betas, self.alphas, self.dilution, self.phase, eps)


def amplification(
    success_probability: float, kind: Kind = "optimum", *, delta: float = 0.1, least: float | None = None
) -> Amplification:
    """Return the rounds for a circuit of this success probability.

    Args:
        success_probability: p, in (0, 1].
        kind: see the module.
        delta: for "fixed-point": the success is at least 1 - delta^2.
        least: for "fixed-point": a lower bound of p; None: p itself.

    Raises InputError for numbers outside their range.
    """
    _check(success_probability, delta, least)
    theta = math.asin(math.sqrt(min(1.0, success_probability)))
    if kind == "optimum":
        return _plain(kind, success_probability, theta, optimum_rounds(success_probability), 0.0)
    if kind == "exact":
        rounds = max(0, ceiling(math.pi / (4 * theta) - 0.5))
        wanted = math.sin(math.pi / (2 * (2 * rounds + 1)))
        dilution = 2 * math.acos(min(1.0, wanted / math.sin(theta)))
        return _plain(kind, success_probability, math.asin(wanted), rounds, dilution)
    rounds = fixed_point_rounds(least or success_probability, delta)
    betas, alphas = fixed_point_phases(rounds, delta)
    amplitude = amplified_amplitude(theta, betas, alphas)
    return Amplification(
        kind=kind,
        before=success_probability,
        after=abs(amplitude) ** 2,
        betas=betas,
        alphas=alphas,
        dilution=0.0,
        phase=-cmath.phase(amplitude),
    )


def optimum_rounds(success_probability: float) -> int:
    """Return the r that minimizes (2r + 1)/sin^2((2r + 1) theta), the fewer of equals to 8 digits."""
    theta = math.asin(math.sqrt(min(1.0, success_probability)))
    middle = math.floor((1.1655611852072114 / theta - 1) / 2)
    tried = [r for r in (0, middle, middle + 1) if r >= 0 and (2 * r + 1) * theta < 3]
    return min(tried, key=lambda r: (rounded_up((2 * r + 1) / math.sin((2 * r + 1) * theta) ** 2, 8), r))


def fixed_point_rounds(least: float, delta: float) -> int:
    """Return the least r with 2r + 1 >= ln(2/delta)/sqrt(least)."""
    return max(0, ceiling((math.log(2 / delta) / math.sqrt(least) - 1) / 2))


def fixed_point_phases(rounds: int, delta: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    r"""Return (betas, alphas): $\alpha_j = \beta_{r-j+1}$ up to sign $= 2\,\mathrm{arccot}(\tan(2\pi j/L) w)$.

    $w = \sqrt{1 - \gamma^2}$, $1/\gamma = T_{1/L}(1/\delta) = \cosh(\mathrm{acosh}(1/\delta)/L)$.
    """
    length = 2 * rounds + 1
    w = math.tanh(math.acosh(1 / delta) / length)
    alphas = [2 * math.atan2(1.0, math.tan(2 * math.pi * j / length) * w) for j in range(1, rounds + 1)]
    return tuple(-alpha for alpha in reversed(alphas)), tuple(alphas)


def amplified_amplitude(theta: float, betas: tuple[float, ...], alphas: tuple[float, ...]) -> complex:
    """Return the amplitude of success after the rounds, by 2 x 2 matrices (no overall sign taken out)."""
    start = (math.sin(theta), math.cos(theta))
    good, bad = complex(start[0]), complex(start[1])
    for beta, alpha in zip(betas, alphas, strict=True):
        good *= cmath.exp(1j * beta)
        shift = (cmath.exp(-1j * alpha) - 1) * (start[0] * good + start[1] * bad)
        good, bad = good + shift * start[0], bad + shift * start[1]
    return good


def _plain(kind: Kind, before: float, theta: float, rounds: int, dilution: float) -> Amplification:
    """Rounds with all phases pi; each contributes the sign -1."""
    return Amplification(
        kind=kind,
        before=before,
        after=min(1.0, math.sin((2 * rounds + 1) * theta) ** 2),
        betas=(math.pi,) * rounds,
        alphas=(math.pi,) * rounds,
        dilution=dilution if rounds else 0.0,
        phase=math.pi * (rounds % 2),
    )


def _check(success_probability: float, delta: float, least: float | None) -> None:
    named = {"success probability": success_probability, "delta": delta}
    named |= {} if least is None else {"least success probability": least}
    problems = [
        Problem(where=name, found=repr(value), allowed="a number above 0 and at most 1")
        for name, value in named.items()
        if not 0 < value <= 1 + 1e-9
    ]
    if problems:
        raise InputError("amplification needs probabilities", problems)
