"""The light cone of a training: against gradient descent itself, whose coefficients and weights cannot cancel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman.system import iterate_systems, linearize_sequence
from carlemanc.model.lattice.sites import Lattice, clip
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.axes import axis_growth
from carlemanc.model.light_cone.cone import light_cone, reached_list
from carlemanc.model.light_cone.growth import bounded_growth, rules_of
from carlemanc.model.light_cone.walk import walked_growth
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed


def followed(sequence: MapSequence, start: np.ndarray) -> tuple[np.ndarray, int]:
    """The nonzeros of u(T), and the flops of the entries that met no zero: by running it, values positive."""
    u, flops = np.array(start, dtype=float), 0
    for time in range(sequence.steps):
        item = sequence.at(time)
        for degree, tensor in item.tensors.items():
            flops += (degree + 1) * int(np.count_nonzero(np.all(u[tensor.cols] != 0, axis=1)))
        u = item.step(u)
        u = u / max(1.0, u.max())  # the size is of no interest, and overflow would be
        u[u > 0] = np.maximum(u[u > 0], 1e-30)
    return np.flatnonzero(u), flops


@st.composite
def lattice_maps(draw: st.DrawFn, *, along_axes: bool = False) -> tuple[PolynomialMap, np.ndarray, int]:
    """A map of positive stencils on random boxes, some entries, a sparse start, a number of steps."""
    dims = tuple(draw(st.lists(st.integers(2, 7), min_size=1, max_size=3)))
    lattice = Lattice(dims=dims, periodic=draw(st.booleans()))
    offset = st.tuples(*(st.integers(-2, 2) for _ in dims))
    single = st.integers(0, len(dims) - 1).flatmap(
        lambda axis: st.integers(-2, 2).map(lambda step: tuple(step * (a == axis) for a in range(len(dims))))
    )
    tensors: dict[int, LatticeTensor | SparseTensor] = {}
    for degree in (1, 2, 3):
        stencils = []
        for _ in range(draw(st.integers(0, 3))):
            offsets = tuple(draw(single if along_axes else st.one_of(single, offset)) for _ in range(degree))
            if along_axes or draw(st.booleans()):
                offsets = offsets[:1] * degree
            if along_axes and degree == 3:
                offsets = (tuple(0 for _ in dims), *offsets[1:])
            box = lattice.full
            if not along_axes and draw(st.integers(0, 3)) == 0:
                ends = [sorted(draw(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)))) for k in dims]
                box = tuple((low, high) for low, high in ends)
            inside = box if lattice.periodic else clip(box, offsets, lattice)
            if inside is not None:
                stencils.append(
                    Stencil(offsets=offsets, box=inside, coefficient=draw(st.sampled_from([0.25, 0.5])))
                )
        tensors[degree] = LatticeTensor.build(
            lattice, degree, stencils, None if along_axes else _entries(draw, lattice.n, degree)
        )
    if not along_axes and (drive := _entries(draw, lattice.n, 0)) is not None:
        tensors[0] = drive
    most = 1 if along_axes and len(dims) > 1 else 3
    sites = draw(
        st.lists(st.integers(0, lattice.n - 1), min_size=int(along_axes), max_size=most, unique=True)
    )
    start = np.zeros(lattice.n)
    start[sites] = 0.5
    found = PolynomialMap(
        n=lattice.n, center=np.zeros(lattice.n), tensors=tensors, learning_rate=1.0, source="random"
    )
    return found, start, draw(st.integers(0, 9))


def _entries(draw: st.DrawFn, n: int, degree: int) -> SparseTensor | None:
    number = draw(st.sampled_from([0, 0, 1, 3]))
    if not number:
        return None
    index = st.integers(0, n - 1)
    rows = draw(st.lists(index, min_size=number, max_size=number))
    cols = [draw(st.lists(index, min_size=degree, max_size=degree)) for _ in rows]
    return SparseTensor.build(
        n=n, degree=degree, rows=rows, cols=np.reshape(cols, (number, degree)), vals=[0.5] * number
    )


@settings(max_examples=300)
@given(lattice_maps())
def test_every_way_agrees_with_gradient_descent(drawn: tuple[PolynomialMap, np.ndarray, int]) -> None:
    found, start, steps = drawn
    if found.lattice is None:
        return
    sequence = MapSequence.constant(found, steps)
    sites, flops = followed(sequence, start)
    cone = light_cone(sequence, start)
    if cone.sites is not None:
        assert np.array_equal(cone.sites, sites)
    assert (cone.support, cone.flops, cone.is_exact) == (len(sites), flops, True)
    rules = rules_of(found)
    assert rules is not None
    walked = walked_growth(rules, np.flatnonzero(start), steps)
    assert walked is not None
    assert (walked.support, walked.flops) == (len(sites), flops)
    bound = bounded_growth(rules, np.flatnonzero(start), steps)
    assert min(bound.support, found.n) >= len(sites)
    assert bound.flops >= flops
    by_axis = axis_growth(rules, np.flatnonzero(start), steps)
    if by_axis is not None:
        assert (by_axis.support, by_axis.flops) == (len(sites), flops)


@settings(max_examples=200)
@given(lattice_maps(along_axes=True))
def test_axis_by_axis(drawn: tuple[PolynomialMap, np.ndarray, int]) -> None:
    """The closed form applies wherever single neighbors along axes are read, and products hold the row itself."""
    found, start, steps = drawn
    rules = rules_of(found) if found.lattice is not None else None
    if rules is None:
        return
    counted = axis_growth(rules, np.flatnonzero(start), steps)
    sites, flops = followed(MapSequence.constant(found, steps), start)
    assert counted is not None
    assert (counted.support, counted.flops) == (len(sites), flops)


def test_products_of_neighbors_wait_for_both() -> None:
    """theta[i-1] theta[i+1] moves nothing from one site, and from two the site between them."""
    lattice = Lattice(dims=(11,), periodic=True)
    both = LatticeTensor.build(lattice, 2, [Stencil(offsets=((-1,), (1,)), box=lattice.full)])
    found = PolynomialMap(n=11, center=np.zeros(11), tensors={2: both}, learning_rate=1.0, source="test")
    for sites, reached in (([4], [4]), ([4, 6], [4, 5, 6]), ([4, 7], [4, 7])):
        start = np.zeros(11)
        start[sites] = 0.5
        assert light_cone(MapSequence.constant(found, 5), start).sites.tolist() == reached


@pytest.mark.parametrize("seed", range(6))
def test_several_maps(seed: int) -> None:
    """Batches take turns: a map applied late knows all that the others have reached."""
    rng = np.random.default_rng(seed)
    maps = []
    for _ in range(3):
        rows, cols = rng.integers(0, 12, (2, 5))
        linear = SparseTensor.build(n=12, degree=1, rows=rows, cols=cols[:, None], vals=np.full(5, 0.5))
        pairs = SparseTensor.build(
            n=12, degree=2, rows=rows[:2], cols=rng.integers(0, 12, (2, 2)), vals=np.full(2, 0.5)
        )
        drive = SparseTensor.build(n=12, degree=0, rows=rows[:1], cols=np.zeros((1, 0)), vals=[0.5])
        tensors = {1: linear, 2: pairs} | ({0: drive} if seed % 2 else {})
        maps.append(
            PolynomialMap(n=12, center=np.zeros(12), tensors=tensors, learning_rate=1.0, source="test")
        )
    start = np.zeros(12)
    start[rng.integers(0, 12, 2)] = 0.5
    for steps in (0, 1, 4, 25):
        sequence = MapSequence.cycle(tuple(maps), steps)
        sites, flops = followed(sequence, start)
        cone = light_cone(sequence, start)
        assert cone.sites is not None
        assert np.array_equal(cone.sites, sites)
        assert cone.flops == flops


@pytest.mark.parametrize("corrections", [None, 1, 2])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_truncated_iterate_stays_inside(order: int, corrections: int | None) -> None:
    """Exactly zero outside at every order, with all corrections or few; every site inside is reached."""
    spec = {
        "name": "chain",
        "loss": {
            "expression": "Sum(theta[i]**4/4 - theta[i]*theta[i+1]/2 + theta[i]**2*theta[i+2]/3, (i, 0, n-1))"
        },
        "model": {"n": 13},
        "training": {"learning_rate": 0.1, "steps": 2, "initial": {"sparse": {"3": 0.4, "4": 0.3}}},
    }
    lifted = lifted_of(fixed(spec))
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert cone.sites is not None
    assert 0 < cone.support < 13
    outside = np.setdiff1d(np.arange(13), cone.sites)
    systems = linearize_sequence(lifted.sequence, order=order, gamma=0.5, corrections=corrections)
    iterate = iterate_systems(systems, lifted.sequence.schedule, lifted.u_in)[-1]
    assert not np.any(iterate[outside])
    if order > 1:
        assert not np.any(lifted.sequence.iterate(lifted.u_in)[-1][outside])


@pytest.mark.parametrize("steps", [1, 100, 200_000])
def test_the_ring_at_full_size(steps: int) -> None:
    """2 t + 1 sites at time t, 10 flops each: 1e5 for 100 steps, not the 1.34e11 of all 2^27 sites."""
    lifted = lifted_of(fixed("quartic-ring", ("model.n=134217728", f"training.steps={steps}")))
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert (cone.support, cone.flops, cone.is_exact) == (2 * steps + 1, 10 * steps**2, True)


@pytest.mark.parametrize("distance", [1, 5, 30, 60_000_000])
def test_two_starts_on_the_ring(distance: int) -> None:
    start = f'training.initial.sparse={{"7"=0.1,"{7 + distance}"=0.1}}'
    lifted = lifted_of(fixed("quartic-ring", ("model.n=134217728", "training.steps=10", start)))
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert (cone.support, cone.is_exact) == (21 + min(distance, 21), True)


@pytest.mark.parametrize("dims", [(200,), (200, 200), (64, 64, 64)])
@pytest.mark.parametrize("boundary", ["periodic", "open"])
def test_nearest_neighbors_have_the_published_counts(dims: tuple[int, ...], boundary: str) -> None:
    """Balls of the 1-norm, sum_k 2^k C(D, k) C(t, k), or their corner; a step costs 2 D + 6 flops a site."""
    from math import comb

    names = ["i", "j", "k"][: len(dims)]
    here = f"theta[{','.join(names)}]"
    bonds = " + ".join(
        f"theta[{','.join(f'{name}+1' if name == other else name for name in names)}]" for other in names
    )
    ranges = ", ".join(
        f"({name}, 0, n{k + 1}-1)" if len(dims) > 1 else "(i, 0, n-1)" for k, name in enumerate(names)
    )
    size = {"n": dims[0]} if len(dims) == 1 else {"dims": list(dims)}
    steps, D = 20, len(dims)
    spec = {
        "name": "balls",
        "loss": {
            "expression": f"Sum({here}**2/2 + {here}**4/4 - {here}*({bonds})/5, {ranges})",
            "boundary": boundary,
        },
        "model": size | {},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": {"sparse": {"0": 0.4}}},
    }
    lifted = lifted_of(fixed(spec, ("model.n=4096",) if D == 1 else ()))
    cone = light_cone(lifted.sequence, lifted.displacement)

    def ball(t: int) -> int:
        if boundary == "open":
            return comb(t + D, D)
        return sum(2**k * comb(D, k) * comb(t, k) for k in range(D + 1))

    assert (cone.support, cone.is_exact) == (ball(steps), True)
    assert cone.source == "counted axis by axis"
    if boundary == "periodic":
        assert cone.flops == (4 * D + 6) * sum(map(ball, range(steps)))


def test_a_dense_start_moves_everything() -> None:
    lifted = lifted_of(fixed("quartic-ring", ("training.initial={normal=0.1,seed=7}",)))
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert (cone.support, cone.flops) == (lifted.n, lifted.sequence.flops)


def test_a_center_elsewhere_makes_every_weight_move() -> None:
    """u = theta - center: a sparse theta(0) about a constant center is a dense u(0)."""
    lifted = lifted_of(fixed("quartic-ring", ("model.n=5", "training.center=[0.1,0.1,0.1,0.1,0.1]")))
    assert light_cone(lifted.sequence, lifted.displacement).support == 5


def test_a_sparse_start_as_center_moves_from_its_drive() -> None:
    """u(0) = 0: F_0 stands on the few sites about the start, from which all goes on."""
    lifted = lifted_of(
        fixed("quartic-ring", ("model.n=4096", 'training.center="initial"', "training.steps=9"))
    )
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert (cone.support, cone.is_exact) == (2 * 9 + 1, True)


def test_long_walks_are_bounded() -> None:
    """Two starts on a grid are walked as long as that takes seconds; beyond, boxes around both hold every site."""
    where = ("model.dims=[8192,8192]", 'training.initial.sparse={"0"=0.1,"33558528"=0.3}')
    exact = [lifted_of(fixed("phi4-lattice", (*where, f"training.steps={T}"))) for T in (10, 300)]
    for lifted in exact:
        rules = rules_of(lifted.map)
        assert rules is not None
        T = lifted.sequence.steps
        cone = light_cone(lifted.sequence, lifted.displacement)
        corner, whole = (T + 1) * (T + 2) // 2, 2 * T * T + 2 * T + 1
        assert (cone.support, cone.is_exact) == (corner + whole, True)
        bound = bounded_growth(rules, np.array([0, 33558528]), T)
        assert bound.support == 2 * (2 * T + 1) ** 2
        assert bound.flops > cone.flops
    lifted = lifted_of(fixed("phi4-lattice", (*where, "training.steps=100000")))
    cone = light_cone(lifted.sequence, lifted.displacement)
    assert (cone.support, cone.is_exact) == (lifted.n, False)
    assert 0 < cone.flops < lifted.sequence.flops


def test_a_map_that_writes_nothing_is_not_followed_site_by_site() -> None:
    """A product of a series can be zero, at any n."""
    lifted = lifted_of(fixed("quartic-ring", ("model.n=1152921504606846976", "training.steps=9")))
    nothing = MapSequence.constant(lifted.map.with_tensors({}), 9)
    cone = light_cone(nothing, lifted.displacement)
    assert (cone.support, cone.flops, cone.is_exact) == (1, 0, True)
    assert len(reached_list(nothing, lifted.displacement)) == 1


@pytest.mark.parametrize("name", ["quartic-ring", "double-well-chain"])
def test_sites_are_told_on_lattices_without_a_map_of_all_of_them(name: str) -> None:
    """The same sites as on a small lattice, where every site has a byte; both ends are far."""
    reached = []
    for n in (2**12, 2**40, 2**60):
        where = (f"model.n={n}", "training.steps=9", 'training.initial.sparse={"500"=0.4,"520"=0.1}')
        lifted = lifted_of(fixed(name, where))
        reached.append(reached_list(lifted.sequence, lifted.displacement).tolist())
    assert len(reached[0]) > 20
    assert reached[0] == reached[1] == reached[2]
