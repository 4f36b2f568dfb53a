"""theta(T) from shots: the plan of the readout, and the reading of one final state or of a device.

Comes in: a design, and whoever runs the two circuits. Goes out: a `ShotReadout` whose error bound is in units of
theta. What is read is level 1 at the times T..T+p, post-selected, relative to the norm of theta(T) - center.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.plan import Plan
from carlemanc.readout.copies import Copies
from carlemanc.readout.sampling import ReadoutSource, SampledState, read_vector
from carlemanc.readout.ways.sampling import SampledPlan, as_sampled

MAX_SHOTS = 10**17
"""A draw counts in 64-bit integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotReadout(Document):
    """What the shots were and what they guarantee.

    Args:
        shots: runs of both circuits.
        magnitude_shots, sign_shots: runs of the solver circuit and of the sign circuit.
        copies: runs of the solver circuit that ended at t >= T on level 1 with all ancillas |0>.
        sign_copies: runs of the sign circuit that did.
        support: number of weights read: those that can be nonzero at T. All others are known to be at the center.
        success_probability: measured share of all ancillas |0>.
        error_bound: error of theta from the shots, with probability 1 - failure_probability; beside it the norm of
            all but the `largest` weights, where only those are read.
        norm: of that bound, `l2` or `linf`.
        largest: number of weights read, None: all.
        error_estimate: root mean square of the same error, expected at the estimates; None where no shot was read.
        failure_probability: of the bound.
        seed: of the draws.
        source: where the bound comes from.
    """

    shots: int
    magnitude_shots: int
    sign_shots: int
    copies: int
    sign_copies: int
    support: int
    success_probability: float
    error_bound: float
    error_estimate: float | None
    failure_probability: float
    norm: str
    largest: int | None
    seed: int
    source: str

    @property
    def unread(self) -> str | None:
        """Why nothing is known of theta(T), or None where something is."""
        if self.copies and self.sign_copies:
            return None
        runs, what = (self.sign_shots, "signs") if self.copies else (self.magnitude_shots, "magnitudes")
        return (
            f"nothing was read: of {runs} run{'s' * (runs != 1)} for {what} none ended at time T on level 1 with all "
            "ancillas |0>; draw more shots (--shots 0 derives their number from solver.epsilon)"
        )

    def l2_bound(self, weights: FloatArray) -> float:
        """Return a bound of the l2 error, `weights` (n,) being what should have been read."""
        if self.norm == "linf":
            return self.error_bound * math.sqrt(self.support)
        if self.largest is None:
            return self.error_bound
        return self.error_bound + float(np.linalg.norm(np.sort(np.abs(weights))[: -self.largest]))


def drawn_plan(design: Design) -> SampledPlan:
    """The plan that shots are drawn and bounded by: always by sampling."""
    plan = design.readout
    if design.goal.is_coherent or not isinstance(plan, Copies):
        raise InputError(
            "amplitude estimation is counted, not run",
            [
                Problem(
                    where=f"{design.system.origin}: readout.method",
                    found=f'"{plan.method}", and shots to draw',
                    allowed='"sampling" to draw shots; the counts: carlemanc estimate',
                )
            ],
        )
    return as_sampled(plan)


def chosen_shots(design: Design, shots: int) -> int:
    """Return `shots`, or the runs that an estimate counts (`Design.runs`) where it is 0. Raises InputError."""
    wanted = shots or design.runs
    if not 2 <= wanted <= MAX_SHOTS:
        raise InputError(
            "bad number of shots",
            [
                Problem(
                    where="--shots",
                    found=str(wanted),
                    allowed=f"2 to {MAX_SHOTS:.0e} (one circuit gives magnitudes, one the signs); "
                    "0 takes readout.shots, or derives them from solver.epsilon",
                )
            ],
        )
    return wanted


def read_amplitudes(
    design: Design, amplitudes: FloatArray, success: float, *, shots: int, seed: int
) -> tuple[FloatArray, ShotReadout]:
    """Draw shots from exact amplitudes (p + 1, n) of one final state; return theta and the readout."""
    source = SampledState(
        amplitudes=np.real(amplitudes)[:, design.system.read_sites],
        success_probability=success,
        rng=np.random.default_rng(seed),
    )
    return read_source(design, source, shots=chosen_shots(design, shots), seed=seed)


def read_source(
    design: Design, source: ReadoutSource, *, shots: int, seed: int
) -> tuple[FloatArray, ShotReadout]:
    """Read theta(T) from whoever runs the two circuits; return theta, (n,), and the readout.

    `source` counts the entries of `Lifted.read_sites`.
    """
    readout, plan, lifted = drawn_plan(design), design.plan, design.lifted
    assert isinstance(lifted, Lifted)
    failure = readout.failure_probability
    if plan.amplitude_scale is None:  # half of it for the norm, which then rests on the measured success
        readout = replace(readout, failure_probability=failure / 2)
    read = read_vector(source, readout, shots)
    times = len(design.access.answer.indices())  # the copies of time T add up in probability
    success = max(read.success_probability, 1 / read.magnitude_shots)
    scale = lifted.gamma * float(plan.solution(np.array(1.0), success)) / math.sqrt(times)
    theta = np.array(lifted.center)
    theta[lifted.read_sites] += scale * read.amplitudes
    return theta, ShotReadout(
        shots=read.shots,
        magnitude_shots=read.magnitude_shots,
        sign_shots=read.sign_shots,
        copies=read.copies,
        sign_copies=read.sign_copies,
        support=len(lifted.read_sites),
        success_probability=read.success_probability,
        error_bound=abs(scale)
        * (read.error_bound + norm_error(plan, read.amplitudes, read.magnitude_shots, success, failure / 2)),
        error_estimate=abs(scale) * read.error_estimate if read.copies and read.sign_copies else None,
        failure_probability=failure,
        norm=readout.norm,
        largest=readout.largest,
        seed=seed,
        source=readout.source,
    )


def norm_error(plan: Plan, amplitudes: FloatArray, shots: int, success: float, failure: float) -> float:
    r"""Error of the amplitudes from the measured success probability, where the method loses the norm of x.

    $|\sqrt{\hat p} - \sqrt p| \le \sqrt{\ln(2/\delta)/N}$ by Chernoff (proved), relative to $\sqrt{\hat p}$.
    """
    if plan.amplitude_scale is not None:
        return 0.0
    relative = math.sqrt(math.log(2 / failure) / (shots * success))
    return relative * float(np.linalg.norm(amplitudes))
