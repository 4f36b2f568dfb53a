"""The state |b>/||b|| of a time-dependent history: the source of each step is that of its own map."""

from __future__ import annotations

import attrs

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.state_preparation.system_register import SystemPreparation, climb_angle, level_weight


@attrs.frozen(cache_hash=True, kw_only=True)
class PrepareScheduledRightHandSide(SystemPreparation):
    r"""Map |0> to |b>/||b||, b = sum_t |t> sum_{j<=h_t} s_t^j |j> v_t^(x)j, (s_t, h_t, v_t) = states[kinds[t]].

    A rotation tree weights the times, a lookup on the time holds the number of the state in force, and level and
    slots follow it: multiplexed rotations for the level, multiplexed trees for the slots.

    Args:
        levels, slot_bits, time_bits: the layout.
        kinds: number of the state at each time 0..T.
        vectors: per state the 2^m amplitudes v (any norm; all zero where the scale is 0).
        scales: per state s = norm / gamma.
        highest: per state its highest level.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        Derived here; checked against the vector.
    """

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int
    kinds: tuple[int, ...]
    vectors: tuple[tuple[float, ...], ...]
    scales: tuple[float, ...]
    highest: tuple[int, ...]
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def kind_bits(self) -> int:
        """Bits that number the states."""
        return (len(self.scales) - 1).bit_length()

    def build(self, circuit: BitCircuit) -> None:
        weigh = RotationTree((self._times(),), self.eps, self.is_controlled)
        circuit.call(weigh, ctrl=self.ctrl, target=self._time)
        table = [self.kinds[time] if time < len(self.kinds) else 0 for time in range(1 << self.time_bits)]
        load = Lookup(tuple(table), self.kind_bits)
        with circuit.work(self.kind_bits) as kind:
            circuit.call(load, address=self._time, target=kind)
            for r in range(len(self.levels) - 1):
                self._rotate_level(circuit, r, kind)
            for slot in range(self.levels[-1]):
                self._load_slot(circuit, slot, kind)
            circuit.call(load, address=self._time, target=kind)

    def _times(self) -> tuple[float, ...]:
        """Amplitude of each time: the root of the sum of s^(2 level)."""
        lifts = zip(self.scales, self.highest, strict=True)
        weights = [level_weight(self.levels, scale, highest) ** 0.5 for scale, highest in lifts]
        used = [weights[kind] for kind in self.kinds]
        return tuple(used + [0.0] * ((1 << self.time_bits) - len(used)))

    def _padded(self) -> range:
        return range(1 << self.kind_bits)

    def _of_kind(self, kind: int) -> int:
        return kind if kind < len(self.scales) else 0

    def _rotate_level(self, circuit: BitCircuit, r: int, kind: list[Bit]) -> None:
        lifts = [(self.scales[k], self.highest[k]) for k in map(self._of_kind, self._padded())]
        angles = [climb_angle(self.levels, r, scale, highest) for scale, highest in lifts]
        address = list(kind)
        if r > 0:
            address.append(("level", r - 1))
            angles = [0.0] * len(angles) + angles
        rotation = MultiplexedRy(tuple(angles), self.eps, self.is_controlled)
        circuit.call(rotation, ctrl=self.ctrl, address=address, target=("level", r))

    def _load_slot(self, circuit: BitCircuit, slot: int, kind: list[Bit]) -> None:
        occupied = self._occupied(slot)
        if not self.slot_bits:
            self._load_sign(circuit, occupied, kind)
            return
        unit = (1.0, *([0.0] * ((1 << self.slot_bits) - 1)))
        rows = tuple(
            vector if any(vector) else unit
            for vector in (self.vectors[self._of_kind(k)] for k in self._padded())
        )
        with circuit.conjunction(occupied) as here:
            load = RotationTree(rows, self.eps, here is not None)
            circuit.call(load, ctrl=here, address=kind, target=self._slot(slot))

    def _load_sign(self, circuit: BitCircuit, occupied: list[Bit], kind: list[Bit]) -> None:
        """One weight only: the vector is its sign."""
        signs = [int(self.vectors[self._of_kind(k)][0] < 0) for k in self._padded()]
        if not any(signs):
            return
        load = Lookup(tuple(signs), 1)
        with circuit.work(1) as sign:
            circuit.call(load, address=kind, target=sign)
            with circuit.conjunction([*occupied, *sign]) as negative:
                circuit.z(negative)
            circuit.call(load, address=kind, target=sign)
