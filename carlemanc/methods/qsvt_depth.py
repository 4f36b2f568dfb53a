"""The depth of a run of QSVT of any degree: from its first queries, which repeat in the same places."""

from __future__ import annotations

import attrs
from qualtran import Bloq

from carlemanc.methods.inversion_circuit import InversionCircuit
from carlemanc.methods.qsvt import GENERIC_PHASE, QSVT
from carlemanc.programs.angles import eighths
from carlemanc.programs.depth_map import DepthFront
from carlemanc.programs.emitter import Emitter, Placement
from carlemanc.programs.lowering import Uncompute

_SHORT = 5
"""The degree of the circuit whose placements are read: two periods of two queries, and one query."""
_PERIOD = 4
"""Parts of a period: query, phase, query, phase."""


def qsvt_depth(solver: Bloq, uncompute: Uncompute) -> int | None:
    """Return the depth of the emitted circuit, exact; None where it is none of the kind, or has Clifford phases.

    The circuit is H, phase, query, then (phase, query, phase, query) again and again, then phase, H: all on the same
    wires. Phases act alike whatever their angle, unless it is a multiple of pi/4 and its rotation no rotation.
    """
    if not isinstance(solver, InversionCircuit) or not isinstance(solver.transform, QSVT):
        return None
    transform = solver.transform
    degree = int(transform.degree)
    if degree < _SHORT or degree % 2 == 0 or _has_clifford_phase(transform):
        return None
    short = attrs.evolve(transform, phases=(GENERIC_PHASE,) * (_SHORT + 1))
    emitter = Emitter()
    outer = emitter.placements(InversionCircuit(solver.prepare, short))
    inner = emitter.placements(short)
    whole = emitter.fragment(InversionCircuit(solver.prepare, short))
    if whole.outputs.tolist() != list(range(whole.inputs)):
        return None  # registers are brought back by swaps at the end
    *before, last = outer
    start, first, second, end = _split(inner)
    if len(first) != _PERIOD or not all(a.is_like(b) for a, b in zip(first, second, strict=True)):
        return None
    front = DepthFront(whole.width, uncompute)
    for part in before:
        front.add(part)
    for part in _within(start, last.wires):
        front.add(part)
    if not front.repeat(_within(first, last.wires), (degree - 1) // 2):
        return None
    for part in _within(end, last.wires):
        front.add(part)
    return front.depth


def _has_clifford_phase(transform: QSVT) -> bool:
    phases = transform.phases
    return isinstance(phases, tuple) and any(eighths(2 * phi) is not None for phi in phases)


def _split(
    inner: tuple[Placement, ...],
) -> tuple[tuple[Placement, ...], tuple[Placement, ...], tuple[Placement, ...], tuple[Placement, ...]]:
    """Return what comes before the first period (H, phase, query), two periods, and phase, H."""
    return inner[:3], inner[3 : 3 + _PERIOD], inner[3 + _PERIOD : 3 + 2 * _PERIOD], inner[3 + 2 * _PERIOD :]


def _within(parts: tuple[Placement, ...], wires: tuple[int, ...]) -> list[Placement]:
    """Return the parts on the wires of the circuit around them."""
    return [
        Placement(fragment=part.fragment, wires=tuple(wires[wire] for wire in part.wires)) for part in parts
    ]
