"""Presets of physical machines: error rate, cycle and reaction times, each with the paper it is from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from carlemanc.core.errors import InputError, Problem
from carlemanc.costs.physical.code import THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """A machine that runs the surface code.

    Attributes:
        name: key of the preset.
        physical_error: error probability p of a physical operation.
        cycle: seconds of one round of error correction, exact.
        reaction: seconds from a logical measurement to the gate that depends on it, exact.
        source: where the numbers are from, in words.
        sources: keys of `CITATIONS`.
    """

    name: str
    physical_error: float
    cycle: Fraction
    reaction: Fraction
    source: str
    sources: tuple[str, ...] = ()

    def check(self, failure_budget: float) -> None:
        """Raise InputError for a machine at or above the threshold, or a budget outside (0, 1)."""
        if self.physical_error >= THRESHOLD:
            found, allowed = (
                f"a physical error rate of {self.physical_error:g}",
                f"below the threshold {THRESHOLD:g}",
            )
            problem = Problem(where="hardware", found=found, allowed=allowed)
            raise InputError("the surface code does not help this machine", [problem])
        if not 0 < failure_budget < 1:
            found, allowed = repr(failure_budget), "a number between 0 and 1"
            problem = Problem(where="failure budget", found=found, allowed=allowed)
            raise InputError("the physical cost needs a failure budget", [problem])


def _preset(
    name: str, error: float, cycle_ns: int, reaction_ns: int, source: str, sources: tuple[str, ...]
) -> Hardware:
    return Hardware(
        name=name,
        physical_error=error,
        cycle=Fraction(cycle_ns, 10**9),
        reaction=Fraction(reaction_ns, 10**9),
        source=source,
        sources=sources,
    )


_BEVERLAND = "Beverland et al., arXiv:2211.07629: cycle = 4 gates + 2 measurements"
_ASSUMED = "reaction time of 10 microseconds assumed, as in Gidney and Fowler"

HARDWARE: dict[str, Hardware] = {
    preset.name: preset
    for preset in (
        _preset(
            "today",
            1e-3,
            1_000,
            10_000,
            "Gidney and Fowler, arXiv:1812.01238: p = 1e-3, 1 microsecond",
            ("gidney2019",),
        ),
        _preset(
            "superconducting",
            1e-3,
            400,
            10_000,
            f"{_BEVERLAND}, 50 and 100 ns, p = 1e-3; {_ASSUMED}",
            ("beverland2022", "gidney2019"),
        ),
        _preset(
            "optimistic",
            1e-4,
            400,
            10_000,
            f"{_BEVERLAND}, 50 and 100 ns, p = 1e-4; {_ASSUMED}",
            ("beverland2022", "gidney2019"),
        ),
        _preset(
            "ion",
            1e-3,
            600_000,
            600_000,
            f"{_BEVERLAND}, 100 and 100 microseconds, p = 1e-3; reaction of one cycle assumed",
            ("beverland2022",),
        ),
        _preset(
            "neutral-atom",
            1e-3,
            1_000_000,
            1_000_000,
            "Zhou et al., arXiv:2505.15907: rounds of 1 ms, p = 1e-3; lattice surgery is priced here, not the "
            "transversal gates of that paper, which save about a factor of the code distance in time",
            ("zhou2025",),
        ),
    )
}
"""By name. `today` is what the literature prices most often, not a machine that exists."""
