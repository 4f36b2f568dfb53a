"""What shots of a linear system read and guarantee: magnitudes alone."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class MagnitudeReadout(Document):
    """Shots of the solver circuit of a `[system]`.

    Args:
        shots: runs of the circuit.
        copies: runs that ended on an unknown with all ancillas |0>.
        success_probability: measured share of all ancillas |0>.
        error_bound: l2 error of the magnitudes from the shots, with probability 1 - failure_probability.
        failure_probability: of the bound.
        seed: of the draws.
        signs: whether signs were read: they were not.
    """

    shots: int
    copies: int
    success_probability: float
    error_bound: float
    failure_probability: float
    seed: int
    signs: bool = False

    @property
    def unread(self) -> str | None:
        """Why nothing is known of x, or None where something is."""
        if self.copies:
            return None
        return (
            f"nothing was read: of {self.shots} run{'s' * (self.shots != 1)} none ended with all ancillas |0>; draw "
            "more shots (--shots 0 derives their number from solver.epsilon)"
        )
