"""The subnormalization of the step that is built beside those of the forms that are not, and its leaves in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from carlemanc.block_encoding.history.carleman_encoding import CarlemanEncoding
from carlemanc.block_encoding.history.corrected_parts import CorrectedParts
from carlemanc.block_encoding.history.step_parts import AnySlotStep
from carlemanc.block_encoding.sample_leaf import SampleTable
from carlemanc.block_encoding.split_step import SplitStep, degrees_of
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.table.slot_table import SlotTable
from carlemanc.core.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForms(Document):
    """alpha_B of three step constructions for the same per-degree subnormalizations (THEORY section 7)."""

    trimmed_full_tuple: float
    """Built."""
    level_shift: float
    """By formula: sum over shifts of the largest tuple weight."""
    product: float
    """By formula: sqrt(sum_j alpha_G^2j)."""
    leaves: Mapping[int, tuple[str, ...]]
    """Degree -> how the first slot loads it (`leaf_names`)."""

    KEYS = "trimmed_full_tuple level_shift product"

    @property
    def leaf(self) -> dict[int, str]:
        """Degree -> how the first slot loads it, in one text."""
        return {degree: " + ".join(names) for degree, names in self.leaves.items()}


def step_forms(encoding: CarlemanEncoding) -> StepForms:
    """Return alpha_B of the built form beside those of the forms that were not built.

    The formulas use the alpha of the step without trimming (all degrees up to N) for the product form, and
    the per-degree split in proportion to the selector weights for the shift form.
    """
    parts = encoding.parts
    by_degree = {0: parts.alpha_zero} if parts.alpha_zero else {}
    by_degree |= parts.slot_steps[0].degree_weights
    if isinstance(parts, CorrectedParts):
        by_degree[1] = 1 + by_degree.get(1, 0.0)
    total = sum(by_degree.values())
    product = float(np.sqrt(sum(total ** (2 * level) for level in parts.levels)))
    shifts: dict[int, float] = {}
    for level in parts.levels:
        weights = {0: 1.0}
        for _ in range(level):
            weights = _add_degree(weights, by_degree)
        for source, weight in weights.items():
            if 1 <= source <= parts.slot_count:
                shifts[source - level] = max(shifts.get(source - level, 0.0), weight)
    return StepForms(
        trimmed_full_tuple=parts.alpha,
        level_shift=sum(shifts.values()),
        product=product,
        leaves=leaf_names(parts.slot_steps[0]),
    )


def _add_degree(weights: Mapping[int, float], by_degree: Mapping[int, float]) -> dict[int, float]:
    result: dict[int, float] = {}
    for source, weight in weights.items():
        for degree, alpha in by_degree.items():
            result[source + degree] = result.get(source + degree, 0.0) + weight * alpha
    return result


def leaf_names(step: AnySlotStep) -> dict[int, tuple[str, ...]]:
    """Return, for each degree, "stencil", "coloring", "amplitude" or "sample"; two names are leaves that add up."""
    if not isinstance(step, SplitStep):
        name = "stencil" if isinstance(step, StencilStep) else "coloring"
        return {degree: (name,) for degree in sorted(step.degree_weights)}
    found: dict[int, tuple[str, ...]] = {}
    for part in step.parts:
        name = "sample" if isinstance(part, SampleTable) else "amplitude"
        if isinstance(part, SlotTable):
            name = "coloring"
        for degree in degrees_of(part):
            found[degree] = (*found.get(degree, ()), name)
    return dict(sorted(found.items()))
