"""The backward cone: its counts against sets of sites, its values at any size against a window of the lattice."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from carlemanc.classical.cone import Cone
from carlemanc.classical.dense import Dense
from carlemanc.classical.overlap import overlap_flops
from carlemanc.core.errors import InputError
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.axes import axis_growth
from carlemanc.model.light_cone.backward import backward_cone, backward_rules
from carlemanc.model.light_cone.growth import bounded_growth
from carlemanc.model.light_cone.walk import walked_growth
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import NormalWeights
from tests.classical.asking import asked
from tests.classical.specs import SPECS, fit, lattice
from tests.classical.test_support import random_map

Entries = list[tuple[int, frozenset[int], int]]


def entries_of(found: PolynomialMap) -> Entries:
    """(row, columns, flops) of every entry of a lattice map, site by site."""
    entries: Entries = []
    for degree, operator in found.operators.items():
        assert isinstance(operator, LatticeTensor)
        dims = operator.lattice.dims
        for stencil in operator.stencils:
            for site in itertools.product(*(range(low, high + 1) for low, high in stencil.box)):
                row = int(np.ravel_multi_index(site, dims))
                columns = [np.mod(np.add(site, offset), dims) for offset in stencil.offsets]
                entries.append(
                    (row, frozenset(int(np.ravel_multi_index(c, dims)) for c in columns), degree + 1)
                )
        beside = operator.entries
        for row, columns in zip(beside.rows.tolist(), beside.cols.tolist(), strict=True):
            entries.append((row, frozenset(columns), degree + 1))
    return entries


def with_entries(found: PolynomialMap, seed: int) -> PolynomialMap:
    """The map with a drive of every site, and a few entries that leap across the lattice."""
    rng = np.random.default_rng(seed)
    operators = {
        degree: item.plus(
            SparseTensor.build(
                n=found.n,
                degree=degree,
                rows=[int(rng.integers(found.n))],
                cols=rng.integers(0, found.n, (1, degree)),
                vals=[0.013],
            )
        )
        for degree, item in found.operators.items()
        if isinstance(item, LatticeTensor)
    }
    return found.with_tensors(operators)


@pytest.mark.parametrize("seed", range(30))
def test_counts_are_those_of_sets_of_sites(seed: int) -> None:
    """Rows needed at each time, all their entries; and those of them that a sparse start lets write."""
    found, start, steps = random_map(seed)
    if seed % 2:
        found = with_entries(found, seed)
    rng = np.random.default_rng(seed + 100)
    seeds = np.unique(rng.integers(0, found.n, int(rng.integers(1, 4))))
    entries, sequence = entries_of(found), MapSequence.constant(found, steps)
    needed, layers, flops = set(seeds.tolist()), [], 0
    for _ in range(steps):
        layers.append(set(needed))
        flops += sum(cost for row, _, cost in entries if row in needed)
        needed |= {column for row, columns, _ in entries if row in needed for column in columns}
    cone = backward_cone(sequence, seeds)
    assert cone is not None
    assert (cone.support, cone.flops) == (len(needed), flops)
    rules = backward_rules(found)
    walked = walked_growth(rules, seeds, steps)
    assert walked is not None
    assert (walked.support, walked.flops) == (len(needed), flops)
    by_axis = axis_growth(rules, seeds, steps)
    assert by_axis is None or (by_axis.support, by_axis.flops) == (len(needed), flops)
    bound = bounded_growth(rules, seeds, steps)
    assert min(bound.support, found.n) >= len(needed)
    assert bound.flops >= flops
    reached, both = set(start), 0
    for step in range(steps):
        rows = layers[steps - 1 - step]
        writing = [(row, cost) for row, columns, cost in entries if row in rows and columns <= reached]
        both += sum(cost for _, cost in writing)
        reached |= {row for row, _ in writing}
    assert overlap_flops(sequence, np.array(sorted(start)), seeds) == both


@pytest.mark.parametrize("dims", [(2048,), (90, 64), (30, 32, 32)])
@pytest.mark.parametrize("boundary", ["periodic", "open"])
def test_nearest_neighbors_are_counted_axis_by_axis(dims: tuple[int, ...], boundary: str) -> None:
    """W = T^2, (2 T^3 + T)/3, T^2 (T^2 + 2)/3 sites on one to three axes, or those of a corner."""
    names = "ijk"[: len(dims)]
    here = f"theta[{','.join(names)}]"
    bonds = " + ".join(here.replace(name, f"{name}+1") for name in names)
    ranges = ", ".join(f"({name}, 0, {size - 1})" for name, size in zip(names, dims, strict=True))
    text = f"Sum({here}**2/2 + {here}**4/4 - {here}*({bonds})/9, {ranges})"
    size = dims[0] if len(dims) == 1 else list(dims)
    spec = lattice(text, size, {"normal": 0.3, "seed": 4}, boundary=boundary, steps=9)
    corner = f"theta[{','.join('0' for _ in dims)}]"
    found = backward_cone(asked(spec).lifted.sequence, np.array([0]))
    assert found is not None
    assert found.source == "counted axis by axis"
    T = 9
    if boundary == "periodic":
        sites = {1: T**2, 2: (2 * T**3 + T) // 3, 3: T**2 * (T**2 + 2) // 3}[len(dims)]
        assert found.flops == (4 * len(dims) + 6) * sites
    question = asked(spec, values={"corner": corner})
    assert Cone().run(question).values["corner"].value == pytest.approx(
        Dense().run(question).values["corner"].value, abs=1e-14
    )


@pytest.mark.parametrize(
    "start", ['{function="0.5*cos(2*pi*1234567*i/n)*walsh(i, 5)"}', "{normal=0.3,seed=11}"]
)
def test_a_ring_of_full_size_from_dense_starts(start: str) -> None:
    """2^27 sites: nothing of that size is held; the window about what is asked is run by itself."""
    T = 60
    values = {"bond": "theta[70000000]*theta[70000001]", "here": "theta[5]"}
    question = asked(
        "quartic-ring", "model.n=134217728", f"training.steps={T}", f"training.initial={start}", values=values
    )
    cost = Cone().cost(question)
    assert cost.flops is not None
    answer = Cone().run(question)
    point = question.lifted.training.start

    def window(first: int, last: int) -> np.ndarray:
        u = point.at(np.arange(first - T, last + T + 1) % point.n)
        for _ in range(T):
            u = u[1:-1] - 0.1 * (u[1:-1] + 0.3 * u[1:-1] ** 3 - 0.4 * (u[2:] + u[:-2]))
        return u

    left, right = window(70000000, 70000001)
    assert answer.values["bond"].value == pytest.approx(left * right, rel=1e-12)
    assert answer.values["here"].value == pytest.approx(window(5, 5)[0], rel=1e-12)
    sites = sum(2 * t + 2 for t in range(T)) + sum(2 * t + 1 for t in range(T))
    looked_up = point.n if isinstance(point, NormalWeights) else 8 * (4 * T + 3)
    assert 0 <= cost.flops - 10 * sites - looked_up <= 60


def test_a_listed_map_saves_the_rows_of_the_last_step_alone() -> None:
    question = asked(fit(6, 40), values={"first": "theta[0]"})
    sequence = question.lifted.sequence
    cost = Cone().cost(question)
    rows = [int((item.rows == 0).sum()) * (item.degree + 1) for item in sequence.map.tensors.values()]
    assert cost.flops == (sequence.steps - 1) * sequence.map.flops_per_step + sum(rows) + 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (None, "more than a few weights"),
        ({"slope": "gradient_norm"}, "more than a few weights"),
        ({"one": "theta[0]", "all": "Sum(theta[i]**2, (i, 0, n-1))"}, "more than a few weights"),
    ],
)
def test_what_reads_many_weights_is_refused(values: dict[str, str] | None, words: str) -> None:
    question = asked("quartic-ring", "model.n=262144", values=values)
    cost = Cone().cost(question)
    assert cost.flops is None
    assert words in cost.reason
    with pytest.raises(InputError, match=words):
        Cone().run(question)


def test_a_sparse_start_far_away_costs_nothing() -> None:
    """No light from the start reaches what is asked: only the monomials of the value are left."""
    question = asked("quartic-ring", "model.n=134217728", "training.steps=50", values={"far": "theta[1000]"})
    assert Cone().cost(question).flops == 2
    assert Cone().run(question).values["far"].value == 0.0


@cache
def _stream() -> np.ndarray:
    return np.random.default_rng(4).normal(0.0, 0.25, 3_000_000)


def test_a_stream_of_random_numbers_is_read_at_any_of_its_sites() -> None:
    weights = NormalWeights(n=3_000_000, deviation=0.25, seed=4)
    sites = np.array([[0, 2_999_999], [1_048_576, 1_048_575], [7, 7]])
    assert np.array_equal(weights.at(sites), _stream()[sites])


def test_every_small_lattice_has_a_cone_that_agrees() -> None:
    """The specs of all programs are small: here that cones apply to some of them at all."""
    applied = [name for name, spec in SPECS.items() if "n" in spec["model"] and _applies(name)]
    assert {"ring, wave", "open chain, one site", "ring with a drive"} <= set(applied)


def _applies(name: str) -> bool:
    return Cone().cost(asked(SPECS[name], values={"site": "theta[2]"})).flops is not None
