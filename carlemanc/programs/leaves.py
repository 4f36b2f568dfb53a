"""Qualtran's atomic bloqs as fragments; everything else is reached through `decompose_bloq`.

Comes in: a bloq. Goes out: its fragment, or None where the bloq is no leaf. `Controlled` of a gate, and of a bare
`And` (which Qualtran refuses), are leaves too: the latter computes the target only where the control is |1>.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from math import pi

import qualtran
from qualtran.bloqs import basic_gates, bookkeeping, mcmt
from qualtran.bloqs.bookkeeping import partition

from carlemanc.programs.fragment import Fragment, FragmentBuilder
from carlemanc.programs.gates import Gate, add_gate, and_ladder, undo_ladder

_BOOKKEEPING = (
    bookkeeping.Split,
    bookkeeping.Join,
    bookkeeping.Cast,
    bookkeeping.Partition,
    partition.Split2,
    partition.Join2,
    basic_gates.Identity,
)


def bits(registers: Iterable[qualtran.Register]) -> int:
    """Return the number of wires of registers."""
    return sum(int(register.total_bits()) for register in registers)


def leaf_fragment(bloq: qualtran.Bloq) -> Fragment | None:
    """Return the fragment of an atomic bloq, None for one that must be decomposed."""
    if isinstance(bloq, _BOOKKEEPING):
        wires = bits(bloq.signature.lefts())
        return FragmentBuilder(wires).finish(range(wires))
    gate = as_gate(bloq)
    if gate is not None:
        wires = bits(bloq.signature.lefts())
        builder = FragmentBuilder(wires)
        add_gate(builder, gate, range(wires))
        return builder.finish(range(wires))
    for kind, make in _OTHERS().items():
        if isinstance(bloq, kind):
            return make(bloq)
    if isinstance(bloq, qualtran.Controlled) and isinstance(bloq.subbloq, mcmt.And):
        return _controlled_and(bloq)
    return None


def as_gate(bloq: qualtran.Bloq) -> Gate | None:
    """Return the normal form of an elementary gate with any controls, or None."""
    make = _GATES().get(type(bloq))
    if make is not None:
        gate: Gate = make(bloq)
        return gate
    if isinstance(bloq, qualtran.Controlled):
        inner = as_gate(bloq.subbloq)
        if inner is not None:
            controls = control_values(bloq.ctrl_spec) + inner.controls
            return Gate(name=inner.name, angle=inner.angle, shift=inner.shift, controls=controls)
    return None


def control_values(spec: qualtran.CtrlSpec) -> tuple[int, ...]:
    """Return the required value of every control wire, in wire order."""
    values: list[int] = []
    for dtype, required in zip(spec.qdtypes, spec.cvs, strict=True):
        for value in required.reshape(-1):
            values += [int(bit) for bit in dtype.to_bits(value)]
    return tuple(values)


@cache
def _GATES() -> dict[type, Callable[[qualtran.Bloq], Gate]]:
    g = basic_gates

    def fixed(name: str, controls: int = 0) -> Callable[[qualtran.Bloq], Gate]:
        gate = Gate(name=name, controls=(1,) * controls)
        return lambda _: gate

    return {
        g.XGate: fixed("x"),
        g.YGate: fixed("y"),
        g.ZGate: fixed("z"),
        g.Hadamard: fixed("h"),
        g.SGate: lambda b: Gate(name="sdg" if b.is_adjoint else "s"),
        g.TGate: lambda b: Gate(name="tdg" if b.is_adjoint else "t"),
        g.CNOT: fixed("x", 1),
        g.CYGate: fixed("y", 1),
        g.CZ: fixed("z", 1),
        g.CHadamard: fixed("h", 1),
        g.Toffoli: fixed("x", 2),
        g.TwoBitSwap: fixed("swap"),
        g.TwoBitCSwap: fixed("swap", 1),
        g.Rx: lambda b: Gate(name="rx", angle=float(b.angle)),
        g.Ry: lambda b: Gate(name="ry", angle=float(b.angle)),
        g.Rz: lambda b: Gate(name="rz", angle=float(b.angle)),
        g.CRz: lambda b: Gate(name="rz", angle=float(b.angle), controls=(1,)),
        g.ZPowGate: lambda b: Gate(name="phase", angle=pi * float(b.exponent)),
        g.XPowGate: lambda b: _power("xphase", b),
        g.YPowGate: lambda b: _power("yphase", b),
        g.GlobalPhase: lambda b: Gate(name="gphase", angle=pi * float(b.exponent)),
    }


def _power(name: str, bloq: qualtran.Bloq) -> Gate:
    turn = pi * float(bloq.exponent)
    return Gate(name=name, angle=turn, shift=turn * float(bloq.global_shift))


@cache
def _OTHERS() -> dict[type, Callable[[qualtran.Bloq], Fragment]]:
    g = basic_gates
    return {
        mcmt.And: _and,
        mcmt.MultiTargetCNOT: _multi_target_cnot,
        bookkeeping.Allocate: _allocate,
        bookkeeping.Free: _free,
        g.ZeroState: lambda _: _state(),
        g.OneState: lambda _: _state("x"),
        g.PlusState: lambda _: _state("h"),
        g.MinusState: lambda _: _state("x", "h"),
        g.ZeroEffect: lambda _: _state().adjoint(),
        g.OneEffect: lambda _: _state("x").adjoint(),
        g.PlusEffect: lambda _: _state("h").adjoint(),
        g.MinusEffect: lambda _: _state("x", "h").adjoint(),
        g.MeasureZ: lambda _: _measure(),
        g.MeasureX: lambda _: _measure("h"),
    }


def _and(bloq: qualtran.Bloq) -> Fragment:
    builder = FragmentBuilder(2)
    negative = [wire for wire, value in enumerate((bloq.cv1, bloq.cv2)) if not value]
    for wire in negative:
        builder.add("x", wire)
    target = builder.take()
    builder.add("and", 0, 1, target)
    for wire in reversed(negative):
        builder.add("x", wire)
    fragment = builder.finish([0, 1, target])
    return fragment.adjoint() if bloq.uncompute else fragment


def _controlled_and(bloq: qualtran.Bloq) -> Fragment:
    inner = bloq.subbloq
    values = (*control_values(bloq.ctrl_spec), inner.cv1, inner.cv2)
    builder = FragmentBuilder(len(values))
    negative = [wire for wire, value in enumerate(values) if not value]
    for wire in negative:
        builder.add("x", wire)
    target = builder.take()
    steps = and_ladder(builder, range(len(values) - 1))
    builder.add("and", steps[-1][2], len(values) - 1, target)
    undo_ladder(builder, steps)
    for wire in reversed(negative):
        builder.add("x", wire)
    fragment = builder.finish([*range(len(values)), target])
    return fragment.adjoint() if inner.uncompute else fragment


def _multi_target_cnot(bloq: qualtran.Bloq) -> Fragment:
    targets = int(bloq.bitsize)
    builder = FragmentBuilder(targets + 1)
    for target in range(1, targets + 1):
        builder.add("cx", 0, target)
    return builder.finish(range(targets + 1))


def _allocate(bloq: qualtran.Bloq) -> Fragment:
    builder = FragmentBuilder(0)
    return builder.finish([builder.take() for _ in range(bits(bloq.signature.rights()))])


def _free(bloq: qualtran.Bloq) -> Fragment:
    return FragmentBuilder(bits(bloq.signature.lefts())).finish([])


def _state(*names: str) -> Fragment:
    builder = FragmentBuilder(0)
    wire = builder.take()
    for name in names:
        builder.add(name, wire)
    return builder.finish([wire])


def _measure(*names: str) -> Fragment:
    builder = FragmentBuilder(1)
    for name in (*names, "measure"):
        builder.add(name, 0)
    return builder.finish([0])
