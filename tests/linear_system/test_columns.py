"""Columns of L made one by one against the matrix, all of them at small size, and against stencils at large size."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.columns import (
    HistoryColumns,
    RegisterState,
    register_index,
    register_state,
    used_state,
    valid_level,
)
from carlemanc.linear_system.tensor_columns import column_lookup
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.slot_order import in_slot_order
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.sources.systems import lifted_of
from tests.block_encoding.systems import (
    GRID,
    SCHEDULES,
    SPECIAL,
    grid_system,
    history,
    random_history,
    scheduled_history,
)
from tests.fixed import fixed
from tests.one_map import linearize, uniform_history
from tests.reference import DRIVEN


def check_all_columns(system):
    matrix = system.matrix().tocsc()
    columns = HistoryColumns(system)
    for index in range(matrix.shape[1]):
        state = register_state(system.layout, index)
        assert register_index(system.layout, state) == index
        found = columns.column(state)
        column = matrix[:, index]
        assert set(found) == set(column.indices[column.data != 0].tolist())
        for row, value in zip(column.indices, column.data, strict=True):
            assert found.get(int(row), 0.0) == pytest.approx(value, abs=1e-14)


@pytest.mark.parametrize("case", [case for case in GRID if case[0] * case[2] < 12], ids=str)
def test_every_column(case):
    system = grid_system(*case)
    if system.layout.width <= 12:
        check_all_columns(system)


@pytest.mark.parametrize("name", [name for name, case in SPECIAL.items() if case["n"] < 5])
def test_every_column_of_special_systems(name):
    system = history(**SPECIAL[name])
    if system.layout.width <= 12:
        check_all_columns(system)


@pytest.mark.parametrize("case", SCHEDULES, ids=str)
def test_every_column_where_steps_differ(case):
    n, degrees, order, schedule, padding = case
    check_all_columns(
        scheduled_history(5, n=n, degrees=degrees, order=order, schedule=schedule, padding=padding)
    )


@settings(max_examples=25)
@given(data=st.data())
def test_random_systems(data):
    n, q = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    order = data.draw(st.integers(1, 3 if n < 3 else 2))
    check_all_columns(
        random_history(
            data.draw(st.integers(0, 1000)),
            n=n,
            q=q,
            order=order,
            steps=data.draw(st.integers(0, 3)),
            padding=data.draw(st.integers(0, 2)),
            driven=data.draw(st.booleans()),
            gamma=data.draw(st.sampled_from([0.5, 1.0, 1.7])),
        )
    )


@pytest.mark.parametrize("corrections", [1, 2])
def test_truncated_corrections(corrections):

    carleman = linearize(DRIVEN, order=3, gamma=0.7, corrections=corrections)
    check_all_columns(uniform_history(carleman=carleman, steps=2, padding=1, u_in=[0.1, 0.2]))


LATTICES = [
    ("quartic-ring", ["model.n=4", "training.steps=1"]),
    ("quartic-ring", ["model.n=3", "training.steps=2", "carleman.padding=1"]),
    ("quartic-ring", ["model.n=5", "training.steps=1", "carleman.order=2"]),
]


@pytest.mark.parametrize(("name", "overrides"), LATTICES)
def test_lattice_examples(name, overrides):
    check_all_columns(lifted_of(fixed(name, overrides)).history)


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("dims", [(5,), (3, 4)])
def test_columns_of_stencils(dims, periodic):
    """One column at a time equals all entries written out in the order of the slots, whatever the boundary."""
    lattice = Lattice(dims=dims, periodic=periodic)
    offsets = [tuple(step) for step in itertools.product((-1, 0, 1), repeat=len(dims))]
    rng = np.random.default_rng(3)
    stencils = []
    for k in range(6):
        chosen = tuple(offsets[place] for place in rng.integers(len(offsets), size=3))
        box = lattice.inside(chosen)
        stencils.append(Stencil(offsets=chosen, box=box, coefficient=float(k + 1)))
    entries = SparseTensor.build(
        n=lattice.n,
        degree=3,
        rows=rng.integers(0, lattice.n, 5),
        cols=rng.integers(0, lattice.n, (5, 3)),
        vals=rng.normal(size=5),
    )
    tensor = LatticeTensor.build(lattice, 3, stencils, entries)
    column = column_lookup(tensor)
    found = np.zeros((lattice.n,) * 4)
    for columns in itertools.product(range(lattice.n), repeat=3):
        for row, value in column(columns):
            found[(row, *columns)] += value
    listed = in_slot_order(tensor.explicit, lattice)
    expected = np.zeros_like(found)
    np.add.at(expected, (listed.rows, *listed.cols.T), listed.vals)
    np.testing.assert_allclose(found, expected, atol=1e-15)
    assert np.count_nonzero(found) > 5
    assert found.any()


def test_ring_at_full_size():
    """quartic-ring at n = 2^27: 89 wires; the columns of a cubic and of a wrapped-around linear tuple by hand."""
    n = 1 << 27
    lifted = lifted_of(fixed("quartic-ring", [f"model.n={n}", "training.steps=100"]))
    system, layout = lifted.history, lifted.history.layout
    assert layout.width == 89
    linear, cubic = (system.systems[0].step_operators[degree] for degree in (1, 3))
    g = {stencil.offsets[0][0]: float(stencil.coefficient) for stencil in linear.stencils}
    c = float(cubic.stencils[0].coefficient)
    columns = HistoryColumns(system)
    found = columns.column(used_state(layout, 7, (n - 1,)))
    place = lambda time, *sites: register_index(layout, used_state(layout, time, sites))  # noqa: E731
    assert found == {
        place(7, n - 1): 1.0,
        place(8, n - 1): -g[0],
        place(8, n - 2): -g[1],
        place(8, 0): -g[-1],
    }
    found = columns.column(used_state(layout, 99, (5, 5, 5)))
    assert found[place(100, 5)] == -c
    assert found[place(100, 4, 5, 6)] == pytest.approx(-g[1] * g[0] * g[-1])
    assert len(found) == 1 + 1 + 27
    assert columns.column(used_state(layout, 100, (5, 5, 5))) == {place(100, 5, 5, 5): 1.0}
    junk = RegisterState(3, 0, (1, 0, 2))
    assert valid_level(layout, junk) is None
    assert columns.column(junk) == {register_index(layout, junk): 1.0}


def test_dense_source_is_refused():
    lifted = lifted_of(
        fixed(
            {
                "loss": {"expression": "Sum(theta[i]**4/4 - theta[i], (i, 0, n-1))"},
                "model": {"n": 1 << 21},
                "training": {"learning_rate": 0.1, "steps": 2, "initial": {"sparse": {"0": 0.4}}},
                "carleman": {"order": 3, "rescaling": 1.0},
            }
        )
    )
    with pytest.raises(TooLarge, match="2,097,152 entries"):
        HistoryColumns(lifted.history).column(used_state(lifted.history.layout, 0, (0,)))
