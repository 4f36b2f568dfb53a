"""The encoded rows of observables: block = matrix on every column where that fits, 200 columns of a ring of 2^27."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from carlemanc.bloqs.loading import Loading
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.weights import Weights
from carlemanc.observables.row_probe import RowProbe, row_step, row_system
from carlemanc.observables.vectors import along_u
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate_columns
from tests.block_encoding.blocks import choose_leaves
from tests.bloqs.checks import check_counts, columns_of, with_register
from tests.reference import RING, dense

BONDS = "Sum(theta[i]*theta[i+1], (i, 0, n-1))"
FOURTH = "Sum(theta[i]**4, (i, 0, n-1))"
DATA = "Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**2, (a, 0, m-1))/(2*m)"
POWERS = "Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**4, (a, 0, m-1))/m"
GRID = "Sum(theta[i,j]*theta[i+1,j] + theta[i,j]**3, (i, 0, n1-1), (j, 0, n2-1))"
CASES = {
    "loss of the ring": (RING, {"n": 4, "parameters": {"lam": 0.3, "J": 0.4}}, (1, 3)),
    "loss of a ring of five": (RING, {"n": 5, "parameters": {"lam": 0.3, "J": 0.4}}, (1, 3)),
    "bonds": (BONDS, {"n": 8}, (1, 2)),
    "open bonds": (BONDS, {"n": 5, "boundary": "open"}, (1, 2)),
    "fourth powers": (FOURTH, {"n": 4}, (1, 2, 3)),
    "a part of the sites": ("Sum(i*theta[i]**2 + theta[i]**2*theta[i+1], (i, 1, 2))", {"n": 4}, (1, 2)),
    "two dimensions": (GRID, {"n": 6, "dims": (3, 2)}, (1, 2)),
    "data": (DATA, {"n": 3, "samples": 7}, (1,)),
    "powers of data": (POWERS, {"n": 2, "samples": 5}, (1, 2, 3)),
}


def row_of(text, *, n, samples=0, **options):
    """The row of an expression, on random data."""
    if samples:
        rng = np.random.default_rng(3)
        names = tuple(f"x{k}" for k in range(n))
        options["data"] = DataSet(
            x=rng.normal(size=(samples, n)), y=rng.normal(size=samples), feature_names=names
        )
    center = Weights.constant(n)
    return along_u(derive_map(parse_expression(text), n=n, learning_rate=1.0, center=center, **options))


def on_level_one(probe):
    """The program of a probe, slots and level (least significant first) as the register `all`."""
    program = emit(probe)
    level = program.registers.get("level", ())
    return with_register(program, [*program.registers["slots"][::-1], *level[::-1]])


def check_block(row, gamma, levels, loading=None):
    """Every column of every level: R on slot 1, every other slot and the level empty."""
    step = row_step(row, gamma, levels, loading=loading)
    probe = RowProbe(step=step, slot_count=levels[-1], branch="alone")
    check_counts(probe)
    system, n, program = row_system(row, gamma, levels), row.n, on_level_one(probe)
    bits = (n - 1).bit_length()
    for position, level in enumerate(levels[: 1 + len(program.registers.get("level", ()))]):
        tensor = system.factor_tensors.get(level)
        expected = np.zeros((1 << bits, n**level))
        if tensor is not None:
            expected[:n] = dense(tensor)
        grids = np.unravel_index(np.arange(n**level), (n,) * level)
        columns = sum(grid << (slot * bits) for slot, grid in enumerate(grids))
        columns = columns + ((1 << position) - 1 << levels[-1] * bits)
        found = columns_of(program, "all", columns.tolist())[: 1 << bits]
        assert np.abs(probe.alpha * found - expected).max() < 1e-12 * max(1.0, probe.alpha)
    return step


@pytest.mark.parametrize("gamma", [1.0, 0.7])
@pytest.mark.parametrize("name", CASES)
def test_the_block_is_the_row(name, gamma):
    text, options, levels = CASES[name]
    check_block(row_of(text, **options), gamma, levels)


@pytest.mark.parametrize("kind", ["sample", "amplitude"])
def test_a_data_loss_from_its_samples(monkeypatch, kind):
    """The leaves of large data: sums over samples, and amplitudes on entries."""
    choose_leaves(monkeypatch, lambda degree: kind)
    step = check_block(row_of(DATA, n=4, samples=3), 0.7, (1,), Loading())
    assert type(step.parts[-1]).__name__ == f"{kind.capitalize()}Table"


@pytest.mark.parametrize(
    ("text", "parameters", "linear", "hop", "cubic"),
    [
        (RING, {"lam": 0.3, "J": 0.4}, -0.5, 0.2, -0.075),
        (BONDS, {}, 0.0, -0.5, 0.0),
        (FOURTH, {}, 0.0, 0.0, -1.0),
    ],
    ids=["loss", "bonds", "fourth powers"],
)
def test_two_hundred_columns_of_a_ring_of_134_million_sites(text, parameters, linear, hop, cubic):
    """-<u, sum_l F_l u^l / (l + 1)> written out by hand: sites, their neighbors, and triples of one site."""
    n, bits, gamma = 2**27, 27, 0.631
    cubic *= gamma**2
    step = row_step(row_of(text, n=n, parameters=parameters), gamma, (1, 3))
    probe = RowProbe(step=step, slot_count=3, branch="alone")
    assert probe.alpha == pytest.approx(abs(linear) + 2 * abs(hop) + abs(cubic), rel=1e-12)
    program = on_level_one(probe)
    program = replace(program, registers={name: program.registers[name] for name in ("all", "flags")})
    has_level = len(program.registers["all"]) > 3 * bits
    rng = np.random.default_rng(7)
    columns, expected = [], []
    for site in rng.integers(0, n, 200).tolist():
        kind = int(rng.integers(3)) if has_level else 0
        if kind == 0:
            columns.append(site)
            expected.append({site: linear, (site + 1) % n: hop, (site - 1) % n: hop})
        else:  # on level 3, all slots equal or the last one not
            last = (site + kind - 1) % n
            columns.append(site | site << bits | last << 2 * bits | 1 << 3 * bits)
            expected.append({site: cubic if kind == 1 else 0.0})
    rows, labels, values = simulate_columns(program, "all", columns)
    found = [{} for _ in columns]
    for row, label, value in zip(rows.tolist(), labels.tolist(), values.tolist(), strict=True):
        if row < 1 << bits:
            found[label][row] = probe.alpha * value
    for have, want in zip(found, expected, strict=True):
        keys = have.keys() | want.keys()
        assert max(abs(have.get(key, 0.0) - want.get(key, 0.0)) for key in keys) < 1e-12
