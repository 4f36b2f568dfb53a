"""What a circuit makes of a control that is None, of registers without bits and of parts that repeat."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from qualtran.bloqs.basic_gates import CNOT, XGate
from qualtran.bloqs.bookkeeping import Join, Split

from carlemanc.bloqs.bit_bloq import BitBloq, CallCounter
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.core.errors import InternalError
from tests.bloqs.checks import check_counts
from tests.bloqs.interpreter import Interpreter


def _acted(ones, write):
    """The bits that are 1 after `write` on the basis state in which those of `ones` are."""
    circuit = Interpreter({frozenset(ones): 1.0})
    write(circuit)
    (state,) = circuit.state
    return set(state)


@pytest.mark.parametrize("control", [None, "c"])
@pytest.mark.parametrize("ones", [set(), {"a"}, {"c"}, {"a", "c"}, {"a", "b", "c"}])
def test_no_control_is_no_condition(control, ones):
    on = control is None or "c" in ones
    flipped = ones ^ {"t"}
    assert _acted(ones, lambda circuit: circuit.cx(control, "t")) == (flipped if on else ones)
    both = on and "a" in ones and "b" not in ones
    flip = _acted(ones, lambda circuit: circuit.flip("t", [control, "a", "b"], [1, 1, 0]))
    assert flip == (flipped if both else ones)
    some = on and bool(ones & {"a", "b"})
    dirty = _acted(ones, lambda circuit: circuit.flip_unless_zero("t", ["a", "b"], control))
    assert dirty == (flipped if some else ones)
    written = _acted(ones, lambda circuit: circuit.xor(5, ["x", "y", "z"], control))
    assert written == ones | ({"x", "z"} if on else set())

    def active(circuit):
        with circuit.active(control) as here:
            circuit.cx(here, "t")

    assert _acted(ones, active) == (flipped if on else ones)


def test_no_condition_at_all_is_none():
    circuit = CallCounter(1)
    with circuit.conjunction([None, None], [0, 1]) as nothing:
        assert nothing is None
    assert not circuit.calls


@attrs.frozen(cache_hash=True)
class _Repeats(BitBloq):
    """Flips by kind; where `leaks`, a kind keeps a work bit."""

    kinds: tuple[str, ...]
    leaks: bool = False
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"a": 2}

    def build(self, circuit: BitCircuit) -> None:
        a = self.bits("a")

        def write(kind: str) -> None:
            circuit.flip(a[0], [self.ctrl, a[1]] if kind == "two" else [self.ctrl])
            circuit.call(Lookup([1], 1, self.is_controlled), ctrl=self.ctrl, address=[], target=[a[1]])
            if self.leaks:
                circuit.allocate()

        circuit.each(self.kinds, write)


def test_repeated_parts_are_counted_as_they_are_written():
    bloq = _Repeats(("one", "two", "one", "one", "two"))
    check_counts(bloq)
    made = Counter(instance.bloq for instance in bloq.decompose_bloq().bloq_instances)
    made = {called: times for called, times in made.items() if not isinstance(called, Split | Join)}
    assert bloq.build_call_graph(None) == made == {XGate(): 3, CNOT(): 2, Lookup([1], 1): 5}


def test_a_repeated_part_gives_its_work_bits_back():
    with pytest.raises(InternalError, match="leaves 1 work bits more"):
        _Repeats(("one",), leaks=True).build_call_graph(None)
