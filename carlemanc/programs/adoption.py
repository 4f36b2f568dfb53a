"""Adoption: any bloq that decomposes into known gates becomes an `AdoptedBloq`, on registers named as ours are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import attrs
import numpy as np
from qualtran import Bloq, BloqBuilder, CompositeBloq, CtrlSpec, QBit, Register, Side, Signature
from qualtran.symbolics import is_symbolic

from carlemanc.core.errors import InputError, Problem
from carlemanc.programs.adopted_bloq import AdoptedBloq
from carlemanc.programs.emitter import Emitter, NoGates

_CONTROL = "carlemanc_control"
_KNOWN = "bloqs that decompose into the gates of qualtran.bloqs.basic_gates, And and bookkeeping"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gates:
    """Primitives with the wires of the registers first, in the order that was asked for."""

    codes: tuple[int, ...]
    wires: tuple[tuple[int, ...], ...]
    angles: tuple[float, ...]
    outputs: tuple[int, ...]


def adopted(bloq: Bloq, *, system: Sequence[str], ancilla: Sequence[str], role: str) -> AdoptedBloq:
    """Return a bloq as a bit bloq with the registers `system` and `ancilla`.

    Args:
        bloq: any bloq whose registers are those of the two lists, each THRU.
        system: its registers that become `system`, the most significant first.
        ancilla: the same of `ancilla`.
        role: what a message calls it.

    Raises InputError where it is no such bloq: symbolic, without a hash, or where some bloq of its decomposition, which
    is named, has no gates, as one that discards what is measured. What is wrong with its controlled form is raised
    where that form is asked for.
    """
    _check(bloq, [*system, *ancilla], role)
    sizes = {register.name: int(register.total_bits()) for register in bloq.signature}
    system_size, ancilla_size = (sum(sizes[name] for name in names) for names in (system, ancilla))

    def form(gates: _Gates, *, is_controlled: bool = False) -> AdoptedBloq:
        return AdoptedBloq(
            label=str(bloq),
            system_size=system_size,
            ancilla_size=ancilla_size,
            codes=gates.codes,
            wires=gates.wires,
            angles=gates.angles,
            outputs=gates.outputs,
            is_controlled=is_controlled,
        )

    plain = form(_emitted(bloq, [*system, *ancilla], role))
    try:
        controlled = _emitted(_under_control(bloq), [_CONTROL, *system, *ancilla], role)
    except InputError as error:
        return attrs.evolve(plain, refusal=error.problems[0].found)
    except (NotImplementedError, TypeError, ValueError) as error:  # what Qualtran and authors refuse with
        return attrs.evolve(plain, refusal=f"{type(error).__name__}: {error}")
    return attrs.evolve(plain, controlled_form=form(controlled, is_controlled=True))


def _check(bloq: Bloq, names: Sequence[str], role: str) -> None:
    """Refuse what cannot be emitted at all."""
    problems = []
    for register in bloq.signature:
        if register.side != Side.THRU or register.name not in names:
            found = f"register {register.name} of {bloq} ({register.side.name})"
            allowed = f"registers that go through, of these names: {', '.join(names)}"
            problems.append(Problem(where=role, found=found, allowed=allowed))
        elif is_symbolic(register.total_bits()):
            found = f"register {register.name} of {register.total_bits()} qubits"
            problems.append(Problem(where=role, found=found, allowed="numbers of qubits"))
    try:
        hash(bloq)
    except TypeError as error:
        found, allowed = f"{type(bloq).__name__}: {error}", "a bloq of hashable fields: tuples, no arrays"
        problems.append(Problem(where=role, found=found, allowed=allowed))
    if problems:
        raise InputError(f"the {role} cannot be compiled", problems)


def _under_control(bloq: Bloq) -> CompositeBloq:
    """Return the bloq's own controlled form with the control in a register of one name."""
    builder, soquets = BloqBuilder.from_signature(Signature([Register(_CONTROL, QBit()), *bloq.signature]))
    _, add = bloq.get_ctrl_system(CtrlSpec())
    (control,), found = add(builder, [soquets.pop(_CONTROL)], soquets)
    names = [register.name for register in bloq.signature.rights()]
    return builder.finalize(**{_CONTROL: control}, **dict(zip(names, found, strict=True)))


def _emitted(bloq: Bloq, names: Sequence[str], role: str) -> _Gates:
    """Return the gates of a bloq with the wires of `names` first, in this order."""
    try:
        fragment = Emitter().fragment(bloq)
    except NoGates as error:
        problem = Problem(where=role, found=str(error), allowed=_KNOWN)
        raise InputError(f"the {role} has a part without gates", [problem]) from error
    place: dict[str, list[int]] = {}
    start = 0
    for register in bloq.signature:
        size = int(register.total_bits())
        place[register.name] = list(range(start, start + size))
        start += size
    order = [wire for name in names for wire in place[name]]
    renumber = np.arange(fragment.width + 1, dtype=np.int64)
    renumber[-1] = -1
    renumber[order] = np.arange(len(order))
    return _Gates(
        codes=tuple(fragment.codes.tolist()),
        wires=tuple(map(tuple, renumber[fragment.wires].tolist())),
        angles=tuple(fragment.angles.tolist()),
        outputs=tuple(renumber[fragment.outputs[order]].tolist()),
    )
