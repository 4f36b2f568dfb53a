"""The parts of a run's circuit and what each costs: the rows of the ledger.

Comes in: a design. Goes out: counts of the preparation of the start and of the queries, by form (plain, adjoint,
controlled), and the method's own gates as what is left of the whole. A bloq holds queries where its call graph reaches
one, so this holds for every method.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs
from qualtran import Adjoint, Bloq

from carlemanc.block_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.step_forms import leaf_names
from carlemanc.core.errors import InternalError
from carlemanc.evaluation.call_tree import CallTree, Part, inverse
from carlemanc.evaluation.design import Design
from carlemanc.programs.bloq_counts import BloqCounter, callees
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.rotation_prices import RotationPrices

_Form = tuple[str, bool]
_START = "prepare b"


def solver_parts(design: Design, uncompute: Uncompute) -> list[Part]:
    """Return b, L (or the steps), their adjoints and controlled forms, and the method's own gates."""
    counter, circuit, encodings = design.counter, design.circuit, design.access.encodings
    named = {design.access.start: _START, **design.method.queried(design.plan, design.access)}
    places = {name: place for place, name in enumerate(named.values())}
    bloqs = {name: bloq for bloq, name in named.items()}
    found, own_bloqs = Queries(named, counter).called_by(circuit)
    tree = CallTree(counter, uncompute, _step_names(encodings))
    parts = [
        tree.part(
            Adjoint(bloqs[name]) if is_adjoint else bloqs[name],
            found[name, is_adjoint],
            name=_adjoint_name(name, len(encodings)) if is_adjoint else name,
        )
        for name, is_adjoint in sorted(found, key=lambda form: (places[form[0]], form[1]))
    ]
    own = tree.parts(own_bloqs.items(), levels=1)
    parts.append(_own_part(own, design))
    whole = counter.count(circuit, uncompute)
    sums = tuple(sum(getattr(p, name) for p in parts) for name in ("t", "toffoli", "rotation_count"))
    if sums != (whole.t, whole.toffoli, whole.rotation_count):
        raise InternalError(f"the parts of {circuit} add up to {sums}, not to {whole}")
    return parts


def _own_part(children: tuple[Part, ...], design: Design) -> Part:
    """The gates of the method itself: whatever its circuit calls besides the queries."""
    angles: Counter[float] = Counter()
    for child in children:
        angles.update(child.angles)
    return Part(
        name=design.method.traits.own_gates,
        calls=design.method.own_calls(design.plan),
        t=sum(child.t for child in children),
        toffoli=sum(child.toffoli for child in children),
        measurements=sum(child.measurements for child in children),
        qubits=design.access.block_bits + 1,
        angles=angles,
        children=children,
    )


def preparation_calls(design: Design) -> int:
    """Return how often a run calls the preparation of the start or its adjoint, neither controlled."""
    return sum(Queries({design.access.start: _START}, design.counter).called_by(design.circuit)[0].values())


def _step_names(encodings: Sequence[Bloq]) -> dict[Bloq, str]:
    """Return what the steps of the slots are called: which slot, which leaf loads which degrees."""
    found: dict[Bloq, str] = {}
    for encoding in encodings:
        for number, step in enumerate(getattr(encoding, "slot_steps", ()), start=1):
            leaves: dict[str, list[str]] = {}
            for degree, names in leaf_names(step).items():
                leaves.setdefault(" + ".join(names), []).append(str(degree))
            words = "; ".join(f"{name}, l = {', '.join(degrees)}" for name, degrees in leaves.items())
            found.setdefault(step, f"step of slot {number} ({words})")
    return found


def shared_part(prices: RotationPrices) -> list[Part]:
    """Return what synthesized rotations share: the catalyst of a phase gradient, made once and undone."""
    if not prices.shared_t:
        return []
    part = Part(
        name="catalyst of the phase gradient",
        calls=1,
        t=prices.shared_t,
        toffoli=0,
        measurements=0,
        qubits=prices.qubits,
        angles={},
    )
    return [part]


def _adjoint_name(name: str, encodings: int) -> str:
    """Return what the ledger calls the adjoint; short where there is one encoding."""
    if name == _START:
        return "unprepare b"
    if encodings > 1 or name.endswith("1/t"):
        return f"adjoint of {name}"
    return "its controlled adjoint" if name.startswith("controlled") else "its adjoint"


class Queries:
    """Finds the bloqs of given names inside a circuit.

    Args:
        named: what the ledger calls each bloq that is queried.
        counter: tells gates from bloqs that call others.
    """

    def __init__(self, named: Mapping[Bloq, str], counter: BloqCounter) -> None:
        self._named = dict(named)
        self._counter = counter
        self._known: dict[Bloq, Counter[_Form | Bloq]] = {}

    def called_by(self, circuit: Bloq) -> tuple[Counter[_Form], Counter[Bloq]]:
        """Return (name, is adjoint) -> calls of the named bloqs, and calls of all the others."""
        every = self._calls(circuit)
        return (
            Counter({one: times for one, times in every.items() if isinstance(one, tuple)}),
            Counter({one: times for one, times in every.items() if not isinstance(one, tuple)}),
        )

    def holds(self, bloq: Bloq) -> bool:
        """Return whether the call graph of a bloq that is none of the named ones reaches one."""
        if self._name(bloq) is not None or self._counter.is_leaf(bloq):
            return False
        return any(isinstance(one, tuple) for one in self._calls(bloq))

    def _calls(self, bloq: Bloq) -> Counter[_Form | Bloq]:
        name = self._name(bloq)
        if name is not None:
            return Counter({(name, False): 1})
        if isinstance(bloq, Adjoint):
            return Counter({_turned(one): times for one, times in self._calls(bloq.subbloq).items()})
        if bloq not in self._known:
            self._known[bloq] = self._inside(bloq)
        return self._known[bloq]

    def _inside(self, bloq: Bloq) -> Counter[_Form | Bloq]:
        """What a bloq calls, where it holds queries; else itself, counted whole."""
        total: Counter[_Form | Bloq] = Counter()
        for callee, times in [] if self._counter.is_leaf(bloq) else callees(bloq):
            for one, inner in self._calls(callee).items():
                total[one] += times * inner
        return total if any(isinstance(one, tuple) for one in total) else Counter({bloq: 1})

    def _name(self, bloq: Bloq) -> str | None:
        """A controlled encoding that is 1/t elsewhere takes the name of the one that is the identity there."""
        if bloq not in self._named and isinstance(bloq, HistoryBlockEncoding) and bloq.when_off < 1:
            name = self._named.get(attrs.evolve(bloq, when_off=1.0))
            if name is not None:
                self._named[bloq] = name
        return self._named.get(bloq)


def _turned(one: _Form | Bloq) -> _Form | Bloq:
    """Return the adjoint of a named form, or of another bloq."""
    return (one[0], not one[1]) if isinstance(one, tuple) else inverse(one)
