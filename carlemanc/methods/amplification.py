r"""How far to amplify the probability of an event, and what a plan becomes.

With $\sin^2\theta = p$ and r rounds the success is $\sin^2((2r+1)\theta)$ for 2r + 1 runs of the circuit
[brassard2002]. Three forms:

* "expected": the r that minimizes the expected runs $(2r+1)/\sin^2((2r+1)\theta)$, then post-selection: (2r + 1)
  theta is near 1.166, the root of tan x = 2x, and the cost 1.380/theta (derived; QLSS section 6);
* "exact": r = ceil(pi/(4 theta) - 1/2) and the amplitude lowered to sin(pi/(4r+2)) by one more ancilla, so that the
  success is 1 [bhmt2002, section 2.1, in the form with one more qubit];
* "fixed-point": L = 2r + 1 >= ln(2/delta)/sqrt(p_min) with the phases of [yoder2014]: success at least 1 - delta^2
  for every p >= p_min, no knowledge of p.

The event is "all ancillas |0>", or with a flag of the answer's place (`methods.flagged`) the answer itself.

Errors. What stands on the event keeps its direction: all rounds stay in the plane of the event's part of the state and
the rest [brassard2002]. Its norm is planned. Let a be the event's part of one run, y what it stands for, in units that
make $|y| = 1$, $|a - y| \le \delta$, $\rho = |a|$, $h = |a/\rho - y|$, and $\tilde\rho$ the norm after the rounds over
the planned one. From $\delta^2 \ge (\rho-1)^2 + \rho h^2$ the error after the rounds is
$$(\tilde\rho-1)^2 + \tilde\rho h^2 \le (\tilde\rho-1)^2 + (\tilde\rho/\rho)(\delta^2 - (\rho-1)^2),$$
and with $|\tilde\rho - 1| \le |\rho - 1|$ at most $\delta^2 (1+\delta)/(1-\delta)$, which is at most $\epsilon^2$
where $\delta \le \epsilon/(1+\epsilon)$ (`inner_epsilon`; proved here). The premise holds to first order: a relative
error of the amplitude is multiplied by $(2r+1) \tan\theta/\tan((2r+1)\theta) \le 1$ for (2r + 1) theta <= pi/2 (tan is
convex; derived here) and by at most 0.75 in modulus at the optimum, beyond that too; the bound itself was checked on a
grid of p and of errors, $\epsilon$ up to 1/2, for all three forms (tested). A method that loses the norm normalizes:
$\tilde\rho = 1$.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling, floor, rounded_down, rounded_up
from carlemanc.methods.plan import Plan

if TYPE_CHECKING:
    from qualtran import Bloq

Form = Literal["expected", "exact", "fixed-point"]
P = TypeVar("P", bound=Plan)

MOST_PHASES = 100_000
"""Rounds of the fixed-point form, each with phases of its own; equal ones have no limit."""
DIGITS = 6
"""Significant digits of the probability that the rounds follow from: its last bits choose nothing."""

REFERENCES = {
    "expected": Formula(
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
JOINT = Formula(
    text="the event of the rounds is the answer itself, all ancillas |0>, t >= T and level 1: its probability is the "
    "success probability of one use times the readout probability, and every run that succeeds then reads it",
    status="derived here",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amplification:
    """Rounds around a circuit whose event has the probability `before`.

    Args:
        form: which of the three.
        before, after: probabilities of the event.
        betas, alphas: phases of rounds on the event and on the start.
        repeats: how often these rounds are repeated.
        dilution: angle of the Ry on one more ancilla; 0: none.
        phase: of the whole: makes the amplitudes after it positive multiples of those before.
    """

    form: Form
    before: float
    after: float
    betas: tuple[float, ...]
    alphas: tuple[float, ...]
    repeats: int
    dilution: float
    phase: float

    @property
    def rounds(self) -> int:
        """Number r."""
        return len(self.betas) * self.repeats

    @property
    def runs(self) -> int:
        """Uses of the circuit or its adjoint, 2r + 1."""
        return 2 * self.rounds + 1

    def plan(self, plan: P, *, joint: bool = False) -> P:
        """Return the solver's plan with this around it; `joint`: the event is that of the answer.

        What is left is then the answer alone: its norm is the scale of x, and relative errors are relative to it
        (||a part of x~ - x|| <= ||x~ - x||; proved). Without rounds the circuit is the solver's.
        """
        references = (*plan.references, REFERENCES[self.form])
        if not self.rounds:
            return replace(plan, references=references)
        factor = math.sqrt(self.after / self.before)
        scale = None if plan.amplitude_scale is None else plan.amplitude_scale * factor
        share = plan.readout_probability if joint else 1.0
        return replace(
            plan,
            queries_L=plan.queries_L * self.runs,
            queries_b=plan.queries_b * self.runs,
            ancillas=plan.ancillas + bool(self.dilution) + joint,
            success_probability=self.after,
            amplitude_scale=scale,
            solution_norm=plan.solution_norm * math.sqrt(share),
            errors={name: error / math.sqrt(share) for name, error in plan.errors.items()},
            readout_probability=1.0 if joint else plan.readout_probability,
            references=(*references, JOINT) if joint else references,
        )

    def amplitude(self, norm: float) -> complex:
        """Return the amplitude of the event after the rounds, from its norm before them."""
        if not self.rounds:
            return norm
        theta = math.asin(min(1.0, norm * math.cos(self.dilution / 2)))
        if self.form == "fixed-point":
            return amplified_amplitude(theta, self.betas, self.alphas) * cmath.exp(1j * self.phase)
        return math.sin(self.runs * theta)

    def least_after(self, largest: float, least_success: float) -> float:
        """Return what the event's probability is at least after the rounds, where it was between `before` and this.

        Plain rounds turn by (2r + 1) theta, and sin^2 is least at an end of what this may be, as long as that is
        below pi; the fixed point keeps its least success for all that is larger (proved).
        """
        if self.form == "fixed-point":
            return min(self.after, least_success)
        theta = math.asin(math.sqrt(min(1.0, largest)) * math.cos(self.dilution / 2))
        if self.runs * theta >= math.pi:
            return 0.0
        return min(self.after, abs(self.amplitude(math.sqrt(min(1.0, largest)))) ** 2)

    def circuit(self, circuit: Bloq, eps: float = 0.0) -> Bloq:
        """Return the amplified circuit, registers `system` and `ancilla`."""
        from carlemanc.methods.amplification_circuit import AmplitudeAmplification

        if not self.rounds:
            return circuit
        return AmplitudeAmplification(
            circuit, self.betas, self.alphas, self.dilution, self.phase, eps, self.repeats
        )


def inner_epsilon(epsilon: float) -> float:
    """Return the relative error of one run that the rounds leave within `epsilon`; see the module, proved."""
    return epsilon / (1 + epsilon)


def amplification(
    success_probability: float, form: Form = "expected", *, delta: float = 0.1, least: float | None = None
) -> Amplification:
    """Return the rounds for a circuit whose event has this probability.

    Args:
        success_probability: p, in (0, 1].
        form: see the module.
        delta: for "fixed-point": the success is at least 1 - delta^2.
        least: for "fixed-point": a lower bound of p; None: p itself.

    Raises InputError for numbers outside their range, TooLarge for more than `MOST_PHASES` rounds of the fixed point.
    """
    _check(success_probability, delta, least)
    theta = math.asin(math.sqrt(min(1.0, success_probability)))
    if form == "expected":
        return _plain(form, success_probability, theta, optimum_rounds(success_probability), 0.0)
    if form == "exact":
        rounds = exact_rounds(success_probability)
        wanted = math.sin(math.pi / (2 * (2 * rounds + 1)))
        dilution = 2 * math.acos(min(1.0, wanted / math.sin(theta)))
        return _plain(form, success_probability, math.asin(wanted), rounds, dilution)
    enough = success_probability >= 1 - delta**2
    rounds = 0 if enough and least is None else fixed_point_rounds(least or success_probability, delta)
    if rounds > MOST_PHASES:
        raise TooLarge(
            "fixed-point amplification, whose rounds all have phases of their own",
            size=f"{rounds:,} rounds",
            limit=f"{MOST_PHASES:,}",
            instead='Use solver.amplification_form = "expected" or "exact".',
        )
    betas, alphas = fixed_point_phases(rounds, delta)
    amplitude = amplified_amplitude(theta, betas, alphas)
    return Amplification(
        form=form,
        before=success_probability,
        after=abs(amplitude) ** 2,
        betas=betas,
        alphas=alphas,
        repeats=1,
        dilution=0.0,
        phase=-cmath.phase(amplitude),
    )


def optimum_rounds(success_probability: float) -> int:
    """Return the r that minimizes (2r + 1)/sin^2((2r + 1) theta), the fewer of equals to 8 digits."""
    theta = _angle(success_probability)
    middle = floor((1.1655611852072114 / theta - 1) / 2)
    tried = [r for r in (0, middle, middle + 1) if r >= 0 and (2 * r + 1) * theta < 3]
    return min(tried, key=lambda r: (rounded_up((2 * r + 1) / math.sin((2 * r + 1) * theta) ** 2, 8), r))


def exact_rounds(success_probability: float) -> int:
    """Return the least r with (2r + 1) theta >= pi/2."""
    return max(0, ceiling(math.pi / (4 * _angle(success_probability)) - 0.5))


def fixed_point_rounds(least: float, delta: float) -> int:
    """Return the least r with 2r + 1 >= ln(2/delta)/sqrt(least)."""
    return max(0, ceiling((math.log(2 / delta) / math.sqrt(rounded_down(least, DIGITS)) - 1) / 2))


def _angle(success_probability: float) -> float:
    """The angle theta that rounds are chosen by."""
    return math.asin(math.sqrt(min(1.0, rounded_down(success_probability, DIGITS))))


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


def _plain(form: Form, before: float, theta: float, rounds: int, dilution: float) -> Amplification:
    """Rounds with all phases pi; each contributes the sign -1."""
    return Amplification(
        form=form,
        before=before,
        after=min(1.0, math.sin((2 * rounds + 1) * theta) ** 2),
        betas=(math.pi,),
        alphas=(math.pi,),
        repeats=rounds,
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
