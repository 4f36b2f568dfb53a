"""Runs of gradient descent on a lattice: a longer run goes on from a shorter one, whatever the order asked for."""

import numpy as np
import pytest

from carlemanc.carleman import lattice_run as runs
from carlemanc.carleman.map_norms import maximum_norms, symmetrized_norms
from carlemanc.sources.systems import lifted_of
from carlemanc.spec import ModelSpec
from tests.fixed import fixed

HUGE = 1 << 24


def run(steps, sparse='{ "0" = 0.4 }', name="quartic-ring"):
    overrides = [f"model.n={HUGE}", f"training.steps={steps}", f"training.initial={{ sparse = {sparse} }}"]
    lifted = lifted_of(fixed(name, overrides))
    return runs.lattice_run(lifted.sequence, lifted.displacement)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """A walk that a small limit ended is no walk of other tests."""
    runs._walks.clear()
    yield
    runs._walks.clear()


@pytest.mark.parametrize("work", [runs.WORK, 2000])
def test_shared_steps_change_nothing(monkeypatch, work):
    monkeypatch.setattr(runs, "WORK", work)
    fresh = {}
    for steps in (3, 9, 6):
        runs._walks.clear()
        fresh[steps] = run(steps)
    runs._walks.clear()
    for steps in (3, 9, 6, 9):
        found = run(steps)
        assert found.steps_run == fresh[steps].steps_run
        for kind in ("2", "inf"):
            np.testing.assert_array_equal(found.sizes[kind], fresh[steps].sizes[kind])
    assert len(runs._walks) == 1
    assert (fresh[9].steps_run < 9) == (work == 2000)


def test_other_starts_are_other_walks():
    runs._walks.clear()
    first, second = run(4), run(4, '{ "0" = 0.3 }')
    assert first.sizes["2"][0] != second.sizes["2"][0]
    assert len(runs._walks) == 2


def random_lattice(seed):
    """A random polynomial loss on a grid of one to three dimensions, both boundaries, a dense random start."""
    rng = np.random.default_rng(seed)
    dims = [[1500], [40, 41], [11, 12, 13]][seed % 3]
    names = ["i", "j", "k"][: len(dims)]
    here = ",".join(names)
    terms = [
        f"{rng.uniform(-0.2, 1):.3f}*theta[{here}]**2/2",
        f"{rng.uniform(-0.3, 0.5):.3f}*theta[{here}]**4/4",
    ]
    for axis, name in enumerate(names):
        moved = ",".join(f"{other}+1" if other == name else other for other in names)
        terms.append(f"{rng.uniform(-0.3, 0.3):.3f}*theta[{here}]*theta[{moved}]")
        if axis == 0:
            terms.append(f"{rng.uniform(-0.2, 0.2):.3f}*theta[{here}]**2*theta[{moved}]")
    if seed % 2:
        terms.append(f"{rng.uniform(-0.1, 0.1):.3f}*theta[{here}]")
    ranges = ",".join(f"({name},0,{size - 1})" for name, size in zip(names, dims, strict=True))
    return ModelSpec.from_dict(
        {
            "name": "random",
            "loss": {
                "expression": f"Sum({' + '.join(terms)}, {ranges})".replace("+ -", "- "),
                "boundary": ["periodic", "open"][seed // 3 % 2],
            },
            "model": {"dims": dims} if len(dims) > 1 else {"n": dims[0]},
            "training": {
                "learning_rate": 0.1,
                "steps": 12,
                "initial": {"normal": float(rng.uniform(0.02, 0.3)), "seed": seed},
            },
            "carleman": {"order": 3},
        }
    )


@pytest.mark.parametrize("seed", range(24))
def test_what_is_not_run_is_bounded(monkeypatch, seed):
    """Where the run stops, both norms go on as bounds that gradient descent itself never passes."""
    lifted = lifted_of(fixed(random_lattice(seed)))
    assert not lifted.map.is_listed
    whole = runs.lattice_run.__wrapped__(lifted.sequence, lifted.displacement)
    assert whole.steps_run == 12
    path = lifted.sequence.iterate(lifted.u_in)
    np.testing.assert_allclose(whole.sizes["2"], np.linalg.norm(path, axis=1), rtol=1e-12)
    np.testing.assert_allclose(whole.sizes["inf"], np.abs(path).max(axis=1), rtol=1e-12)
    for taken in (0, 4):
        monkeypatch.setattr(runs, "DENSE_WORK", taken * lifted.map.flops_per_step)
        found = runs.lattice_run.__wrapped__(lifted.sequence, lifted.displacement)
        assert found.steps_run == taken
        for kind, rest in found.sizes.items():
            assert np.all(whole.sizes[kind] <= rest * (1 + 1e-13))
            np.testing.assert_array_equal(rest[: taken + 1], whole.sizes[kind][: taken + 1])


@pytest.mark.parametrize("seed", range(12))
def test_a_slot_norm_bounds_every_contraction(seed):
    lifted, rng = lifted_of(fixed(random_lattice(seed))), np.random.default_rng(seed)
    for operator in (*lifted.map.operators.values(), *lifted.map.tensors.values()):
        if operator.degree < 2:
            continue
        for _ in range(5):
            first = rng.normal(size=lifted.n) * (rng.random(lifted.n) < 10 ** rng.uniform(-3, 0))
            others = [
                rng.uniform(-1, 1, size=lifted.n).round(int(rng.integers(0, 2)))
                for _ in range(operator.degree)
            ]
            found = np.linalg.norm(operator.contract([first, *others[1:]]))
            assert (
                found
                <= operator.slot_norm * np.linalg.norm(first) * np.prod([np.abs(x).max() for x in others[1:]])
                + 1e-300
            )
    largest = lifted.map.operators[3].slot_norm
    assert lifted.map.tensors[3].slot_norm <= largest * (1 + 1e-12)


def test_a_long_dense_start_stays_small_everywhere():
    """The 2-norm of 2^26 small weights is 800: by that alone the cubic term would blow up within two steps."""
    overrides = ["model.n=67108864", "training.steps=200", "training.initial={ normal = 0.1, seed = 7 }"]
    lifted = lifted_of(fixed("quartic-ring", overrides))
    found = runs.lattice_run(lifted.sequence, lifted.displacement)
    assert found.steps_run == 0
    assert np.all(np.diff(found.sizes["inf"]) <= 0)
    assert found.sizes["2"].max() == found.sizes["2"][0] == pytest.approx(0.1 * 2**13, rel=1e-3)
    norms, sup = symmetrized_norms(lifted.map).steps, maximum_norms(lifted.map).steps
    assert norms[1] + norms[3] * found.sizes["2"][0] ** 2 > 1e3
    assert sup[1] + sup[3] * found.sizes["inf"][0] ** 2 < 1


def test_the_end_of_a_run_is_there_after_a_longer_one():
    """A walk is shared by content: what it has gone past is walked again."""

    def end(steps):
        overrides = [
            f"model.n={HUGE}",
            f"training.steps={steps}",
            'training.initial={ sparse = { "0" = 0.4 } }',
        ]
        lifted = lifted_of(fixed("quartic-ring", overrides))
        return runs.end_point(lifted.sequence, lifted.displacement)

    first = end(6)
    run(40)
    again = end(6)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.sites, again.sites)
    np.testing.assert_array_equal(first.values, again.values)
