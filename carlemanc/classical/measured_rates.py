"""The rates of the machine at hand, measured: products with a sparse matrix, and steps of random walks.

Both are what the programs here do, on a ring of 2^20 sites, which no cache holds: a row of I + F_1 has three entries.
Each is repeated for about a second on one core and told to two digits, rounded down. They stand beside the assumed
rates and decide nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from scipy import sparse

from carlemanc.classical.paths.stencil_factor import StencilFactor
from carlemanc.classical.paths.walked_step import WalkedStep
from carlemanc.classical.paths.walkers import Group, Walkers
from carlemanc.core.rounding import rounded_down
from carlemanc.costs.classical_baseline import Machine
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor

SITES = 1 << 20
WALKERS = 1 << 17
SECONDS = 1.0
"""Of each measurement."""
_ENTRIES = {-1: 0.04, 0: 0.9, 1: 0.04}
_DIGITS = 2

Clock = Callable[[], float]


def measured_machine(clock: Clock = time.perf_counter) -> Machine:
    """Return the machine that this runs on, with its rates; takes about two seconds."""
    flops, walks = (int(rounded_down(rate, _DIGITS)) for rate in (product_rate(clock), walk_rate(clock)))
    return Machine(
        name="one core of this machine",
        flops_per_second=flops,
        memory=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        note=(
            f"{flops:.1e} flop/s measured on products with a sparse matrix of {SITES} rows of {len(_ENTRIES)} entries, "
            f"{walks:.1e} walk steps a second on {WALKERS} walks at once"
        ),
        status="measured",
        walk_steps_per_second=walks,
    )


def product_rate(clock: Clock) -> float:
    """Return the flops a second of products with a sparse matrix: a product and an addition for each entry."""
    matrix = sparse.diags_array(
        [np.full(SITES, value) for value in _ENTRIES.values()], offsets=tuple(_ENTRIES), shape=(SITES, SITES)
    ).tocsr()
    vector = np.ones(SITES)

    def product() -> None:
        nonlocal vector
        vector = matrix @ vector

    return 2 * int(matrix.nnz) / _seconds_of(product, clock)


def walk_rate(clock: Clock) -> float:
    """Return the steps a second of walks over the step of a ring."""
    lattice = Lattice(dims=(SITES,), periodic=True)
    stencils = [
        Stencil(offsets=((offset,),), box=lattice.full, coefficient=value)
        for offset, value in _ENTRIES.items()
    ]
    factor = StencilFactor(LatticeTensor.build(lattice, 1, stencils))
    step = WalkedStep(factors={1: factor}, levels=(1,), most=None)
    rng = np.random.default_rng(0)
    sites = rng.integers(SITES, size=(1, WALKERS))
    group = Group(slots=sites, weights=np.ones(WALKERS), labels=np.arange(WALKERS))
    walkers = Walkers(groups={1: group})

    def walk() -> None:
        nonlocal walkers
        walkers = step.back(rng, walkers, factor.back_weight)

    return WALKERS / _seconds_of(walk, clock)


def _seconds_of(repeated: Callable[[], None], clock: Clock) -> float:
    """Return the mean seconds of a call, over about `SECONDS`; the first, which also makes tables, is left out."""
    repeated()
    calls, start = 0, clock()
    while (passed := clock() - start) < SECONDS:
        repeated()
        calls += 1
    return passed / calls
