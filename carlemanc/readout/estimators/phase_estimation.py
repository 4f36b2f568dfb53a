r"""Amplitude estimation by one circuit: the phase of the Grover iterate, its register starting in Slepian's window.

The iterate G (a reflection about the event, one about the start) has eigenphases +-2 theta. A register of K values k
with amplitudes w_k controls G^k; the Fourier transform of its state peaks at 2 theta or at -2 theta, each in half of
the runs, and both fold to theta. With the window of least failure (module slepian) K = c/delta iterates, so **uses *
delta = 2 c**: 5.13 at 95 %, 7.02 at 99 % (proved: no interference, as the two eigenvectors are orthogonal), the least
of all states of K phases. Of the failure probability asked for the share `FAULTS` is left to failed operations, and K
is `GRID` larger since outcomes lie on a grid (measured: the failure then exceeds no more than .002 of .05): 5.46 at
95 %.

The window has `STEPS` values at most: a step stands for 2^g values of k, which are loaded by Hadamards. The register
is then a product of the steps and g single qubits, and what such a window fails with is what its steps do (a
staircase of 2048 steps has side lobes of 2048^-2 of its weight).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling, rounded_down
from carlemanc.readout.estimators.estimator import Estimator, EventPlan, Reading, angle_of, check_event
from carlemanc.readout.estimators.half_test import HalfTest, half_test
from carlemanc.readout.estimators.slepian import bandwidth, window
from carlemanc.readout.readout_circuit import ReadoutCircuit

if TYPE_CHECKING:
    from qualtran import Bloq

FAULTS = 0.2
"""Share of the failure probability that is left to failed operations."""
GRID = 0.01
"""Relative excess of K, for the grid of outcomes."""
STEPS = 4096
"""Most values of the window: that many rotations at most load it."""
_FINER = 5
"""Qubits of the phase beyond those that number the iterates: outcomes lie delta/80 apart, or less."""
_FORMULA = Formula(
    text="2 K - 1 uses in one circuit, K = 1.01 c/delta: the Slepian window of K phases misses with probability 1 - "
    "eigenvalue(c), .8 of the failure asked for; 2 c = 5.13 at 95 %, 7.02 at 99 %",
    status="derived here",
    sources=("brassard2002", "slepian1961"),
    where="iterate; window",
)


@dataclass(frozen=True, kw_only=True)
class PhasePlan(EventPlan):
    """One circuit with a phase register."""

    method = "phase-estimation"

    @cached_property
    def halvings(self) -> int:
        """g: bits of k below the steps of the window."""
        return max(0, (self._wanted - 1).bit_length() - (STEPS - 1).bit_length())

    @cached_property
    def _wanted(self) -> int:
        return max(1, ceiling((1 + GRID) * bandwidth((1 - FAULTS) * self.failure) / self.delta))

    @property
    def steps(self) -> int:
        """Values of the window."""
        return -(-self._wanted >> self.halvings)

    @property
    def iterates(self) -> int:
        """K: the register numbers the powers 0..K-1 of the iterate."""
        return self.steps << self.halvings

    @property
    def phase_bits(self) -> int:
        """Qubits of the register when it is measured."""
        return (self.steps - 1).bit_length() + self.halvings + _FINER

    @property
    def window(self) -> FloatArray:
        """(steps,) amplitudes, of norm 1."""
        return window(self.steps, bandwidth((1 - FAULTS) * self.failure))

    @property
    def uses(self) -> int:
        return 2 * self.iterates - 1

    @property
    def depth(self) -> int:
        return self.uses

    @property
    def circuits(self) -> int:
        return 1

    def fault_budget(self, flagged: float = 1.0) -> float:
        return rounded_down(FAULTS * self.failure / self.depth, 3)

    @property
    def formula(self) -> Formula:
        return _FORMULA

    def circuit(self, event: Bloq, eps: float = 0.0) -> Bloq:
        from carlemanc.readout.estimators.phase_circuit import PhaseCircuit

        return PhaseCircuit(event, tuple(self.window.tolist()), self.halvings, self.phase_bits, eps)

    def counted(self, event: Bloq, name: str) -> list[ReadoutCircuit]:
        return [ReadoutCircuit(name=name, bloq=self.circuit(event), times=Fraction(1))]

    def measured(
        self, probability: float, rng: np.random.Generator, *, fault: float = 0.0, flagged: float = 1.0
    ) -> Reading:
        if fault and rng.random() >= (1 - fault) ** self.depth:
            return self.read(int(rng.integers(1 << self.phase_bits)))
        phase = 2 * angle_of(probability) * (1 if rng.random() < 0.5 else -1)
        return self.read(self._outcome(phase, rng))

    def read(self, outcome: int) -> Reading:
        """Return the interval of a measured phase register."""
        turn = outcome / (1 << self.phase_bits)
        return Reading(angle=math.pi * min(turn, 1 - turn), error=self.delta)

    def odds(self, probability: float) -> FloatArray:
        """Return the exact probabilities of all outcomes, (2^phase_bits,)."""
        size, powers = 1 << self.phase_bits, np.arange(self.iterates)
        amplitudes = np.repeat(self.window, 1 << self.halvings) / math.sqrt(1 << self.halvings)
        found = np.zeros(size)
        for phase in (2 * angle_of(probability), -2 * angle_of(probability)):
            state = np.fft.fft(amplitudes * np.exp(1j * phase * powers), size)
            found += np.abs(state) ** 2 / (2 * size)
        return found

    def _outcome(self, phase: float, rng: np.random.Generator) -> int:
        """Draw one outcome for an eigenphase, exactly, without a state of K amplitudes.

        The register is a product of the window's steps and of one qubit for each lower bit of k. The Fourier
        transform is measured from its lowest bit on: the steps alone yield the lowest bits, each qubit of k one more
        above them.
        """
        low = self.phase_bits - self.halvings
        turned = self.window * np.exp(1j * (phase * (1 << self.halvings)) * np.arange(self.steps))
        odds = np.abs(np.fft.fft(turned, 1 << low)) ** 2
        outcome = int(rng.choice(len(odds), p=odds / odds.sum()))
        for bit in reversed(range(self.halvings)):
            known = phase * (1 << bit) - 2 * math.pi * outcome / (1 << (self.phase_bits - bit))
            if rng.random() >= math.cos(known / 2) ** 2:
                outcome += 1 << (self.phase_bits - bit - 1)
        return outcome


@dataclass(frozen=True)
class PhaseEstimation(Estimator):
    """One circuit with a phase register."""

    name = "phase-estimation"
    power = 1
    tail = 0.5

    def plan(self, probability: float, delta: float, failure: float) -> PhasePlan:
        check_event(probability, delta, failure)
        return PhasePlan(probability=probability, delta=delta, failure=failure)

    def half(self, probability: float, failure: float) -> HalfTest:
        """Return rounds of one depth; see `half_test`."""
        return half_test(probability, failure)
