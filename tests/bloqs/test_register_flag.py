"""Flags on a register: the event they leave, in all variants, and counts against the emitted circuit."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.bloqs.register_flag import RegisterFlag, Within, equal_to
from carlemanc.programs.bloq_counts import count
from tests.bloqs.checks import check_action, check_counts, permutation_matrix

FLAGS = {
    "everywhere": (3, ()),
    "one wire": (2, (equal_to([1], 0),)),
    "a number": (4, (equal_to([3, 0, 2], 5),)),
    "at least": (3, (Within([0, 1, 2], 3, 7),)),
    "a range": (3, (Within([0, 1, 2], 2, 5),)),
    "all of a part": (3, (Within([1, 2], 0, 3),)),
    "late on level one": (5, (Within([2, 3, 4], 5, 7), equal_to([0, 1], 0))),
    "a range and a number": (4, (Within([2, 3], 1, 2), equal_to([1], 1))),
}


def holds(conditions: tuple[Within, ...], state: int) -> bool:
    for one in conditions:
        number = sum((state >> wire & 1) << place for place, wire in enumerate(one.wires))
        if not one.low <= number <= one.high:
            return False
    return True


@pytest.mark.parametrize("name", FLAGS)
def test_the_ancilla_stays_exactly_on_the_event(name: str) -> None:
    size, conditions = FLAGS[name]
    bloq = RegisterFlag(size, conditions)
    check_counts(bloq)
    states = np.arange(2 << size)
    off = [not holds(conditions, int(state) & ((1 << size) - 1)) for state in states]
    check_action(bloq, permutation_matrix((states ^ (np.array(off) << size)).tolist()), ["system", "ancilla"])


def test_a_comparison_costs_an_and_a_wire() -> None:
    """At least 100 of 7 bits skips its two trailing zeros: 4 ANDs, and one for each wire of the level."""
    assert count(RegisterFlag(9, (Within(range(7), 100, 127),))).toffoli == 4
    assert count(RegisterFlag(9, (Within(range(7), 100, 127), equal_to([7, 8], 0)))).toffoli == 6


def test_numbers_that_the_wires_do_not_hold_are_refused() -> None:
    for low, high in ((-1, 2), (3, 2), (0, 4)):
        with pytest.raises(ValueError, match="2 wires hold no number"):
            Within([0, 1], low, high)
