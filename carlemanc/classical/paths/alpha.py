r"""The subnormalization of a step that is a sum of signed partial permutations, from the weights of its terms.

alpha_B = max_j prod_{i <= j} W_i (1 + alpha_0)^N, W_i = sum |c_k| of the terms of degree l <= N - i + 1 (slot i can
hold no others), 1 + the same with truncated corrections, alpha_0 = ||F_0|| / gamma (the trimmed full tuple of the
encoded step; equal to that of the circuit, tested).
"""

from __future__ import annotations

from itertools import accumulate

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.classical.paths.source_factor import drive_of
from carlemanc.classical.paths.walked_step import STAY, WalkedStep
from carlemanc.model.weights import point_norm


def step_alpha(step: WalkedStep, system: CarlemanSystem) -> float:
    """Return alpha_B of a step of a lattice, from its walk and its system."""
    top = step.levels[-1]
    reached = list(
        accumulate((_slot(step, top - slot) for slot in range(top)), lambda a, b: a * b, initial=1.0)
    )
    drive = point_norm(drive_of(system)) if system.is_driven else 0.0
    stretch = (1 + drive) ** top if top > 1 or step.levels[0] == 0 else 1.0
    return max(reached[level] for level in step.levels) * stretch


def _slot(step: WalkedStep, room: int) -> float:
    """W_i of a slot with room for so many columns."""
    return sum(
        factor.back_weight for kind, factor in step.factors.items() if kind == STAY or 0 < kind <= room
    )
