"""One normal form for every elementary gate, and its expansion into primitives.

Comes in: a gate name, control values and wires. Goes out: primitives. Any number of controls is reduced to one
wire by a ladder of ANDs; a controlled H costs 2 T, a controlled rotation two half-angle rotations (identities
derived here and multiplied out in the tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from carlemanc.programs.angles import Word, phase_word, ry_word, rz_word
from carlemanc.programs.fragment import FragmentBuilder

NAMES = frozenset(
    (
        "x",
        "y",
        "z",
        "h",
        "s",
        "sdg",
        "t",
        "tdg",
        "rx",
        "ry",
        "rz",
        "phase",
        "xphase",
        "yphase",
        "gphase",
        "swap",
    )
)
"""Gate names. `phase(a)` = diag(1, e^{ia}); `xphase`, `yphase` are the same about the X and Y axes."""

_TURNS = {"t": pi / 4, "s": pi / 2, "sdg": -pi / 2, "tdg": -pi / 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate with control values; its wires are the controls, then the targets (2 for swap, 0 for gphase).

    Args:
        name: one of `NAMES`.
        angle: radians, where the gate takes one.
        controls: the value each control must have, in wire order.
        shift: extra global phase, radians.
    """

    name: str
    angle: float = 0.0
    controls: tuple[int, ...] = ()
    shift: float = 0.0


def add_gate(builder: FragmentBuilder, gate: Gate, wires: Sequence[int]) -> None:
    """Append `gate` on `wires` (controls first)."""
    count = len(gate.controls)
    controls, targets = list(wires[:count]), list(wires[count:])
    negative = [wire for wire, value in zip(controls, gate.controls, strict=True) if not value]
    for wire in negative:
        builder.add("x", wire)
    if not controls:
        _plain(builder, gate.name, gate.angle, targets)
        _word(builder, -1, _gphase(gate.shift))
    else:
        with_and = and_ladder(builder, controls)
        _controlled(builder, gate.name, gate.angle, with_and[-1][2] if with_and else controls[0], targets)
        if gate.shift:
            _word(builder, with_and[-1][2] if with_and else controls[0], phase_word(gate.shift))
        undo_ladder(builder, with_and)
    for wire in reversed(negative):
        builder.add("x", wire)


def and_ladder(builder: FragmentBuilder, controls: Sequence[int]) -> list[tuple[int, int, int]]:
    """Append len(controls) - 1 ANDs; return them as (a, b, target); the last target is the AND of all."""
    steps: list[tuple[int, int, int]] = []
    held = controls[0]
    for wire in controls[1:]:
        target = builder.take()
        builder.add("and", held, wire, target)
        steps.append((held, wire, target))
        held = target
    return steps


def undo_ladder(builder: FragmentBuilder, steps: Sequence[tuple[int, int, int]]) -> None:
    """Undo `and_ladder` and return its wires."""
    for a, b, target in reversed(steps):
        builder.add("and_dg", a, b, target)
        builder.release(target)


def _word(builder: FragmentBuilder, wire: int, word: Word) -> None:
    for name, angle in word:
        if name == "gphase":
            builder.add(name, angle=angle)
        else:
            builder.add(name, wire, angle=angle)


def _gphase(angle: float) -> Word:
    return (("gphase", angle),) if angle else ()


def _plain(builder: FragmentBuilder, name: str, angle: float, targets: list[int]) -> None:
    if name == "swap":
        builder.add("swap", *targets)
    elif name == "gphase":
        _word(builder, -1, _gphase(angle))
    elif name in ("x", "y", "z", "h", "s", "sdg", "t", "tdg"):
        builder.add(name, *targets)
    elif name == "ry":
        _word(builder, targets[0], ry_word(angle))
    elif name in ("rz", "phase"):
        _word(builder, targets[0], rz_word(angle) if name == "rz" else phase_word(angle))
    else:
        before, core, after = _conjugated(name)
        _word(builder, targets[0], before)
        _plain(builder, core, angle, targets)
        _word(builder, targets[0], after)


def _conjugated(name: str) -> tuple[Word, str, Word]:
    """Return (before, diagonal gate, after) for a gate about the X or Y axis."""
    h, s, sdg = ("h", 0.0), ("s", 0.0), ("sdg", 0.0)
    return {
        "rx": ((h,), "rz", (h,)),
        "xphase": ((h,), "phase", (h,)),
        "yphase": ((sdg, h), "phase", (h, s)),
    }[name]


def _controlled(builder: FragmentBuilder, name: str, angle: float, control: int, targets: list[int]) -> None:
    """Append the gate controlled by one wire being |1>."""
    if name == "swap":
        _controlled_swap(builder, control, *targets)
        return
    if name == "gphase":
        _word(builder, control, phase_word(angle))
        return
    (target,) = targets
    if name in ("x", "z"):
        builder.add("c" + name, control, target)
    elif name == "y":
        builder.add("sdg", target)
        builder.add("cx", control, target)
        builder.add("s", target)
    elif name == "h":
        _word(builder, target, (("sdg", 0.0), ("h", 0.0), ("tdg", 0.0)))
        builder.add("cx", control, target)
        _word(builder, target, (("t", 0.0), ("h", 0.0), ("s", 0.0)))
    elif name in ("rz", "ry"):
        half = rz_word if name == "rz" else ry_word
        _word(builder, target, half(angle / 2))
        builder.add("cx", control, target)
        _word(builder, target, half(-angle / 2))
        builder.add("cx", control, target)
    elif name in _TURNS or name == "phase":
        turn = _TURNS.get(name, angle)
        _word(builder, control, phase_word(turn / 2))
        _word(builder, target, phase_word(turn / 2))
        builder.add("cx", control, target)
        _word(builder, target, phase_word(-turn / 2))
        builder.add("cx", control, target)
    else:
        before, core, after = _conjugated(name)
        _word(builder, target, before)
        _controlled(builder, core, angle, control, targets)
        _word(builder, target, after)


def _controlled_swap(builder: FragmentBuilder, control: int, x: int, y: int) -> None:
    """Append a Fredkin gate with one AND: swap if control (arXiv:1709.06648 for the AND)."""
    builder.add("cx", y, x)
    flag = builder.take()
    builder.add("and", control, x, flag)
    builder.add("cx", flag, y)
    builder.add("and_dg", control, x, flag)
    builder.release(flag)
    builder.add("cx", y, x)
