r"""The block encoding of one Carleman step: levels and slots, no time register.

Without sources the block is B / alpha_B. With them the level register also holds level 0 and the block is the
extended step $[[1, 0], [c, B]]$ over $(1 + \alpha_0)^N \max(1, \alpha_1 ... \alpha_j)$.
"""

from __future__ import annotations

import attrs
import numpy as np

from carlemanc.block_encoding.history.carleman_encoding import CarlemanEncoding
from carlemanc.block_encoding.history.step_parts import StepParts
from carlemanc.block_encoding.step_candidates import cost, step_candidates
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.carleman import CarlemanSystem
from carlemanc.core.arrays import IntArray
from carlemanc.linear_system import HistorySystem


@attrs.frozen(cache_hash=True, kw_only=True)
class StepEncoding(CarlemanEncoding):
    """(alpha_B, ancilla, epsilon) block encoding of a step.

    Registers:
        system: slots, then the thermometer level, least significant first.
        ancilla: selectors and flags; the block is their |0>.

    Args:
        parts: those of one map; their levels start with 0 where there is a source.
        is_controlled: do nothing where `ctrl` is 0.
    """

    parts: StepParts
    is_controlled: bool = False

    @property
    def alpha(self) -> float:
        """Subnormalization alpha_B."""
        return self.parts.alpha

    def build(self, circuit: BitCircuit) -> None:
        with circuit.active(self.ctrl) as active:
            self.parts.turn_choices(circuit, 1)
            self.parts.apply(circuit, active, active, [])
            self.parts.turn_choices(circuit, -1)


def step_encoding(
    system: CarlemanSystem, *, level_zero: bool, eps: float = 0.0, loading: Loading | None = None
) -> StepEncoding:
    """Return the block encoding of one step, of fewest T gates times alpha_B where there are two leaves.

    Args:
        system: the Carleman step.
        level_zero: encode the extended step; needed where any step of the run has a source.
        eps: synthesis precision of each rotation.
        loading: how coefficients are read (see `encode`).

    Raises InputError as `encode` does.
    """
    candidates = step_candidates((system,), level_zero=level_zero, eps=eps, loading=loading)
    return min((StepEncoding(parts=parts) for parts in candidates), key=cost)


def first_answer(history: HistorySystem, *, level_zero: bool) -> int:
    """Return the basis state of weight 0 on level 1; that of weight i is i further."""
    return level_zero << history.layout.slots * history.layout.slot_bits


def step_indices(history: HistorySystem, *, level_zero: bool) -> IntArray:
    """Return the basis state of each packed entry of a step; with `level_zero` that of the constant first."""
    layout = history.layout
    packed = layout.packed_indices(0, history.n)
    if not level_zero:
        return packed
    shift = layout.slots * layout.slot_bits
    code, slots = packed >> shift, packed & ((1 << shift) - 1)
    return np.append(np.int64(0), slots | (2 * code + 1) << shift)
