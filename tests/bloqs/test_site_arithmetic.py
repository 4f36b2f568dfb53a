"""Constants added, cyclic shifts and divisions, as permutations of every basis state, in four variants."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.site_arithmetic import add_constant, between, divided, rotate
from tests.bloqs.checks import action, check_counts, permutation_matrix


@attrs.frozen(cache_hash=True)
class Moved(BitBloq):
    """One of the functions as a bloq: `kind` with its `numbers`, always under a control bit."""

    size: int
    kind: str
    numbers: tuple[int, ...]
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size} | ({"flag": None} if self.kind in ("between", "divided") else {})

    def build(self, circuit: BitCircuit) -> None:
        bits = self.bits("target")
        control = "ctrl"
        if not self.is_controlled:
            control = circuit.allocate()
            circuit.x(control)
        if self.kind == "add":
            add_constant(circuit, control, bits, *self.numbers)
        elif self.kind == "rotate":
            rotate(circuit, control, bits, *self.numbers)
        elif self.kind == "between":
            with between(circuit, bits, *self.numbers) as found:
                on = [control, *(bit for bit, _ in found)]
                with circuit.conjunction(on, [1, *(value for _, value in found)]) as inside:
                    circuit.cx(inside, "flag")
        else:  # flag ^= lowest bit of the quotient
            with divided(circuit, bits, *self.numbers) as (quotient, _):
                circuit.flip("flag", [control, quotient[0]])
        if not self.is_controlled:
            circuit.x(control)
            circuit.free(control)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_adding_any_constant(size):
    for constant in range(-(1 << size), 1 << size):
        bloq = Moved(size, "add", (constant,))
        image = [(x + constant) % (1 << size) for x in range(1 << size)]
        assert np.array_equal(action(bloq, ["target"]), permutation_matrix(image))


@pytest.mark.parametrize("extent", [2, 3, 5, 6, 7, 8, 11])
def test_cyclic_shifts_keep_the_rest_apart(extent):
    size = (extent - 1).bit_length()
    for step in range(-extent, extent):
        found = action(Moved(size, "rotate", (extent, step)), ["target"])
        assert np.array_equal(found @ found.T, np.eye(1 << size))
        wanted = permutation_matrix([(x + step) % extent for x in range(extent)])
        assert np.array_equal(found[:extent, :extent], wanted)


@pytest.mark.parametrize("numbers", [(0, 6), (2, 5), (3, 3), (4, 7), (1, 7), (4, 4)], ids=str)
def test_ranges(numbers):
    low, high = numbers
    image = [x | (low <= x <= high) << 3 for x in range(8)] + [
        x | (not low <= x <= high) << 3 for x in range(8)
    ]
    bloq = Moved(3, "between", numbers)
    assert np.array_equal(action(bloq, ["target", "flag"]), permutation_matrix(image))


@pytest.mark.parametrize("divisor", [2, 3, 5, 6, 7])
def test_division_is_undone(divisor):
    image = [x | (x // divisor & 1 ^ flag) << 4 for flag in (0, 1) for x in range(16)]
    bloq = Moved(4, "divided", (divisor,))
    assert np.array_equal(action(bloq, ["target", "flag"]), permutation_matrix(image))


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("add", (5,)),
        ("add", (-4,)),
        ("rotate", (6, 1)),
        ("rotate", (7, -2)),
        ("divided", (3,)),
        ("between", (2, 9)),
    ],
)
def test_counts(kind, numbers):
    check_counts(Moved(4, kind, numbers))
