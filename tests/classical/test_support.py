"""The program that follows the weights that can be nonzero: against a breadth-first count, and at full size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from carlemanc.classical.dense import Dense
from carlemanc.classical.support import Support
from carlemanc.classical.value_cost import value_flops
from carlemanc.model.lattice.sites import Lattice, clip
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Weights
from tests.classical.asking import asked, asked_of_map


def random_map(seed: int) -> tuple[PolynomialMap, dict[int, float], int]:
    """Stencils of random offsets on a random lattice, a few starts, a number of steps."""
    rng = np.random.default_rng(seed)
    dims = [(int(rng.integers(20, 60)),), (9, int(rng.integers(6, 12))), (5, 6, 7)][seed % 3]
    lattice = Lattice(dims=dims, periodic=bool(rng.integers(2)))
    tensors = {}
    for degree in (1, 2, 3):
        stencils = []
        for _ in range(int(rng.integers(1, 3))):
            offsets = tuple(
                tuple(int(step) for step in rng.integers(-2, 3, len(dims))) for _ in range(degree)
            )
            if rng.integers(2):
                offsets = offsets[:1] * degree
            box = lattice.full if lattice.periodic else clip(lattice.full, offsets, lattice)
            assert box is not None
            stencils.append(Stencil(offsets=offsets, box=box, coefficient=0.01))
        tensors[degree] = LatticeTensor.build(lattice, degree, stencils)
    found = PolynomialMap(
        n=lattice.n, center=np.zeros(lattice.n), tensors=tensors, learning_rate=1.0, source="random"
    )
    sites = rng.choice(lattice.n, int(rng.integers(1, 4)), replace=False)
    return found, {int(site): 0.5 for site in sites}, int(rng.integers(0, 7))


def breadth_first(found: PolynomialMap, start: dict[int, float], steps: int) -> tuple[int, int]:
    """Sites reached, and l + 1 flops for each entry whose columns have all been: entry by entry, with sets."""
    reached, flops = set(start), 0
    entries = []
    for degree, operator in found.operators.items():
        assert isinstance(operator, LatticeTensor)
        dims = operator.lattice.dims
        for stencil in operator.stencils:
            for site in itertools.product(*(range(low, high + 1) for low, high in stencil.box)):
                columns = {
                    int(np.ravel_multi_index(np.mod(np.add(site, offset), dims), dims))
                    for offset in stencil.offsets
                }
                entries.append((int(np.ravel_multi_index(site, dims)), columns, degree + 1))
    for _ in range(steps):
        writing = [(row, cost) for row, columns, cost in entries if columns <= reached]
        flops += sum(cost for _, cost in writing)
        reached |= {row for row, _ in writing}
    return len(reached), flops


@pytest.mark.parametrize("seed", range(30))
def test_it_counts_what_a_breadth_first_walk_meets(seed: int) -> None:
    found, start, steps = random_map(seed)
    sites, flops = breadth_first(found, start, steps)
    question = asked_of_map(found, Weights.sparse(found.n, start), steps)
    cost = Support().cost(question)
    if flops == found.flops_per_step * steps:
        assert cost.flops is None
        assert Dense().cost(question).flops == flops
    else:
        assert cost.flops == flops
        assert f" {sites} of {found.n} " in cost.reason
    answer = Support().run(question)
    u = np.zeros(found.n)
    u[list(start)] = list(start.values())
    for _ in range(steps):
        u = u + sum((item.explicit.apply(u) for item in found.operators.values()), np.zeros(found.n))
    told = np.zeros(found.n)
    told[answer.sites] = answer.theta
    assert told == pytest.approx(u, abs=1e-13)


@pytest.mark.parametrize(
    ("name", "size", "least"),
    [("quartic-ring", "model.n=134217728", 9.2e4), ("phi4-lattice", "model.dims=[8192,8192]", 1.95e6)],
)
def test_lattices_of_full_size(name: str, size: str, least: float) -> None:
    """Within twice the least count that is known for it, with all that is asked."""
    one = "theta[0]" if name == "quartic-ring" else "theta[0,0]"
    for values in (None, {"loss": "loss", "one": one}):
        question = asked(name, size, "training.steps=100", values=values)
        flops = Support().cost(question).flops
        assert flops is not None
        assert least <= flops <= 2 * least
        answer = Support().run(question)
        if values is not None:
            small = "model.n=512" if name == "quartic-ring" else "model.dims=[128,128]"
            same = asked(name, small, "training.steps=100", values=values)
            wanted = Dense().run(same)
            for key in values:
                assert answer.values[key].value == pytest.approx(wanted.values[key].value, rel=1e-12)


def test_values_are_counted_by_monomials() -> None:
    """One product for each weight and the coefficient, and an addition; none of a weight that is zero."""
    values = {
        "bond": "Sum(theta[i]*theta[i+1], (i, 0, n-1))",
        "fourth": "Sum(theta[i]**4, (i, 0, n-1))",
        "one": "3*theta[5]**2*theta[7] + theta[2]",
        "slope": "gradient_norm",
    }
    bond, fourth, one, slope = asked("quartic-ring", "model.n=2048", "training.steps=3", values=values).values
    for support, sites in ((2048, 2048), (7, 7)):
        assert value_flops(bond, support) == 3 * sites
        assert value_flops(fourth, support) == 5 * sites
        assert value_flops(one, support) == 4 + 2
    assert value_flops(slope, 2048) == 2048 * (3 * 2 + 4 + 2)
