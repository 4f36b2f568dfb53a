"""A formula as it is shown to a user: its text, what stands behind it, and where it is from.

Each is stated once, beside the code that computes it; ledgers, assumptions and `--explain` all show that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from carlemanc.core.citations import CITATIONS

Status = Literal["proved", "measured", "derived here", "published", "second-hand", "assumed"]
"""published: the source was read; second-hand: known from others who cite it, or from memory, and checked here
where the text says so; derived here: shown in a docstring and tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One formula.

    Args:
        text: in plain characters.
        status: what stands behind it.
        sources: keys of `CITATIONS`.
        where: theorem, equation or section of the source.
    """

    text: str
    status: Status
    sources: tuple[str, ...] = ()
    where: str = ""

    def __post_init__(self) -> None:
        unknown = [key for key in self.sources if key not in CITATIONS]
        if unknown:
            raise ValueError(f"no such citation: {', '.join(unknown)}")

    @property
    def origin(self) -> str:
        """Sources and status: `Ross and Selinger, 2016, arXiv:1403.2975, section 7; second-hand`."""
        named = "; ".join(CITATIONS[key].short() for key in self.sources)
        return "; ".join(
            part for part in (", ".join(p for p in (named, self.where) if p), self.status) if part
        )

    def to_text(self) -> str:
        """Return the formula with its origin in parentheses."""
        return f"{self.text} ({self.origin})"
