"""The states that the selector of a stencil step is put in and projected on; two of them where there is slack."""

from __future__ import annotations

import math
from dataclasses import dataclass

from carlemanc.block_encoding.stencil.unit_tree import UnitTree
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.nearly import is_below_one
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorState:
    """Amplitudes sqrt(weight / total) on the prefix code of a tree; its block is scaled by `slack` <= 1.

    Slack below 1 takes two units: both sit on one bit, and the projection is on another state.
    """

    tree: UnitTree
    slack: float
    eps: float

    def prepare(self, circuit: BitCircuit, path: list[Bit]) -> None:
        """Put the selector in its state."""
        circuit.call(self._bloq, target=path[0] if self._has_slack else path)

    def unprepare(self, circuit: BitCircuit, path: list[Bit], control: Bit) -> None:
        """Project the selector on its state; with slack on another one where the slot is occupied."""
        if not self._has_slack:
            circuit.call(self._bloq.adjoint(), target=path)
            return
        off, occupied = self._angles
        circuit.call(MultiplexedRy((-off, -occupied), self.eps), address=[control], target=path[0])

    @property
    def _has_slack(self) -> bool:
        return is_below_one(self.slack)

    @property
    def _angles(self) -> tuple[float, float]:
        """With slack: angles of PREP and UNPREP. cos a cos b and sin a sin b are slack times the probabilities."""
        total = sum(self.tree.weights) / self.slack
        first, second = (self.slack * weight / (total * self.slack) for weight in self.tree.weights)
        mean, difference = math.acos(first - second), math.acos(first + second)
        return mean + difference, mean - difference

    @property
    def _bloq(self) -> BitBloq:
        if self._has_slack:
            return MultiplexedRy((self._angles[0],), self.eps)
        return RotationTree((self.tree.amplitudes,), self.eps)
