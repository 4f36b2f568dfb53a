"""Where things sit in the registers."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.linear_system import RegisterLayout


def layout(**changes):
    return RegisterLayout(**{"time_bits": 3, "slots": 3, "slot_bits": 2, "levels": (1, 2, 3), **changes})


def test_wires_partition_the_register_least_significant_first():
    place = layout()
    assert place.width == 3 + 2 + 6
    assert place.slots_wires == [[0, 1], [2, 3], [4, 5]]
    assert place.level_wires == [6, 7]
    assert place.time_wires == [8, 9, 10]
    assert place.to_json() == {"time": [8, 9, 10], "level": [6, 7], "slots": [[0, 1], [2, 3], [4, 5]]}


def test_thermometer_codes():
    place = layout(levels=(1, 3, 5), slots=5)
    assert [place.level_code(level) for level in (1, 3, 5)] == [0, 1, 3]
    for level in (1, 3, 5):  # wire r is 1 iff level >= levels[r]
        bits = [place.level_code(level) >> r & 1 for r in range(place.level_bits)]
        assert bits == [int(level >= place.levels[r + 1]) for r in range(place.level_bits)]
    with pytest.raises(ValueError, match="not in tuple"):
        place.level_code(2)


def test_index_bit_by_bit():
    place = layout()
    index = int(place.index(5, 2, (3, 1)))
    read = [index >> wire & 1 for wire in range(place.width)]
    assert [read[w] for w in place.slots_wires[0]] == [1, 1]
    assert [read[w] for w in place.slots_wires[1]] == [1, 0]
    assert [read[w] for w in place.slots_wires[2]] == [0, 0]
    assert [read[w] for w in place.level_wires] == [1, 0]
    assert [read[w] for w in place.time_wires] == [1, 0, 1]


def test_index_is_vectorized_and_injective():
    place = layout()
    i, j = np.meshgrid(np.arange(4), np.arange(4), indexing="ij")
    found = place.index(np.arange(8)[:, None, None], 2, (i, j))
    assert found.shape == (8, 4, 4)
    everything = np.concatenate([place.packed_indices(t, 3) for t in range(8)])
    assert len(set(everything.tolist())) == everything.size == 8 * (3 + 9 + 27)
    assert everything.max() < 1 << place.width


def test_kron_order_puts_slot_one_first():
    place = layout(time_bits=1, slots=2, levels=(1, 2))
    u, v = np.arange(1, 4), np.arange(10, 13)
    vector = np.zeros(1 << place.width)
    vector[place.level_indices(0, 2, 3)] = np.kron(u, v)
    assert vector[place.index(0, 2, (2, 1))] == u[2] * v[1]


def test_one_weight_has_no_slot_wires():
    place = layout(slot_bits=0, levels=(1, 2, 3))
    assert place.width == 3 + 2
    assert place.slots_wires == [[], [], []]
    assert int(place.index(1, 3, (0, 0, 0))) == 0b00111


def test_one_level_has_no_level_wires():
    place = layout(levels=(1,), slots=1)
    assert place.level_wires == []
    assert place.width == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": ()},
        {"levels": (2, 1)},
        {"levels": (0, 1)},
        {"levels": (1, 4)},
        {"time_bits": 0},
        {"slot_bits": -1},
    ],
)
def test_refuses_impossible_layouts(changes):
    with pytest.raises(ValueError, match=r"levels|layout"):
        layout(**changes)


def test_indices_beyond_int64_are_python_integers():
    wide = layout(slot_bits=27, slots=3)
    assert wide.width == 86
    found = wide.index(1, 1, (np.arange(2),)).tolist()
    assert found == [1 << (86 - wide.time_bits), (1 << (86 - wide.time_bits)) + 1]
    assert all(type(value) is int for value in found)
    with pytest.raises(ValueError, match="needs 2 slot values"):
        layout().index(0, 2, (0,))
