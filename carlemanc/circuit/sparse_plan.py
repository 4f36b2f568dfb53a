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

from carlemanc.circuit.multiplexer import Op, Run, RunBuilder
from carlemanc.circuit.program import ARITY, OPS, Program
from carlemanc.core.errors import InternalError

_BRANCHING: Final = frozenset(("h", "ry"))
_DIAGONAL: Final = frozenset(("z", "s", "sdg", "t", "tdg", "rz", "cz"))
PROJECT: Final = "project"
"""Not a gate: drops the amplitudes in which its wire is 1."""
_WINDOW: Final = 64
"""Gates left behind while one step is collected, at most."""
_LONGEST: Final = 4096
"""Gates considered for one step, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the simulator does next: `moves` one by one, then the block of `runs` on `branch_wires`.

    `consumed` is the number of primitives this step accounts for.
    """

    moves: tuple[Op, ...]
    branch_wires: tuple[int, ...]
    runs: tuple[Run, ...]
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
        self._projections = _last_uses(program, projected) if projected else {}
        self._runs: dict[tuple[tuple[int, ...], tuple[Op, ...]], tuple[Run, ...]] = {}

    def steps(self) -> Iterator[Step]:
        """Yield the steps in order."""
        source = self._ops()
        waiting: list[Op] = []
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
                consumed=sum(op.kind != PROJECT for op in collector.moves) + len(collector.block),
            )

    def _build(self, branch_wires: tuple[int, ...], block: tuple[Op, ...]) -> tuple[Run, ...]:
        key = (branch_wires, block)
        runs = self._runs.get(key)
        if runs is None:
            runs = tuple(builder.build(branch_wires) for builder in _collect_runs(branch_wires, block))
            if len(self._runs) > 4096:
                self._runs.clear()
            self._runs[key] = runs
        return runs

    def _ops(self) -> Iterator[Op]:
        """Yield primitives with swaps, global phases and Y resolved."""
        program, places = self._program, self.frame.places
        measured = 0
        rows = zip(program.codes.tolist(), program.wires.tolist(), program.angles.tolist(), strict=True)
        for number, (code, (a, b, t), angle) in enumerate(rows):
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
            if touches & measured:
                raise InternalError(f"the sparse simulator met {name} on a wire that was measured")
            if name == "measure":
                measured |= touches
            elif name in _DIAGONAL:
                yield Op(name, wires, angle, 0, touches)
            elif name == "y":
                yield Op("z", wires, 0.0, 0, touches)
                yield Op("x", wires, 0.0, touches, touches)
                self.frame.phase += pi / 2
            else:
                yield Op(name, wires, angle, 1 << wires[-1], touches)
        yield from self._projections.get(len(program), ())


def _last_uses(program: Program, wires: Sequence[int]) -> dict[int, list[Op]]:
    """Return the projections of `wires` by the number of the gate they come before.

    A swap exchanges places and touches nothing, so it is the place where a wire ends that counts.
    """
    places = list(range(program.width))
    last: dict[int, int] = {}
    for number, (code, on) in enumerate(zip(program.codes.tolist(), program.wires.tolist(), strict=True)):
        if OPS[code] == "swap":
            a, b = on[:2]
            places[a], places[b] = places[b], places[a]
        else:
            last.update((places[wire], number) for wire in on[: ARITY[code]])
    projections: dict[int, list[Op]] = {}
    for wire in wires:
        place = places[wire]
        if place in last:
            op = Op(PROJECT, (place,), 0.0, 1 << place, 1 << place)
            projections.setdefault(last[place] + 1, []).append(op)
    return projections


class _Collector:
    """Sorts gates, offered in order, into moves, one block, and those left for later."""

    def __init__(self, max_branch_wires: int) -> None:
        self.moves: list[Op] = []
        self.block: list[Op] = []
        self.left: list[Op] = []
        self.branch_wires: list[int] = []
        self._max = max_branch_wires
        self._left_targets = self._left_touches = 0
        self._block_targets = self._block_touches = 0

    def offer(self, op: Op) -> None:
        targets, touches = op.targets, op.touches
        if targets & self._left_touches or touches & self._left_targets:
            self._leave(op)
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

    def _leave(self, op: Op) -> None:
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
