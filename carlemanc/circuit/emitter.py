"""Bloq -> Program: a recursion over `decompose_bloq`, each distinct bloq compiled once and placed many times.

Comes in: any Qualtran bloq whose leaves are listed in `leaves`. Goes out: one flat `Program`. The order of
primitives is Qualtran's own topological order, a wire that is freed is the next one taken, so `Program.width` is
the peak number of live wires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import qualtran
from qualtran import LeftDangle, RightDangle

from carlemanc.circuit.fragment import Fragment, FragmentBuilder
from carlemanc.circuit.leaves import bits, leaf_fragment
from carlemanc.circuit.program import Program
from carlemanc.core.errors import InternalError


class Emitter:
    """Compiles bloqs to fragments and remembers every one of them."""

    def __init__(self) -> None:
        self._fragments: dict[qualtran.Bloq, Fragment] = {}
        self._by_identity: dict[int, tuple[qualtran.Bloq, Fragment]] = {}

    def fragment(self, bloq: qualtran.Bloq) -> Fragment:
        """Return the relocatable sub-program of `bloq`. Raises InternalError for an atomic bloq without gates."""
        seen = self._by_identity.get(id(bloq))
        if seen is not None:
            return seen[1]
        fragment = self._fragments.get(bloq)
        if fragment is None:
            fragment = self._compile(bloq)
            self._fragments[bloq] = fragment
        self._by_identity[id(bloq)] = (bloq, fragment)
        return fragment

    def _compile(self, bloq: qualtran.Bloq) -> Fragment:
        fragment = leaf_fragment(bloq)
        if fragment is not None:
            return fragment
        if isinstance(bloq, qualtran.Adjoint):
            return self.fragment(bloq.subbloq).adjoint()
        return self._compose(bloq if isinstance(bloq, qualtran.CompositeBloq) else decompose(bloq))

    def _compose(self, circuit: qualtran.CompositeBloq) -> Fragment:
        lefts = list(circuit.signature.lefts())
        builder = FragmentBuilder(bits(lefts))
        live: dict[tuple[int, str, tuple[int, ...]], list[int]] = {}
        _deposit(live, _LEFT, lefts, list(range(builder.inputs)))
        final: list[Any] = []
        for instance, before, after in circuit.iter_bloqnections():
            wires: list[int] = []
            signature = instance.bloq.signature
            sources = {(c.right.reg.name, c.right.idx): c.left for c in before}
            for register in signature.lefts():
                for index in register.all_idxs():
                    source = sources[register.name, index]
                    wires += live.pop((_number(source.binst), source.reg.name, source.idx))
            outputs = builder.place(self.fragment(instance.bloq), wires)
            _deposit(live, instance.i, signature.rights(), outputs)
            final += [c for c in after if c.right.binst is RightDangle]
        final += [
            c for c in circuit.connections if c.left.binst is LeftDangle and c.right.binst is RightDangle
        ]
        sources = {(c.right.reg.name, c.right.idx): c.left for c in final}
        ends: list[int] = []
        for register in circuit.signature.rights():
            for index in register.all_idxs():
                source = sources[register.name, index]
                ends += live.pop((_number(source.binst), source.reg.name, source.idx))
        return builder.finish(ends)


_LEFT = -1


def _number(instance: Any) -> int:
    return _LEFT if instance is LeftDangle else int(instance.i)


def _deposit(live: dict[Any, list[int]], instance: int, registers: Iterable[Any], wires: list[int]) -> None:
    start = 0
    for register in registers:
        for index in register.all_idxs():
            live[instance, register.name, index] = wires[start : start + register.bitsize]
            start += register.bitsize


def decompose(bloq: qualtran.Bloq) -> qualtran.CompositeBloq:
    """Return the decomposition of `bloq`. Raises InternalError, naming the bloq, where there is none."""
    try:
        if isinstance(bloq, qualtran.Controlled) and not bloq.signature.thru_registers_only:
            return _control_each(bloq)
        return bloq.decompose_bloq()
    except (qualtran.DecomposeTypeError, qualtran.DecomposeNotImplementedError) as error:
        raise InternalError(
            f"no gates are known for the bloq {bloq!s} ({type(bloq).__name__}): {error}"
        ) from error


def _control_each(bloq: qualtran.Controlled) -> qualtran.CompositeBloq:
    """Return the decomposition of a controlled bloq that allocates or consumes registers.

    Qualtran refuses these (`Cannot handle non-thru registers`). Every part is controlled; what a part allocates is
    |0> where the control is off, and so is what it consumes.
    """
    builder, soquets = qualtran.BloqBuilder.from_signature(bloq.signature)
    controls = [soquets[name] for name in bloq.ctrl_reg_names]
    inner = bloq.subbloq.decompose_bloq()
    renamed: list[tuple[Any, Any]] = []
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
