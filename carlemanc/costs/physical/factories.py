"""Magic-state factories: tables for distillation and cultivation, the catalyzed CCZ factory and rounds by formulas.

Each entry of the tables holds for one physical error rate. Litinski, Quantum 3, 205 (2019), table 1; Gidney, Shutty and
Jones, arXiv:2409.17595 (cultivation): both as transcribed in Microsoft's qdk 1.33. Gidney and Fowler,
Quantum 3, 135 (2019): the catalyzed CCZ -> 2T factory, as in Qualtran (the tests compare). Beyond them, more rounds of
15-to-1 (`distillation`): a budget of any size has a factory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from carlemanc.core.rounding import GUARD
from carlemanc.costs.physical.code import GIDNEY_FOWLER
from carlemanc.costs.physical.distillation import distances_for, distill
from carlemanc.costs.physical.job import LogicalJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """One factory.

    Attributes:
        name: protocol and distances.
        makes: the magic state.
        qubits: physical qubits.
        cycles: rounds of error correction for one state, on average.
        cycles_as_t: rounds for a T state where the factory makes CCZ states; two come from one CCZ state.
        error: error probability of one state.
        source: key of `CITATIONS`.
    """

    name: str
    makes: Literal["T", "CCZ"]
    qubits: int
    cycles: Fraction
    error: float
    source: str
    cycles_as_t: Fraction = Fraction(0)

    def generation_cycles(self, job: LogicalJob) -> Fraction:
        """Return the rounds one factory needs for all states of a job."""
        if self.makes == "T":
            return job.t_states * self.cycles
        return job.toffoli * self.cycles + 2 * _half_up(job.t_gates) * self.cycles_as_t

    def failures(self, job: LogicalJob) -> float:
        """Return the expected number of bad states, a bound on the probability of one (math.inf if huge)."""
        states = job.t_states if self.makes == "T" else job.toffoli + _half_up(job.t_gates)
        return _product(states, self.error)


def catalyzed(physical_error: float, d1: int, d2: int) -> Factory:
    """Return the catalyzed CCZ factory with inner and outer distances d1 and d2."""

    def code_error(distance: int) -> float:
        return GIDNEY_FOWLER.logical_error(distance, physical_error)

    injected = physical_error + 100 * code_error(d1 // 2)
    inner = 1100 * code_error(d1) + 35 * injected**3
    distance = max(2 * d1 + 1, d2)
    return Factory(
        name=f"catalyzed CCZ, d = {d1} and {d2}",
        makes="CCZ",
        qubits=64 * (6 * d1 * d1 + d2 * d2),
        cycles=Fraction(11, 2) * distance,
        cycles_as_t=Fraction(13, 4) * distance,
        error=1000 * code_error(d2) + 28 * inner**2,
        source="gidney2019",
    )


@lru_cache(maxsize=64)
def factories_for(physical_error: float) -> tuple[Factory, ...]:
    """Return the factories known for an error rate: tables at 1e-3 and 1e-4, the catalyzed one and rounds at any."""
    tabulated = [_from_row(row) for row in _ROWS if math.isclose(row[0], physical_error)]
    return (
        *tabulated,
        *(catalyzed(physical_error, d1, d2) for d1, d2 in _DISTANCES),
        *(made for error in _ROUNDS_REACH for made in _in_rounds(physical_error, error)),
    )


def _in_rounds(physical_error: float, error: float) -> Iterator[Factory]:
    """Yield the rounds of 15-to-1 that reach an error rate, none where the code does not get there."""
    distances = distances_for(error, physical_error)
    made = distill(physical_error, distances)
    if made is not None and made.error <= error * (1 + GUARD):
        yield Factory(
            name=f"15-to-1 in {len(distances)} rounds, d = {' and '.join(map(str, distances))}",
            makes="T",
            qubits=made.qubits,
            cycles=made.cycles,
            error=made.error,
            source="beverland2022",
        )


def _from_row(row: tuple[float, str, str, int, str, float]) -> Factory:
    _, name, makes, qubits, cycles, error = row
    source = _CULTIVATION if name.startswith("cultivation") else _LITINSKI
    rounds, _, outputs = cycles.partition("/")
    each = Fraction(rounds) / int(outputs or 1)
    return Factory(
        name=name,
        makes="CCZ" if makes == "CCZ" else "T",
        qubits=qubits,
        cycles=each,
        cycles_as_t=each / 2 if makes == "CCZ" else Fraction(0),  # a catalyzed CCZ state is two T states
        error=error,
        source=source,
    )


def _half_up(count: int) -> int:
    return -(-count // 2)


def _product(count: int, error: float) -> float:
    try:
        return count * error
    except OverflowError:
        return math.inf


_DISTANCES = (
    (7, 15),
    (9, 19),
    (11, 21),
    (13, 25),
    (15, 25),
    (15, 31),
    (17, 31),
    (19, 35),
    (21, 39),
    (25, 45),
)
_ROUNDS_REACH = tuple(float(f"1e-{exponent}") for exponent in range(16, 65))
"""Error rates that rounds of 15-to-1 are designed for: from where the tables thin out to far beyond any run."""
_LITINSKI = "litinski2019magic"
_CULTIVATION = "gidney2024"

# physical error, name, state, physical qubits, cycles / states made in them, error per state
# (cultivation: qubit-rounds per kept state / qubits)
_ROWS: tuple[tuple[float, str, str, int, str, float], ...] = (
    (1e-4, "15-to-1 (7, 3, 3)", "T", 810, "18.1", 4.4e-8),
    (1e-4, "15-to-1 (9, 3, 3)", "T", 1_150, "18.1", 9.3e-10),
    (1e-4, "15-to-1 (11, 5, 5)", "T", 2_070, "30", 1.9e-11),
    (1e-4, "15-to-1 x 20-to-4", "T", 16_400, "90.3/4", 2.4e-15),
    (1e-4, "15-to-1 x 15-to-1 (25, 9, 9)", "T", 18_600, "67.8", 6.3e-25),
    (1e-4, "15-to-1 x 8-to-CCZ", "CCZ", 12_400, "36.1", 7.2e-14),
    (1e-3, "15-to-1 (17, 7, 7)", "T", 4_620, "42.6", 4.5e-8),
    (1e-3, "15-to-1 x 20-to-4", "T", 43_300, "130/4", 1.4e-10),
    (1e-3, "15-to-1 x 15-to-1 (25, 11, 11)", "T", 30_700, "82.5", 2.7e-12),
    (1e-3, "15-to-1 x 15-to-1 (29, 11, 13)", "T", 39_100, "97.5", 3.3e-14),
    (1e-3, "15-to-1 x 15-to-1 (41, 17, 17)", "T", 73_400, "128", 4.5e-20),
    (1e-3, "15-to-1 x 8-to-CCZ", "CCZ", 47_000, "60", 5.2e-11),
    (1e-3, "cultivation d = 5", "T", 463, "57067/463", 2.1e-9),
    (1e-3, "cultivation d = 5, more discards", "T", 463, "127164/463", 7.9e-10),
    (1e-3, "cultivation d = 3", "T", 454, "8071/454", 2.65e-6),
)
