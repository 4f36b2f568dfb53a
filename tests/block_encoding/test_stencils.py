"""The stencil leaf against L, column by column, unused ones included; counted = emitted; polylog counts."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse.linalg as spla
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding import encode
from carlemanc.bloqs.loading import Loading, rotation_t_bound
from carlemanc.carleman.system import linearize_sequence
from carlemanc.core.errors import InputError
from carlemanc.linear_system import HistorySystem
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.weights import Weights
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate_columns
from carlemanc.state_preparation import prepare
from tests.block_encoding.blocks import chebyshev, check_unitary
from tests.block_encoding.lattices import lattice_history, random_lattice_map
from tests.block_encoding.systems import random_history
from tests.bloqs.checks import check_counts, columns_of, with_register
from tests.one_map import linearize, uniform_history

EXTENTS = [
    (1,),
    (2,),
    (3,),
    (4,),
    (5,),
    (6,),
    (8,),
    (2, 2),
    (2, 3),
    (3, 2),
    (4, 2),
    (3, 3),
    (2, 2, 2),
    (2, 3, 2),
]


def check_block(system, limit=96, seed=0):
    """Random columns of <0|U|0> (all of a small one) equal those of L / alpha."""
    encoding = encode(system, leaf="stencil")
    program = emit(encoding)
    size = 1 << system.layout.width
    columns = list(range(size))
    if size > limit:
        columns = sorted(np.random.default_rng(seed).choice(size, size=limit, replace=False).tolist())
    found = encoding.alpha * columns_of(program, "system", columns)
    expected = system.matrix()[:, columns].toarray()
    assert np.abs(found - expected).max() < 1e-11 * encoding.alpha
    return encoding


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**31),
    dims=st.sampled_from(EXTENTS),
    periodic=st.booleans(),
    degrees=st.sampled_from([(1,), (1, 2), (1, 3), (3,), (1, 2, 3), (0, 1, 2), (0, 1, 3), (0, 1)]),
    order=st.integers(1, 3),
    steps=st.integers(1, 3),
    padding=st.integers(0, 2),
    gamma=st.sampled_from([1.0, 0.7]),
)
def test_columns_of_random_lattice_maps(seed, dims, periodic, degrees, order, steps, padding, gamma):
    rng = np.random.default_rng(seed)
    drawn = random_lattice_map(rng, Lattice(dims=dims, periodic=periodic), degrees)
    if drawn.lattice is None or not drawn.linear().nnz:
        return
    system = lattice_history(drawn, order=order, steps=steps, padding=padding, gamma=gamma)
    if system.layout.width <= 16:
        check_block(system, limit=32, seed=seed)


def well_ring(
    n, order, *, steps=2, gamma=1.0, padding=0, dims=None, periodic=True, coupling=0.04, cubic=-0.03
):
    """Quartic wells on a lattice: one site to another by `coupling`, the cube of each by `cubic`."""
    lattice = Lattice(dims=dims or (n,), periodic=periodic)
    axes = range(len(lattice.dims))
    ways = [tuple(sign * (a == axis) for a in axes) for axis in axes for sign in (1, -1)]
    linear = [Stencil(offsets=(tuple(0 for _ in axes),), box=lattice.full, coefficient=-0.1)]
    linear += [
        Stencil(offsets=(way,), box=lattice.inside([way]), coefficient=coupling)
        for way in ways
        if lattice.inside([way]) is not None
    ]
    cube = [Stencil(offsets=(tuple(0 for _ in axes),) * 3, box=lattice.full, coefficient=cubic)]
    tensors = {1: LatticeTensor.build(lattice, 1, linear), 3: LatticeTensor.build(lattice, 3, cube)}
    center = Weights.constant(lattice.n)
    drawn = PolynomialMap(n=lattice.n, center=center, tensors=tensors, learning_rate=1.0, source="test")
    system = linearize(drawn, order=order, gamma=gamma)
    start = Weights.sparse(lattice.n, {0: 0.4})
    return uniform_history(carleman=system, steps=steps, padding=padding, u_in=start)


WHOLE = [
    # n, N, T, p, gamma: every column
    (2, 3, 3, 0, 1.0),
    (4, 3, 2, 0, 0.65),
    (2, 3, 2, 1, 1.0),
    (2, 5, 1, 0, 1.0),
    (2, 5, 1, 1, 1.2),
    (1, 7, 1, 0, 1.1),
    (3, 3, 1, 0, 1.0),
]


@pytest.mark.parametrize("case", WHOLE, ids=str)
def test_every_column_of_a_ring(case):
    n, order, steps, padding, gamma = case
    encoding = check_block(well_ring(n, order, steps=steps, padding=padding, gamma=gamma), limit=1 << 10)
    norm = np.linalg.norm(well_ring(n, order, gamma=gamma).carleman.to_sparse().toarray(), 2)
    assert encoding.alpha_step >= norm - 1e-12


LATTICES = [
    dict(n=5, order=3),
    dict(n=5, order=3, periodic=False),
    dict(n=8, order=3, periodic=False, gamma=0.8),
    dict(n=4, dims=(2, 2), order=3, periodic=False),
    dict(n=8, dims=(2, 4), order=3, steps=1),
    dict(n=6, dims=(2, 3), order=3, steps=1),
    dict(n=6, dims=(3, 2), order=3, steps=1, periodic=False, padding=1),
    dict(n=8, dims=(2, 2, 2), order=3, steps=1),
]


@pytest.mark.parametrize("case", LATTICES, ids=str)
def test_columns_of_lattices(case):
    check_block(well_ring(**case))


@pytest.mark.parametrize("case", LATTICES, ids=str)
def test_counts_are_those_of_the_emitted_circuit(case):
    check_counts(encode(well_ring(**case), eps=1e-6, leaf="stencil"))


@pytest.mark.parametrize("seed", range(6))
def test_counts_of_random_maps(seed):
    rng = np.random.default_rng(seed)
    dims = EXTENTS[int(rng.integers(4, len(EXTENTS)))]
    degrees = (0, 1, 2) if seed % 2 else (1, 3)
    drawn = random_lattice_map(rng, Lattice(dims=dims, periodic=bool(seed % 3)), degrees)
    check_counts(encode(lattice_history(drawn, order=3, steps=2, padding=seed % 2), leaf="stencil"))


@pytest.mark.parametrize(
    ("n", "order", "toffoli", "rotations", "qubits"),
    [(1 << 27, 3, 133, 10, 130), (1 << 20, 5, 269, 20, 153), (1 << 9, 3, 61, 10, 58)],
)
def test_figures_of_the_ring(n, order, toffoli, rotations, qubits):
    """The bars: 181 Toffoli, 12 rotations, 131 qubits at 2^27; 330 Toffoli, 154 qubits at order 5, 2^20."""
    encoding = encode(well_ring(n, order, steps=100))
    counts = count(encoding)
    assert (counts.toffoli, counts.rotation_count, counts.qubits) == (toffoli, rotations, qubits)
    assert counts.t == 0
    program = emit(encoding)
    assert (tally(program).toffoli, program.width) == (toffoli, qubits)


def test_alpha_is_close_to_the_norm():
    """||L|| of eight sites and T = 100 is that of a longer ring or below it: the uniform wave is among both."""
    system = well_ring(8, 3, steps=100)
    matrix = system.packed_matrix()
    norm = float(spla.svds(matrix, k=1, return_singular_vectors=False, tol=1e-8)[0])
    assert encode(system, leaf="stencil").alpha <= 1.03 * norm


def test_toffoli_grow_as_the_logarithm_of_n():
    counts = [count(encode(well_ring(1 << m, 3, steps=100))).toffoli for m in (9, 18, 27)]
    assert counts[2] - counts[1] == counts[1] - counts[0] == 36
    assert counts[2] <= counts[0] * 27 / 9


SMALL = [
    dict(n=2, order=3),
    dict(n=3, order=3, steps=1),
    dict(n=2, order=5, steps=1),
    dict(n=4, order=3, steps=1, periodic=False, padding=1),
    dict(n=4, dims=(2, 2), order=3, steps=1, periodic=False),
]


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_unitary_on_states_with_flags_up(case):
    check_unitary(encode(well_ring(**case), leaf="stencil"))


@pytest.mark.parametrize("case", SMALL[:3], ids=str)
@pytest.mark.parametrize("degree", [3, 4])
def test_chebyshev_polynomials_by_reflections(case, degree):
    """The flags must survive the second call, which a work bit or a shared flag left dirty breaks."""
    system = well_ring(**case)
    encoding = encode(system, leaf="stencil")
    program = chebyshev(emit(encoding), emit(encoding.adjoint()), degree)
    a = system.matrix().toarray() / encoding.alpha
    columns = np.random.default_rng(1).choice(len(a), 8, replace=False).tolist()
    found = columns_of(program, "system", columns, amplitudes=30_000)
    expected = {
        3: 4 * a @ a.T @ a - 3 * a,
        4: 8 * a.T @ a @ a.T @ a - 8 * a.T @ a + np.eye(len(a)),
    }[degree][:, columns]
    assert min(np.abs(found - expected).max(), np.abs(found + expected).max()) < 1e-12


@pytest.mark.parametrize("case", SMALL[:2], ids=str)
def test_adjoint_and_controlled_blocks(case):
    system = well_ring(**case)
    encoding = encode(system, leaf="stencil")
    matrix = system.matrix().toarray() / encoding.alpha
    columns = list(range(len(matrix)))
    assert np.abs(columns_of(emit(encoding.adjoint()), "system", columns) - matrix.T).max() < 1e-12
    for bloq, wanted in ((encoding.controlled(), matrix), (encoding.adjoint().controlled(), matrix.T)):
        program = emit(bloq)
        program = with_register(program, (*program.registers["system"], *program.registers["ctrl"]))
        both = replace(program, registers={name: program.registers[name] for name in ("all", "ancilla")})
        found = columns_of(both, "all", list(range(2 * len(matrix))))
        size = len(matrix)
        assert np.abs(found - np.block([[np.eye(size), 0 * wanted], [0 * wanted, wanted]])).max() < 1e-12


def test_columns_of_the_ring_at_its_full_size():
    """n = 2^27, T = 100, a dictionary for each column: the ends of the ring, both levels, the last times, junk."""
    n, m, steps = 1 << 27, 27, 100
    encoding = encode(well_ring(n, 3, steps=steps))
    step = {0: 0.9, 1: 0.04, -1: 0.04}  # (1 + F_1)_{r, r + o}

    def index(time, level, slots):
        return sum(s << m * k for k, s in enumerate(slots)) | (level == 3) << 3 * m | time << 3 * m + 1

    def column(time, level, slots):
        expected = {index(time, level, slots): 1.0}
        clean = level == 3 or not any(slots[1:])
        if time >= steps or not clean:
            return expected
        if level == 1:
            for o, value in step.items():
                expected[index(time + 1, 1, [(slots[0] - o) % n, 0, 0])] = -value
            return expected
        for picked in itertools.product(step.items(), repeat=3):
            row = [(s - o) % n for s, (o, _) in zip(slots, picked, strict=True)]
            expected[index(time + 1, 3, row)] = -float(np.prod([value for _, value in picked]))
        if slots[0] == slots[1] == slots[2]:
            expected[index(time + 1, 1, [slots[0], 0, 0])] = 0.03
        return expected

    cases = [
        (0, 1, (0, 0, 0)), (5, 1, (n - 1, 0, 0)), (99, 1, (123_456_789, 0, 0)), (100, 1, (7, 0, 0)),
        (3, 1, (7, 1, 0)), (120, 3, (1, 2, 3)), (0, 3, (n - 1, 0, 5)), (42, 3, (0, 0, 0)),
        (98, 3, (n - 1, n - 1, n - 1)), (1, 3, (77, 77, 78)), (2, 3, (1 << 26, 1 << 26, 1 << 26)),
    ]  # fmt: skip
    columns = [index(*case) for case in cases]
    rows, cols, values = simulate_columns(emit(encoding), "system", columns, project_early=True)
    for k, case in enumerate(cases):
        found = dict(
            zip(rows[cols == k].tolist(), (encoding.alpha * values[cols == k]).tolist(), strict=True)
        )
        expected = column(*case)
        assert max(abs(found.get(key, 0) - expected.get(key, 0)) for key in {*found, *expected}) < 1e-12


@pytest.mark.parametrize("case", [dict(n=4, dims=(2, 2), periodic=False), dict(n=8), dict(n=1)], ids=str)
def test_the_cheaper_leaf_is_taken(case):
    system = well_ring(order=3, **case)
    chosen, *both = (encode(system, leaf=leaf) for leaf in (None, "stencil", "table"))

    def cost(encoding):
        counts = count(encoding)
        phase = 4 * (encoding.ancilla_bitsize - 1) + rotation_t_bound(1e-10)
        return encoding.alpha * (counts.t_in_file + rotation_t_bound(1e-10) * counts.rotation_count + phase)

    assert chosen.leaf == min(both, key=cost).leaf
    assert [encoding.leaf for encoding in both] == ["stencil", "table"]


def test_large_lattices_take_stencils():
    assert encode(well_ring(128, 3)).leaf == "stencil"


def test_stencils_are_refused_where_there_is_no_lattice():
    with pytest.raises(InputError):
        encode(random_history(0, n=2, q=2, order=2, steps=1), leaf="stencil")


@pytest.mark.parametrize("n", [1 << 27, 100_000_000])
def test_a_uniform_source_on_many_sites(n):
    lattice = Lattice(dims=(n,), periodic=True)
    source = LatticeTensor.build(lattice, 0, [Stencil(offsets=(), box=lattice.full, coefficient=1e-6)])
    square = LatticeTensor.build(
        lattice, 2, [Stencil(offsets=((0,), (1,)), box=lattice.full, coefficient=0.1)]
    )
    drawn = PolynomialMap(
        n=n, center=Weights.constant(n), tensors={0: source, 2: square}, learning_rate=1.0, source="test"
    )
    system = uniform_history(
        carleman=linearize(drawn, order=2, gamma=1.0), steps=3, u_in=Weights.sparse(n, {0: 0.4})
    )
    encoding = encode(system)
    assert encoding.parts.alpha_zero == pytest.approx(1e-6 * n**0.5)
    counts = count(encoding)
    assert counts.toffoli == tally(emit(encoding)).toffoli < 2000
    state = prepare(system)
    assert count(state).toffoli == tally(emit(state)).toffoli < 2000


@pytest.mark.parametrize("loading", [Loading(), Loading(ancilla_budget=30)], ids=["plain", "wide"])
def test_loaded_couplings(loading):
    """J[i] looked up: 40-bit angles leave the block within 1e-10, at 64 sites and counted at 2^16."""
    couplings = np.random.default_rng(0).uniform(0.02, 0.05, 1 << 16)
    system = coupled_chain(couplings[:64])
    encoding = encode(system, loading=loading, leaf="stencil")
    columns = np.random.default_rng(1).choice(1 << system.layout.width, 24, replace=False).tolist()
    rows, cols, values = simulate_columns(emit(encoding), "system", columns, project_early=True)
    expected = system.matrix()[:, columns].toarray()
    found = np.zeros_like(expected, dtype=complex)
    np.add.at(found, (rows.astype(int), cols), encoding.alpha * values)
    assert np.abs(found - expected).max() < 1e-10
    counts = count(encode(coupled_chain(couplings), loading=loading))
    assert counts.rotation_count < 130
    assert counts.toffoli < (800_000 if loading.ancilla_budget == 0 else 300_000)


def coupled_chain(couplings):
    """An open chain whose bond i, i + 1 has a strength of its own."""
    n = len(couplings)
    lattice = Lattice(dims=(n,), periodic=False)
    ahead = np.append(couplings[:-1], 0.0)
    linear = [
        Stencil(offsets=((0,),), box=lattice.full, coefficient=-0.1),
        Stencil(offsets=((1,),), box=lattice.full, profile=Coefficients(values=ahead)),
        Stencil(offsets=((-1,),), box=lattice.full, profile=Coefficients(values=np.roll(ahead, 1))),
    ]
    drawn = PolynomialMap(
        n=n,
        center=Weights.constant(n),
        tensors={1: LatticeTensor.build(lattice, 1, linear)},
        learning_rate=1.0,
        source="test",
    )
    return uniform_history(
        carleman=linearize(drawn, order=1, gamma=1.0), steps=3, u_in=Weights.sparse(n, {0: 0.4})
    )


@pytest.mark.parametrize("padding", [0, 1])
def test_noise_changes_the_source_of_each_step_alone(padding):
    """One map a step, all of the same stencils: the number of the step is read for the source only."""
    drawn = well_ring(3, 3).carleman.map
    noise = 0.1 * np.random.default_rng(0).normal(size=(3, 3))
    noise[1] = 0
    sequence = MapSequence.constant(drawn, 3).with_noise(noise)
    system = HistorySystem(
        systems=linearize_sequence(sequence, order=2, gamma=1.0),
        schedule=sequence.schedule,
        padding=padding,
        u_in=0.3 * np.cos(np.arange(3)),
    )
    check_block(system, limit=48)
    check_counts(encode(system, leaf="stencil"))
