"""`derive`: the polynomial map of a spec and the blocks of A by powers of the learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from carlemanc.carleman.blocks import describe_blocks
from carlemanc.carleman.diagram import draw_blocks
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.text import describe, latex
from carlemanc.pipeline.stages import SpecLike, Stages

LISTED_WEIGHTS = 64
"""`F` is listed in the JSON up to this n (CONTRACT section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """The map F_0..F_q about the center and the block structure it gives A at order N."""

    map: PolynomialMap
    order: int
    corrections: int | None

    def _degrees(self) -> list[int]:
        return sorted(self.map.tensors)

    def to_json(self) -> dict[str, Any]:
        """Return the document of CONTRACT section 2."""
        if self.map.n <= LISTED_WEIGHTS:
            return self.map.to_json()
        return {"n": self.map.n, "degree": self.map.degree, "center": self.map.center.tolist()}

    def to_text(self) -> str:
        """Return F_l and the blocks of A as text."""
        blocks = describe_blocks(
            self.order, self.map.degree, degrees=self._degrees(), corrections=self.corrections
        )
        return (
            f"{describe(self.map)}\n\nblocks of A, columns k <= N = {self.order}, by powers of eta\n{blocks}"
        )

    def to_latex(self) -> str:
        """Return the update of each weight as LaTeX."""
        return latex(self.map)

    def to_svg(self) -> str:
        """Return the blocks of A as tensor-network diagrams, one SVG document."""
        return draw_blocks(self.order, self.map.degree, degrees=self._degrees(), corrections=self.corrections)


def derive(spec: SpecLike, *, overrides: Iterable[str] = ()) -> Derivation:
    """Derive the map of a spec. Raises InputError or TooLarge as the model stage does."""
    stages = Stages(spec, overrides)
    return Derivation(map=stages.map, order=stages.spec.carleman.order, corrections=stages.corrections)
