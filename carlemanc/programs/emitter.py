"""Bloq -> Program: a recursion over `decompose_bloq`, each distinct bloq compiled once and placed many times.

Comes in: any Qualtran bloq whose leaves are listed in `leaves`. Goes out: one flat `Program`. The order of
primitives is Qualtran's own topological order, a wire that is freed is the next one taken, so `Program.width` is
the peak number of live wires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import qualtran
from qualtran import LeftDangle, RightDangle

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.core.errors import InternalError
from carlemanc.programs.bit_emission import write_bits
from carlemanc.programs.fragment import Fragment, FragmentBuilder
from carlemanc.programs.leaves import bits, leaf_fragment
from carlemanc.programs.program import Program


class NoGates(InternalError):
    """A bloq that has neither gates nor a decomposition: a bug in one of ours, not in one of someone else's."""


Slots = tuple[tuple[str, tuple[int, ...], int], ...]
"""The indexed wires of registers: (name, index, bits)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Compiled:
    bloq: qualtran.Bloq
    fragment: Fragment
    lefts: Slots
    rights: Slots


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """A fragment and the wires of its parent that its local wires stand for."""

    fragment: Fragment
    wires: tuple[int, ...]

    def is_like(self, other: Placement) -> bool:
        """Whether it is the same fragment, angles aside, on the same wires."""
        mine, its = self.fragment, other.fragment
        return (
            self.wires == other.wires
            and np.array_equal(mine.codes, its.codes)
            and np.array_equal(mine.wires, its.wires)
        )


class _RecordingBuilder(FragmentBuilder):
    """A builder that remembers what was placed where."""

    def __init__(self, inputs: int) -> None:
        super().__init__(inputs)
        self.placed: list[Placement] = []

    def placed_on(self, child: Fragment, local: Sequence[int]) -> None:
        if len(child):
            self.placed.append(Placement(fragment=child, wires=tuple(local)))


class Emitter:
    """Compiles bloqs to fragments and remembers every one of them."""

    def __init__(self) -> None:
        self._known: dict[qualtran.Bloq, _Compiled] = {}
        self._by_identity: dict[int, _Compiled] = {}

    def fragment(self, bloq: qualtran.Bloq) -> Fragment:
        """Return the sub-program of `bloq`. Raises NoGates for an atomic bloq without gates."""
        return self._compiled(bloq).fragment

    def _compiled(self, bloq: qualtran.Bloq) -> _Compiled:
        known = self._by_identity.get(id(bloq))
        if known is not None and known.bloq is bloq:
            return known
        known = self._known.get(bloq)
        if known is None:
            known = self._known[bloq] = _Compiled(
                bloq=bloq,
                fragment=self._compile(bloq),
                lefts=_slots(bloq.signature.lefts()),
                rights=_slots(bloq.signature.rights()),
            )
        if known.bloq is bloq:
            self._by_identity[id(bloq)] = known
        return known

    def _compile(self, bloq: qualtran.Bloq) -> Fragment:
        fragment = leaf_fragment(bloq)
        if fragment is not None:
            return fragment
        if isinstance(bloq, qualtran.Adjoint):
            return self.fragment(bloq.subbloq).adjoint()
        if isinstance(bloq, BitBloq):
            return write_bits(bloq, self.fragment)
        return self._compose(bloq if isinstance(bloq, qualtran.CompositeBloq) else decompose(bloq))

    def placements(self, bloq: qualtran.Bloq) -> tuple[Placement, ...]:
        """Return the parts of a decomposition that have gates, in order, each with the wires it is placed on."""
        builder = _RecordingBuilder(sum(size for _, _, size in _slots(bloq.signature.lefts())))
        self._compose(decompose(bloq), builder)
        return tuple(builder.placed)

    def _compose(self, circuit: qualtran.CompositeBloq, builder: FragmentBuilder | None = None) -> Fragment:
        lefts, rights = _slots(circuit.signature.lefts()), _slots(circuit.signature.rights())
        builder = builder or FragmentBuilder(sum(size for _, _, size in lefts))
        live: _Live = {}
        _deposit(live, _LEFT, lefts, list(range(builder.inputs)))
        final = [
            c for c in circuit.connections if c.left.binst is LeftDangle and c.right.binst is RightDangle
        ]
        for instance, before, after in circuit.iter_bloqnections():
            compiled = self._compiled(instance.bloq)
            outputs = builder.place(compiled.fragment, _withdraw(live, compiled.lefts, before))
            _deposit(live, instance.i, compiled.rights, outputs)
            final += [c for c in after if c.right.binst is RightDangle]
        return builder.finish(_withdraw(live, rights, final))


_LEFT = -1
_Live = dict[tuple[int, str, tuple[int, ...]], list[int]]
"""Wires in play, by the number of the bloq instance they come from, register and index."""


def _slots(registers: Iterable[qualtran.Register]) -> Slots:
    return tuple((r.name, index, int(r.bitsize)) for r in registers for index in r.all_idxs())


def _withdraw(live: _Live, slots: Slots, connections: Iterable[qualtran.Connection]) -> list[int]:
    """Remove and return the wires that `connections` bring to `slots`, in the order of the slots."""
    sources = {(c.right.reg.name, c.right.idx): c.left for c in connections}
    wires: list[int] = []
    for name, index, _ in slots:
        source = sources[name, index]
        number = _LEFT if source.binst is LeftDangle else source.binst.i
        wires += live.pop((number, source.reg.name, source.idx))
    return wires


def _deposit(live: _Live, number: int, slots: Slots, wires: list[int]) -> None:
    start = 0
    for name, index, size in slots:
        live[number, name, index] = wires[start : start + size]
        start += size


def decompose(bloq: qualtran.Bloq) -> qualtran.CompositeBloq:
    """Return the decomposition of `bloq`. Raises NoGates, naming the bloq, where there is none."""
    try:
        if isinstance(bloq, qualtran.Controlled) and not bloq.signature.thru_registers_only:
            return _control_each(bloq)
        return bloq.decompose_bloq()
    except (qualtran.DecomposeTypeError, qualtran.DecomposeNotImplementedError) as error:
        raise NoGates(f"no gates are known for the bloq {bloq!s} ({type(bloq).__name__}): {error}") from error


def _control_each(bloq: qualtran.Controlled) -> qualtran.CompositeBloq:
    """Return the decomposition of a controlled bloq that allocates or consumes registers.

    Qualtran refuses these (`Cannot handle non-thru registers`). Every part is controlled; what a part allocates is
    |0> where the control is off, and so is what it consumes.
    """
    builder, soquets = qualtran.BloqBuilder.from_signature(bloq.signature)
    controls = [soquets[name] for name in bloq.ctrl_reg_names]
    inner = bloq.subbloq.decompose_bloq()
    renamed: list[tuple[qualtran.SoquetT, qualtran.SoquetT]] = []
    for instance, taken, returned in inner.iter_bloqsoqs():
        _, add = instance.bloq.get_ctrl_system(bloq.ctrl_spec)
        controls, new = add(builder, ctrl_soqs=list(controls), in_soqs=builder.map_soqs(taken, renamed))
        renamed += zip(returned, new, strict=True)
    final = builder.map_soqs(inner.final_soqs(), renamed)
    return builder.finalize(**final, **dict(zip(bloq.ctrl_reg_names, controls, strict=True)))


def emit(bloq: qualtran.Bloq, *, registers: Mapping[str, str] | None = None) -> Program:
    """Return the flat circuit of `bloq`.

    A register that the bloq returns on other wires than it took (a permutation by relabeling) is brought back by
    swaps at the end, so that every register has one list of wires.

    Args:
        bloq: any bloq; left registers enter as given, right-only registers start in |0>.
        registers: new names for some registers, old name -> new name.

    Raises:
        InternalError: a bloq inside has neither gates nor a decomposition.
    """
    fragment = Emitter().fragment(bloq)
    builder = FragmentBuilder(fragment.inputs)
    ends = builder.place(fragment, range(fragment.inputs))
    named: dict[str, list[int]] = {}
    wanted: list[tuple[int, int]] = []
    start = 0
    for register in bloq.signature.lefts():
        size = bits([register])
        named[register.name] = list(range(start, start + size))
        start += size
    start = 0
    for register in bloq.signature.rights():
        size = bits([register])
        wires = ends[start : start + size]
        start += size
        known = named.setdefault(register.name, wires)
        if len(known) != len(wires):
            raise InternalError(f"register {register.name} of {bloq!s} changes its size")
        wanted += zip(wires, known, strict=True)
    for a, b in _swaps(wanted):
        builder.add("swap", a, b)
    flat = builder.finish([])
    rename = registers or {}
    return Program(
        width=flat.width,
        registers={rename.get(name, name): tuple(reversed(wires)) for name, wires in named.items()},
        codes=flat.codes,
        wires=np.ascontiguousarray(flat.wires),
        angles=flat.angles,
        metadata={"bloq": str(bloq)},
    )


def _swaps(wanted: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return swaps that bring the content of wire a to wire b for every wanted (a, b)."""
    where = {source: target for source, target in wanted if source != target}
    swaps: list[tuple[int, int]] = []
    while where:
        source, target = where.popitem()
        swaps.append((source, target))
        if target in where:
            onward = where.pop(target)
            if onward != source:
                where[source] = onward
    return swaps
