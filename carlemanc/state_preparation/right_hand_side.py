"""The state |b>/||b|| of the history system: lifted initial weights at time 0, then lifted sources F_0."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from qualtran import BloqBuilder, QAny, Register, Signature

from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BitCircuit, BloqWriter
from carlemanc.bloqs.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.sparse_amplitudes import SparseAmplitudes
from carlemanc.core.errors import InputError
from carlemanc.linear_system import HistorySystem
from carlemanc.state_preparation.time_weights import TimeWeights


@attrs.frozen(cache_hash=True, kw_only=True)
class PrepareRightHandSide(BitBloq):
    r"""Map |0> to |b>/||b||, b = |0> sum_j z^j |j> u^(x)j + sum_{t=1..T} |t> sum_j f^j |j> F^(x)j.

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
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.
    """

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int
    steps: int
    initial: SparseAmplitudes | None
    source: SparseAmplitudes | None
    z: float
    f: float
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def system_bitsize(self) -> int:
        """Number of system qubits."""
        return self.levels[-1] * self.slot_bits + len(self.levels) - 1 + self.time_bits

    @cached_property
    def signature(self) -> Signature:
        control = [Register("ctrl", QAny(1))] if self.is_controlled else []
        return Signature([*control, Register("system", QAny(self.system_bitsize))])

    @cached_property
    def _system(self) -> list[Bit]:
        slots: list[Bit] = [("slot", i, b) for i in range(self.levels[-1]) for b in range(self.slot_bits)]
        return [
            *slots,
            *[("level", r) for r in range(len(self.levels) - 1)],
            *[("time", b) for b in range(self.time_bits)],
        ]

    def build_composite_bloq(self, bb: BloqBuilder, **soquets: Any) -> dict[str, Any]:
        wires: dict[Bit, Any] = dict(zip(self._system, bb.split(soquets["system"])[::-1], strict=True))
        if self.is_controlled:
            wires["ctrl"] = soquets["ctrl"]
        self.build(BloqWriter(bb, wires))
        joined = bb.join(np.array([wires[bit] for bit in self._system[::-1]]), dtype=QAny(len(self._system)))
        return {"system": joined} | ({"ctrl": wires["ctrl"]} if self.is_controlled else {})

    @property
    def _has_sources(self) -> bool:
        return self.source is not None and self.steps > 0

    def build(self, circuit: BitCircuit) -> None:
        time: list[Bit] = [("time", b) for b in range(self.time_bits)]
        if not self._has_sources:
            self._load_levels(circuit, None)
            return
        control = {"ctrl": "ctrl"} if self.is_controlled else {}
        first, rest = (sum(scale ** (2 * level) for level in self.levels) for scale in (self.z, self.f))
        weights = TimeWeights(self.time_bits, self.steps, first, rest, self.eps, self.is_controlled)
        circuit.call(weights, **control, time=time)
        with circuit.conjunction(time, [0] * len(time)) as start:
            self._load_levels(circuit, start)

    def _load_levels(self, circuit: BitCircuit, start: Bit | None) -> None:
        """Weight the level, then load the slots; `start` is 1 at time 0 (None: there are no sources)."""
        for r in range(len(self.levels) - 1):
            self._rotate_level(circuit, r, start)
        for slot in range(self.levels[-1]):
            own = next(r for r, level in enumerate(self.levels) if level > slot) - 1
            control: list[Bit] = [
                *(["ctrl"] if self.is_controlled else []),
                *([("level", own)] if own >= 0 else []),
            ]
            target: list[Bit] = [("slot", slot, b) for b in range(self.slot_bits)]
            self._load(circuit, self.initial, control, start, 1, target)
            if self._has_sources:
                self._load(circuit, self.source, control, start, 0, target)

    def _rotate_level(self, circuit: BitCircuit, r: int, start: Bit | None) -> None:
        angles = [
            _climb_angle(self.levels, r, scale)
            for scale in ((self.z,) if start is None else (self.f, self.z))
        ]
        address: list[Bit] = [] if start is None else [start]
        if r > 0:
            address.append(("level", r - 1))
            angles = [0.0] * len(angles) + angles
        on: dict[str, Any] = {"ctrl": "ctrl"} if self.is_controlled else {}
        if address:
            on["address"] = address
        circuit.call(MultiplexedRy(tuple(angles), self.eps, self.is_controlled), **on, target=("level", r))

    def _load(
        self,
        circuit: BitCircuit,
        loader: SparseAmplitudes | None,
        control: list[Bit],
        start: Bit | None,
        value: int,
        target: list[Bit],
    ) -> None:
        """Load a slot where it is occupied and the time is 0 (value 1) or later (value 0)."""
        if loader is None:
            return
        bits = [*control, *([] if start is None else [start])]
        values = [1] * len(control) + ([] if start is None else [value])
        negative = not target and loader.values[0] < 0
        if not target and not negative:
            return
        if not bits:
            self._load_everywhere(circuit, loader, target)
            return
        with circuit.conjunction(bits, values) as here:
            if target:
                circuit.call(attrs.evolve(loader, is_controlled=True), ctrl=here, target=target)
            else:
                circuit.z(here)

    @staticmethod
    def _load_everywhere(circuit: BitCircuit, loader: SparseAmplitudes, target: list[Bit]) -> None:
        if target:
            circuit.call(loader, target=target)
            return
        work = circuit.allocate()  # a single negative weight is the global phase -1
        circuit.x(work)
        circuit.z(work)
        circuit.x(work)
        circuit.free(work)


def _climb_angle(levels: tuple[int, ...], r: int, scale: float) -> float:
    """Angle that leaves the r-th level for the levels above it, level weights scale^(2 level)."""
    weights = [scale ** (2 * (level - levels[r])) for level in levels[r:]]
    return 2 * math.atan2(math.sqrt(sum(weights[1:])), math.sqrt(weights[0]))


def prepare(history: HistorySystem, *, eps: float = 0.0) -> PrepareRightHandSide:
    """Return the preparation of `history.rhs()`, normalized.

    Raises:
        InputError: b = 0 (the weights start at the center and the gradient there vanishes: nothing moves).
    """
    carleman, slot_bits = history.carleman, history.layout.slot_bits
    initial = np.asarray(history.u_in, dtype=np.float64) / carleman.gamma
    source = np.zeros(carleman.map.n)
    if 0 in carleman.step_tensors:
        tensor = carleman.step_tensors[0]
        source[tensor.rows] = tensor.vals
    z, f = float(np.linalg.norm(initial)), float(np.linalg.norm(source))
    if z == 0 and (f == 0 or history.steps == 0):
        raise InputError(
            "the right-hand side is zero: the weights start at the center and the gradient vanishes there, "
            "so theta never moves; choose another training.initial or training.center"
        )
    return PrepareRightHandSide(
        levels=tuple(carleman.levels),
        slot_bits=slot_bits,
        time_bits=history.layout.time_bits,
        steps=history.steps,
        initial=SparseAmplitudes.from_vector(initial, slot_bits, eps) if z else None,
        source=SparseAmplitudes.from_vector(source, slot_bits, eps) if f else None,
        z=z,
        f=f,
        eps=eps,
    )
