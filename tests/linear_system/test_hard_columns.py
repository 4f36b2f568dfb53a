"""The choice of columns: every kind that a system has, all of them at small size, none twice."""

from collections import Counter

import pytest

from carlemanc.linear_system.columns import register_index, valid_level
from carlemanc.linear_system.hard_columns import choose_columns
from carlemanc.sources.systems import lifted_of
from tests.block_encoding.systems import random_history
from tests.fixed import fixed

TIMES = {"time 0", "time T - 1", "time T", "unused time", "largest time"}
USED = {"equal slots", "neighbors", "ends", "wrap-around", "random", "random near"}
UNUSED = {"junk in an empty slot", "random register state"}


def chosen(system, count=300, seed=1):
    found = choose_columns(system, count, seed)
    layout = system.layout
    indices = [register_index(layout, item.state) for item in found]
    assert len(set(indices)) == len(indices)
    assert min(indices) >= 0
    assert max(indices) < 1 << layout.width
    assert found == choose_columns(system, count, seed)
    return found


def test_all_columns_of_a_small_register():
    system = random_history(1, n=2, q=2, order=2, steps=2)
    assert [item.kind for item in chosen(system)] == ["every column"] * (1 << system.layout.width)


def test_full_size_ring():
    n = 1 << 27
    system = lifted_of(fixed("quartic-ring", [f"model.n={n}", "training.steps=100"])).history
    found = chosen(system)
    kinds = Counter(item.kind for item in found)
    assert len(found) == 300
    assert set(kinds) == TIMES | USED | UNUSED | {"corners"}
    for item in found:
        if item.kind == "wrap-around":
            assert set(item.state.slots) <= {0, n - 1}
        if item.kind == "junk in an empty slot":
            assert valid_level(system.layout, item.state) is None
    assert {item.state.time for item in found} >= {0, 99, 100, 101, 127}
    assert {item.state.level_code for item in found} == {0, 1}


def test_every_boundary_case_whatever_the_count():
    system = lifted_of(fixed("quartic-ring", ["model.n=5", "training.steps=5", "carleman.padding=3"])).history
    few, many = chosen(system, 1), chosen(system, 400)
    assert many[: len(few)] == few
    assert {item.kind for item in few} >= {"time T + p", "last copy", "slot value beyond n"}
    busy = {item.state.time >= 5 for item in few if item.kind == "slot value beyond n"}
    assert busy == {False, True}


def test_invalid_codes_of_many_levels():
    system = random_history(1, n=3, q=2, order=4, steps=2)
    codes = {item.state.level_code for item in chosen(system) if item.kind == "invalid level code"}
    assert codes == {0b010, 0b100, 0b101, 0b110}


@pytest.mark.parametrize("dims", ["[5,7]", "[1024,1024]"])
def test_corners_of_a_grid(dims):
    system = lifted_of(fixed("phi4-lattice", [f"model.dims={dims}"])).history
    first, second = eval(dims)
    corners = {item.state.slots[0] for item in chosen(system) if item.kind == "corners"}
    assert corners >= {0, second - 1, (first - 1) * second, first * second - 1}
