"""Order a circuit for the sparse-state simulator: cheap permutations first, then as few branches as possible.

Comes in: a `Program`. Goes out: a stream of `Step`s, each a list of basis permutations and phases (which only touch
rows of bits) followed by one branching block: gates whose targets all lie in a few branch wires. Gates are
reordered only where they commute because neither changes a wire that the other touches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import pi
from typing import Final

import numpy as np

from carlemanc.core.errors import InternalError
from carlemanc.programs.last_uses import last_uses
from carlemanc.programs.multiplexer import MultiplexedRun, Op, RunBuilder
from carlemanc.programs.permutation_stretch import Stretch, segments
from carlemanc.programs.program import ARITY, OPS, Program

_BRANCHING: Final = frozenset(("h", "ry"))
_DIAGONAL: Final = frozenset(("z", "s", "sdg", "t", "tdg", "rz", "cz"))
PROJECT: Final = "project"
"""Not a gate: drops the amplitudes in which its wire is 1."""
_WINDOW: Final = 64
"""Gates left behind while one step is collected, at most."""
_LONGEST: Final = 4096
"""Gates considered for one step, at most."""


Move = Op | Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the simulator does next: `moves` one by one, then the block of `runs` on `branch_wires`.

    `consumed` is the number of primitives this step accounts for.
    """

    moves: tuple[Move, ...]
    branch_wires: tuple[int, ...]
    runs: tuple[MultiplexedRun, ...]
    consumed: int


@dataclass(slots=True)
class Frame:
    """What the plan keeps outside the state: where each wire's value is, and the global phase."""

    places: list[int]
    """Wire w of the program is held at place `places[w]`; a swap only exchanges two entries."""
    phase: float = 0.0


class Planner:
    """Streams the steps of one program; afterwards `frame` says how to read the result.

    Each wire of `projected` is projected on 0 right after the last gate that touches it, which gives the same
    final amplitudes there as a projection at the end, and a smaller state before.
    """

    def __init__(self, program: Program, *, max_branch_wires: int, projected: Sequence[int] = ()) -> None:
        self.frame = Frame(list(range(program.width)))
        self._program = program
        self._max = max_branch_wires
        self._projections = _projections(program, projected) if projected else {}
        self._measured = 0
        self._runs: dict[tuple[tuple[int, ...], tuple[Op, ...]], tuple[MultiplexedRun, ...]] = {}

    def steps(self) -> Iterator[Step]:
        """Yield the steps in order."""
        source = self._ops()
        waiting: list[Move] = []
        while True:
            collector = _Collector(self._max)
            seen = 0
            for op in chain(waiting, source):
                seen += 1
                collector.offer(op)
                if len(collector.left) >= _WINDOW or seen >= _LONGEST:
                    break
            waiting = collector.left + waiting[seen:]
            if not seen:
                return
            yield Step(
                moves=tuple(collector.moves),
                branch_wires=tuple(collector.branch_wires),
                runs=self._build(tuple(collector.branch_wires), tuple(collector.block)),
                consumed=sum(map(_gates_in, collector.moves)) + len(collector.block),
            )

    def _build(self, branch_wires: tuple[int, ...], block: tuple[Op, ...]) -> tuple[MultiplexedRun, ...]:
        key = (branch_wires, block)
        runs = self._runs.get(key)
        if runs is None:
            runs = tuple(builder.build(branch_wires) for builder in _collect_runs(branch_wires, block))
            if len(self._runs) > 4096:
                self._runs.clear()
            self._runs[key] = runs
        return runs

    def _ops(self) -> Iterator[Move]:
        """Yield primitives with swaps, global phases and Y resolved; long stretches of permutations as one."""
        program, pending = self._program, sorted(self._projections)
        for start, stop, is_stretch in segments(program.codes):
            if is_stretch:
                yield self._stretch(start, stop)
            else:
                yield from self._gates(start, stop)
            while pending and pending[0] <= stop:  # within a stretch: after it
                number = pending.pop(0)
                if is_stretch or number == stop:
                    yield from self._projections[number]

    def _stretch(self, start: int, stop: int) -> Stretch:
        places = np.asarray([*self.frame.places, -1], dtype=np.int32)[self._program.wires[start:stop]]
        stretch = Stretch(self._program.codes[start:stop], places)
        if self._measured and any(self._measured >> place & 1 for place in stretch.used):
            raise _after_measurement("a permutation")
        return stretch

    def _gates(self, start: int, stop: int) -> Iterator[Op]:
        """Yield the primitives of a range, projections between them."""
        program, places = self._program, self.frame.places
        columns = (program.codes, program.wires, program.angles)
        rows = zip(*(column[start:stop].tolist() for column in columns), strict=True)
        for number, (code, (a, b, t), angle) in enumerate(rows, start):
            if number > start:
                yield from self._projections.get(number, ())
            name = OPS[code]
            arity = ARITY[code]
            if name == "swap":
                places[a], places[b] = places[b], places[a]
                continue
            if name == "gphase":
                self.frame.phase += angle
                continue
            wires = tuple(places[w] for w in (a, b, t)[:arity])
            touches = 0
            for wire in wires:
                touches |= 1 << wire
            if touches & self._measured:
                raise _after_measurement(name)
            if name == "measure":
                self._measured |= touches
            elif name in _DIAGONAL:
                yield Op(name, wires, angle, 0, touches)
            elif name == "y":
                yield Op("z", wires, 0.0, 0, touches)
                yield Op("x", wires, 0.0, touches, touches)
                self.frame.phase += pi / 2
            else:
                yield Op(name, wires, angle, 1 << wires[-1], touches)


def _after_measurement(name: str) -> InternalError:
    return InternalError(f"the sparse simulator met {name} on a wire that was measured")


def _projections(program: Program, wires: Sequence[int]) -> dict[int, list[Op]]:
    """Return the projections of `wires` by the number of the gate they come before."""
    places, last = last_uses(program)
    found: dict[int, list[Op]] = {}
    for wire in wires:
        place = places[wire]
        if last[place] >= 0:
            op = Op(PROJECT, (place,), 0.0, 1 << place, 1 << place)
            found.setdefault(last[place] + 1, []).append(op)
    return found


def _gates_in(move: Move) -> int:
    return len(move) if isinstance(move, Stretch) else int(move.kind != PROJECT)


class _Collector:
    """Sorts gates, offered in order, into moves, one block, and those left for later."""

    def __init__(self, max_branch_wires: int) -> None:
        self.moves: list[Move] = []
        self.block: list[Op] = []
        self.left: list[Move] = []
        self.branch_wires: list[int] = []
        self._max = max_branch_wires
        self._left_targets = self._left_touches = 0
        self._block_targets = self._block_touches = 0

    def offer(self, op: Move) -> None:
        targets, touches = op.targets, op.touches
        if targets & self._left_touches or touches & self._left_targets:
            self._leave(op)
        elif isinstance(op, Stretch):
            if self.block:
                self._leave(op)
            else:
                self.moves.append(op)
        elif op.kind in _BRANCHING:
            wire = op.wires[0]
            if wire not in self.branch_wires:
                if len(self.branch_wires) == self._max:
                    self._leave(op)
                    return
                self.branch_wires.append(wire)
            self._enter(op)
        elif not (targets & self._block_touches or touches & self._block_targets):
            self.moves.append(op)
        elif op.kind not in ("and", "and_dg", PROJECT) and not targets & ~self._block_targets:
            self._enter(op)
        else:
            self._leave(op)

    def _enter(self, op: Op) -> None:
        self.block.append(op)
        self._block_targets |= op.targets
        self._block_touches |= op.touches

    def _leave(self, op: Move) -> None:
        self.left.append(op)
        self._left_targets |= op.targets
        self._left_touches |= op.touches


def _collect_runs(branch_wires: tuple[int, ...], block: tuple[Op, ...]) -> list[RunBuilder]:
    runs: list[RunBuilder] = []
    for op in block:
        for run in reversed(runs):
            if run.accepts(op):
                run.append(op)
                break
            if not run.commutes(op):
                runs.append(_start(branch_wires, op))
                break
        else:
            runs.append(_start(branch_wires, op))
    return runs


def _start(branch_wires: tuple[int, ...], op: Op) -> RunBuilder:
    target = op.wires[-1] if op.targets else next(wire for wire in op.wires if wire in branch_wires)
    run = RunBuilder(target)
    run.append(op)
    return run
