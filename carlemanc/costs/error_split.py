r"""How solver.epsilon is split over its causes: the shares that minimize the expected T of all runs, by their time.

Comes in: what one circuit costs, measured by the counts of its bloqs and by plans at two precisions (`CostModel`).
Goes out: an `ErrorSplit`, fractions of epsilon whose sum is 1: of the polynomial, of loaded coefficients, of the
synthesis of rotations, of those that prepare b, of the readout, and of failed logical operations. All are l2 errors of
theta(T) - center relative to its norm, and errors of this kind add (triangle inequality), so the sum bounds the whole
error (proved).

The model is ``total = copies(s_readout) / success * T_run``, ``copies ~ s^-2`` (or its exponent), ``T_run`` linear
in the queries, these linear in log(1/s_polynomial) (a power for hhl), and a price a rotation linear in the logarithm
of its precision. What failed operations may take decides the failure probability of a run, $p \sim s^2$
(`readout.fault_bias`), and that the code distance, $d \sim \ln(T_{run}/p)$: a T takes a step of d cycles, so the
total is multiplied by $d$. The split is the same for every machine: none of its constants enter. With
$w_i = -\partial \ln total / \partial \ln s_i$ the minimum under sum s_i = 1 is where s_i is proportional to w_i
(Lagrange), which is iterated. Where all logarithms are those of one run, ln total is convex in s
as long as one run costs more than the sum of its slopes, T_run >= sum_i w_i T_run, so the point is the minimum of the
model (derived here; tested by perturbing the shares, in the model and in the counts). Rotations of equal price differ
in nothing but their number, so the least T gives all of them one precision: the preparation of b takes its part of
the rotations' share by their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem

ROUNDS = 20
"""Iterations of the shares; they converge by a factor of ten each (measured)."""
DIGITS = 2
"""Significant digits of a share: the same spec gives the same circuit on every machine."""
_STEP = 1e-4
_LEAST = 1e-3
"""Least slope that a share is given by: a cause that costs nothing still gets a share that can be met."""
SEARCHED = ("polynomial", "coefficients", "rotations", "readout", "faults")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSplit(Document):
    """Fractions of solver.epsilon, summing to 1; 0 where a cause does not exist or is no share of it."""

    polynomial: float
    coefficients: float
    rotations: float
    preparation: float
    readout: float
    faults: float

    @property
    def circuit(self) -> float:
        """What the state of a circuit without failures may take."""
        return self.polynomial + self.coefficients + self.synthesis

    @property
    def synthesis(self) -> float:
        """What the synthesis of all rotations may take."""
        return self.rotations + self.preparation


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A number that depends on the polynomial's share: linear in log2(1/share), or a power of it.

    Args:
        shares: two shares, the larger one first.
        values: the numbers there.
        kind: "linear" or "power".
    """

    shares: tuple[float, float]
    values: tuple[float, float]
    kind: Literal["linear", "power"] = "linear"

    def __post_init__(self) -> None:
        """Raise InputError for a power that is 0, as a success probability below 1e-308 is."""
        if self.kind == "power" and not min(self.values) > 0.0:
            problem = Problem(
                where="carleman.rescaling and solver.epsilon",
                found="a success probability of 0, to double precision",
                allowed="a success probability above 1e-308: another rescaling, or fewer steps",
            )
            raise InputError("no number of runs succeeds", [problem])

    def __call__(self, share: float) -> float:
        """Return the number at a share."""
        place = math.log(self.shares[0] / share) / math.log(self.shares[0] / self.shares[1])
        first, second = self.values
        if self.kind == "power":
            return float(first * (second / first) ** place)
        return max(first + (second - first) * place, min(self.values) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """What all runs cost at given shares, as a smooth function.

    Args:
        epsilon: solver.epsilon.
        readout_amplitude: sqrt of the readout probability: a relative error of the final state is
            that much smaller than the one of theta(T) - center it may cause.
        queries: uses of the block encoding in one run. `starts`: of the preparation of b. `success`: its probability.
        query_t, query_rotations: T (four a Toffoli) and rotations of one use, the method's own gates included.
        start_t, start_rotations: of one preparation of b.
        bit_rotations: rotations of one use for each bit of the loaded angles; 0 where none are loaded.
        bits_share: the share of the coefficients at which `query_rotations` were counted.
        price: T of a rotation within an operator-norm error, given (error, rotations in the circuit).
        readout_exponent: copies grow like epsilon to minus this; 0 where their number is given.
        faults_bias: whether failed operations bias what is read, rather than spoil all of it.
    """

    epsilon: float
    readout_amplitude: float
    queries: Trend
    starts: Trend
    success: Trend
    query_t: float
    query_rotations: float
    start_t: float
    start_rotations: float
    bit_rotations: float
    bits_share: float
    price: Callable[[float, float], float]
    readout_exponent: float
    faults_bias: bool = True

    def rotations(self, shares: Mapping[str, float]) -> tuple[float, float]:
        """Return the rotations of one run: of the preparations of b, and all others."""
        query = self.query_rotations
        if self.bit_rotations:
            query += self.bit_rotations * math.log2(self.bits_share / shares["coefficients"])
        starts = self.starts(shares["polynomial"]) * self.start_rotations
        return starts, self.queries(shares["polynomial"]) * max(query, 0.0)

    def run_t(self, shares: Mapping[str, float]) -> float:
        """Return the T of one run."""
        polynomial = shares["polynomial"]
        t = self.queries(polynomial) * self.query_t + self.starts(polynomial) * self.start_t
        number = sum(self.rotations(shares))
        if not number:
            return t
        amplitude = self.readout_amplitude * math.sqrt(self.success(polynomial))
        each = shares["rotations"] * self.epsilon * amplitude / number
        return t + number * max(self.price(each, number), 0.0)

    def log_total(self, shares: Mapping[str, float]) -> float:
        """Return ln of the T of all runs, each with the cycles of a step, up to a constant."""
        total = math.log(self.run_t(shares)) - math.log(self.success(shares["polynomial"]))
        if self.readout_exponent:
            total -= self.readout_exponent * math.log(shares["readout"])
        if self.faults_bias:
            total += math.log(self._log_operations_a_failure(shares))
        return total

    def _log_operations_a_failure(self, shares: Mapping[str, float]) -> float:
        """ln(T_run/p), to which the code distance is proportional; p = P (s epsilon)^2, P the odds of a copy."""
        allowed = self.readout_amplitude * shares["faults"] * self.epsilon
        return math.log(self.run_t(shares) / self.success(shares["polynomial"])) - 2 * math.log(allowed)

    def slopes(self, shares: Mapping[str, float], parts: tuple[str, ...]) -> dict[str, float]:
        """Return -d ln total / d ln share of each part."""

        def moved(part: str, factor: float) -> float:
            return self.log_total({**shares, part: shares[part] * factor})

        up, down = math.exp(_STEP), math.exp(-_STEP)
        return {part: (moved(part, down) - moved(part, up)) / (2 * _STEP) for part in parts}


def optimal_split(model: CostModel, *, coefficients: float | None = None) -> ErrorSplit:
    """Return the shares of least total, each rounded to `DIGITS` digits.

    Args:
        model: the cost.
        coefficients: the share of loaded coefficients, where it is decided already.
    """
    loaded, rotates = bool(model.bit_rotations), bool(model.query_rotations or model.start_rotations)
    exists = {
        "polynomial": True,
        "coefficients": loaded and coefficients is None,
        "rotations": rotates,
        "readout": bool(model.readout_exponent),
        "faults": model.faults_bias,
    }
    parts = tuple(part for part in SEARCHED if exists[part])
    fixed = coefficients if loaded and coefficients is not None else 0.0
    shares = {part: 0.0 for part in SEARCHED} | {part: (1 - fixed) / len(parts) for part in parts}
    shares["coefficients"] = fixed or shares["coefficients"]
    for _ in range(ROUNDS):
        slopes = {part: max(slope, _LEAST) for part, slope in model.slopes(shares, parts).items()}
        scale = (1 - fixed) / math.fsum(slopes.values())
        shares |= {part: slope * scale for part, slope in slopes.items()}
    return _rounded(model, shares, fixed)


def _rounded(model: CostModel, shares: Mapping[str, float], fixed: float) -> ErrorSplit:
    """Round the shares; the largest takes what is left, so that the sum is 1."""
    starts, others = model.rotations(shares)
    part = starts / (starts + others) if starts + others else 0.0
    split = {
        "polynomial": _digits(shares["polynomial"]),
        "coefficients": fixed or _digits(shares["coefficients"]),
        "rotations": _digits(shares["rotations"] * (1 - part)),
        "preparation": _digits(shares["rotations"] * part),
        "readout": _digits(shares["readout"]),
        "faults": _digits(shares["faults"]),
    }
    largest = max(split, key=lambda name: split[name])
    split[largest] = round(1 - math.fsum(value for name, value in split.items() if name != largest), 12)
    return ErrorSplit(**split)


def _digits(share: float) -> float:
    return float(f"{share:.{DIGITS - 1}e}")
