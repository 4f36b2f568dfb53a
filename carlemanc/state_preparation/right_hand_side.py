"""The state |b>/||b|| of the history system: lifted initial weights at time 0, then lifted sources F_0."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.point_loader import Loader, load_point
from carlemanc.bloqs.amplitudes.time_weights import TimeWeights
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError
from carlemanc.linear_system import HistorySystem
from carlemanc.linear_system.history import NOTHING_MOVES
from carlemanc.model.weights import point_norm
from carlemanc.state_preparation.scheduled_right_hand_side import PrepareScheduledRightHandSide
from carlemanc.state_preparation.system_register import (
    SystemPreparation,
    climb_angle,
    highest_source,
    level_weight,
)


@attrs.frozen(cache_hash=True, kw_only=True)
class PrepareRightHandSide(SystemPreparation):
    r"""Map |0> to |b>/||b||, b = |0> sum_j z^j |j> u^(x)j + sum_{t=1..T} |t> sum_{j<=J} f^j |j> F^(x)j.

    u, F are the normalized u_in and F_0, z = ||u_in||/gamma, f = ||F_0||/gamma. The time register is
    weighted, the thermometer level is a chain of rotations conditioned on [time = 0], and one controlled
    loader a slot follows the level bits.

    Registers:
        system: slots, thermometer level, time, least significant first (see `RegisterLayout`).

    Args:
        levels, slot_bits, time_bits, steps: the layout and T.
        initial: loader of u_in/||u_in||, None where u_in = 0.
        source: loader of F_0/||F_0||, None where F_0 = 0.
        z, f: the two scales.
        source_level: J, the highest level that has a source.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.
    """

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int
    steps: int
    initial: Loader | None
    source: Loader | None
    z: float
    f: float
    source_level: int
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def _has_sources(self) -> bool:
        return self.source is not None and self.steps > 0

    def build(self, circuit: BitCircuit) -> None:
        time = self._time
        if not self._has_sources:
            self._load_levels(circuit, None)
            return
        first = level_weight(self.levels, self.z, self.levels[-1])
        rest = level_weight(self.levels, self.f, self.source_level)
        weights = TimeWeights(self.time_bits, self.steps, first, rest, self.eps, self.is_controlled)
        circuit.call(weights, ctrl=self.ctrl, time=time)
        with circuit.conjunction(time, [0] * len(time)) as start:
            self._load_levels(circuit, start)

    def _load_levels(self, circuit: BitCircuit, start: Bit | None) -> None:
        """Weight the level, then load the slots; `start` is 1 at time 0 (None: there are no sources)."""
        for r in range(len(self.levels) - 1):
            self._rotate_level(circuit, r, start)
        for slot in range(self.levels[-1]):
            control, target = self._occupied(slot), self._slot(slot)
            self._load(circuit, self.initial, control, start, 1, target)
            if self._has_sources and slot < self.source_level:
                self._load(circuit, self.source, control, start, 0, target)

    def _rotate_level(self, circuit: BitCircuit, r: int, start: Bit | None) -> None:
        angles = [climb_angle(self.levels, r, self.z, self.levels[-1])]
        if start is not None:
            angles = [climb_angle(self.levels, r, self.f, self.source_level), *angles]
        address: list[Bit] = [] if start is None else [start]
        if r > 0:
            address.append(("level", r - 1))
            angles = [0.0] * len(angles) + angles
        rotation = MultiplexedRy(tuple(angles), self.eps, self.is_controlled)
        circuit.call(rotation, ctrl=self.ctrl, address=address, target=("level", r))

    def _load(
        self,
        circuit: BitCircuit,
        loader: Loader | None,
        control: list[Bit],
        start: Bit | None,
        value: int,
        target: list[Bit],
    ) -> None:
        """Load a slot where it is occupied and the time is 0 (value 1) or later (value 0)."""
        if loader is None:
            return
        negative = not target and loader.values[0] < 0
        if not target and not negative:
            return
        with circuit.conjunction([*control, start], [1] * len(control) + [value]) as here:
            if target:
                form = attrs.evolve(loader, is_controlled=here is not None)
                circuit.call(form, ctrl=here, target=target)
            elif here is not None:
                circuit.z(here)
            else:
                _negate(circuit)


def _negate(circuit: BitCircuit) -> None:
    """The global phase -1, of a single negative weight."""
    with circuit.work(1) as (bit,):
        circuit.x(bit)
        circuit.z(bit)
        circuit.x(bit)


def prepare(
    history: HistorySystem, *, eps: float = 0.0, loading: Loading | None = None
) -> PrepareRightHandSide | PrepareScheduledRightHandSide:
    """Return the preparation of `history.rhs()`, normalized.

    `loading` says how a start that is counted alone is read: of a map known by its shape, or a list of more values than
    rotations are worth. Other starts are rotations.

    Raises:
        InputError: b = 0 (the weights start at the center and the gradient there vanishes: nothing moves).
    """
    systems, slot_bits = history.systems, history.layout.slot_bits
    points = [system.constant_point() for system in systems]
    driven = any(point_norm(point) for point in points)
    if not point_norm(history.start) and (history.steps == 0 or not driven):
        raise InputError(NOTHING_MOVES)
    if len(systems) > 1 and driven:
        initial = np.asarray(history.u_in, dtype=np.float64) / history.gamma
        return _scheduled(history, initial, [system.constant_term() for system in systems], eps)
    start = load_point(
        history.start,
        slot_bits,
        eps,
        is_controlled=driven or history.order > 1,
        is_shaped=systems[0].map.is_shaped,
        loading=loading,
    )
    source = load_point(points[0], slot_bits, eps, loading=loading)
    return PrepareRightHandSide(
        levels=tuple(history.levels),
        slot_bits=slot_bits,
        time_bits=history.layout.time_bits,
        steps=history.steps,
        initial=start.loader if start.length else None,
        source=source.loader if source.length else None,
        z=start.length / history.gamma,
        f=source.length,
        source_level=highest_source(history),
        eps=eps,
    )


def _scheduled(
    history: HistorySystem, initial: FloatArray, sources: Sequence[FloatArray], eps: float
) -> PrepareScheduledRightHandSide:
    """The sources are the states 0..P-1, the initial weights the state P."""
    states, size = [*sources, initial], 1 << history.layout.slot_bits
    return PrepareScheduledRightHandSide(
        levels=tuple(history.systems[0].levels),
        slot_bits=history.layout.slot_bits,
        time_bits=history.layout.time_bits,
        kinds=(len(sources), *history.schedule),
        vectors=tuple(tuple(np.pad(state, (0, size - len(state))).tolist()) for state in states),
        scales=tuple(float(np.linalg.norm(state)) for state in states),
        highest=(*[highest_source(history)] * len(sources), history.levels[-1]),
        eps=eps,
    )
