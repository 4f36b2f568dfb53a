"""Lattices of 2^27 and 2^26 sites end to end: derive and analyze, their memory, and what refuses politely."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carlemanc import analyze, derive
from carlemanc.carleman.certificate import sequence_error
from carlemanc.carleman.majorant import sequence_majorant
from carlemanc.carleman.map_norms import maximum_norms
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.weights import NormalWeights, Weights
from carlemanc.spec import ModelSpec
from tests.commands.lifting import lifted
from tests.one_map import certify

HUGE = 2**27
MEGABYTES = 300

GRID: dict[str, Any] = {
    "name": "phi4",
    "loss": {
        "expression": "Sum(theta[i, j]**2/2 + lam*theta[i, j]**4/4"
        " - J*theta[i, j]*(theta[i+1, j] + theta[i, j+1]), (i, 0, n1-1), (j, 0, n2-1))",
        "boundary": "open",
        "parameters": {"lam": 0.3, "J": 0.2},
    },
    "model": {"dims": [8192, 8192]},
    "training": {"learning_rate": 0.1, "steps": 10, "initial": {"sparse": {"0": 0.4, "33558528": 0.3}}},
    "carleman": {"order": 3},
}


def grid(**changes: dict[str, Any]) -> ModelSpec:
    return ModelSpec.from_dict({key: {**value, **changes.get(key, {})} if isinstance(value, dict) else value
                                for key, value in GRID.items()})  # fmt: skip


def test_the_ring_at_any_size_is_the_ring_of_four() -> None:
    small, large = (derive("quartic-ring", overrides=[f"model.n={n}"]).to_json() for n in (4, HUGE))
    assert large["stencils"] == small["stencils"]
    assert large["stencils"] == {"1": [[-0.1, [0]], [0.04, [-1]], [0.04, [1]]], "3": [[-0.03, [0, 0, 0]]]}
    assert (large["n"], large["degree"], large["dims"]) == (HUGE, 3, [HUGE])
    assert large["center"] == {"constant": 0.0, "sparse": {}}
    assert "F" not in large
    listed = {
        (degree, row, tuple(sorted((row + step) % 4 for step in offsets)), value)
        for degree, stencils in large["stencils"].items()
        for value, offsets in stencils
        for row in range(4)
    }
    assert listed == {
        (d, row, tuple(cols), v) for d, entries in small["F"].items() for row, cols, v in entries
    }


def test_the_formulas_of_a_large_lattice() -> None:
    found = derive("quartic-ring", overrides=[f"model.n={HUGE}"])
    assert "u_i <- u_i - 1/10 u_i + 1/25 u_{i-1} + 1/25 u_{i+1} - 3/100 u_i^3" in found.to_text()
    assert r"u_{i}(t+1) &= u_{i} - \tfrac{1}{10}\,u_{i}" in found.to_latex()
    two = derive(grid())
    assert "u_(i,j) <- u_(i,j) - 1/10 u_(i,j) + 1/50 u_(i-1,j)" in two.to_text()
    assert two.to_json()["stencils"]["3"] == [[-0.03, [[0, 0]] * 3]]
    free = derive("quartic-ring", overrides=["loss.expression=Sum((theta[i]-theta[i+1])**2,(i,0,n-2))",
                                             "loss.parameters={}", f"model.n={HUGE}"])  # fmt: skip
    assert f"add to u_i: - 2/5 u_i   (where 1 <= i <= {HUGE - 2})" in free.to_text()
    assert [-0.4, [0], {"rows": [[1, HUGE - 2]]}] in free.to_json()["stencils"]["1"]


def test_the_analysis_does_not_depend_on_the_size() -> None:
    found = [analyze("quartic-ring", overrides=[f"model.n={n}"]) for n in (64, 2048, HUGE)]
    first = found[0]
    for other in found[1:]:
        assert other.regime.name == first.regime.name == "fully dissipative"
        assert other.regime.mu == pytest.approx(first.regime.mu, rel=1e-10)
        assert pytest.approx(first.regime.R, rel=1e-10) == other.regime.R
        assert other.gamma == first.gamma
        assert other.bound.value == pytest.approx(first.bound.value, rel=1e-6)
        assert other.truncation_bound == pytest.approx(first.truncation_bound, rel=1e-6)
        assert other.outlook.smallest_order == first.outlook.smallest_order == 3
        assert (other.classical.name, other.classical.flops) == ("support", 10 * other.steps**2)
        assert other.classical.flops == first.classical.flops
    document = json.loads(json.dumps(found[-1].to_json()))
    assert document["truncation_error"] == {}
    assert document["readout"]["probability"] == pytest.approx(first.outlook.probability, rel=1e-10)
    assert "F_0 = 0 about this center" in document["readout"]["note"]


def test_an_open_grid_of_67_million_sites() -> None:
    small = analyze(grid(model={"dims": [12, 9]}, training={"initial": {"sparse": {"0": 0.4, "58": 0.3}}}))
    large = analyze(grid())
    assert (large.n, large.degree) == (2**26, 3)
    assert large.regime.mu == pytest.approx(0.1 * (1 - 4 * 0.2), rel=1e-10)
    assert large.regime.mu <= small.regime.mu  # an open lattice contracts more than the endless one
    for order, error in small.truncation_error.items():
        assert error <= small.truncation_bound[order]
        assert large.truncation_bound[order] >= error


@pytest.mark.parametrize("command", ["derive", "analyze"])
@pytest.mark.parametrize("source", ["ring", "grid"])
def test_memory_stays_small(command: str, source: str, tmp_path: Path) -> None:
    """A fresh process: less than 300 MB at its peak for 2^27 sites, imports included."""
    if not Path("/proc/self/status").is_file():
        pytest.skip("the peak of a process is read from /proc")  # ru_maxrss would count the parent's memory
    spec: Any = "quartic-ring"
    overrides = [f"model.n={HUGE}"]
    if source == "grid":
        spec, overrides = GRID, []
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "import carlemanc\n"
        "command, spec, overrides = json.loads(sys.argv[1])\n"
        "result = getattr(carlemanc, command)(spec, overrides=overrides)\n"
        "result.to_json(), result.to_text()\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])\n"
    )
    arguments = json.dumps([command, spec, overrides])
    done = subprocess.run(
        [sys.executable, "-c", script, arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) / 1024 < MEGABYTES


def theory_ring(n: int) -> Any:
    """THEORY 13.A: J = 0.2, lambda = 1, eta = 0.1."""
    text = "Sum(theta[i]**2/2 + theta[i]**4/4 - J*theta[i]*theta[i+1], (i, 0, n-1))"
    return derive_map(
        parse_expression(text), n=n, learning_rate=0.1, center=Weights.constant(n), parameters={"J": 0.2}
    )


@pytest.mark.parametrize("n", [3, 4, 8, 1500, HUGE])
def test_the_max_norm_certificate_of_the_theory_for_every_n(n: int) -> None:
    norms = maximum_norms(theory_ring(n))
    sizes = sequence_majorant([norms.steps] * 60, 0.5)
    for order, expected in ((1, 5.61e-2), (3, 1.42e-2), (5, 4.31e-3)):
        errors = [sequence_error([norms], (0,) * t, sizes[: t + 1], order) for t in range(1, 61)]
        assert max(errors) == pytest.approx(expected, rel=5e-3)


def test_certificates_of_a_sparse_start_hold_and_do_not_grow_with_n() -> None:
    """The true error on a ring that T steps do not go around is that of any larger ring."""
    start = {0: 0.3, 1: -0.2, 7: 0.1}
    errors, bounds = {}, {}
    for n in (40, HUGE):
        ring = theory_ring(n)
        point = Weights.sparse(n, start)
        for a_posteriori in (False, True):
            bounds[n, a_posteriori] = certify(
                ring, u_in=point, steps=5, orders=(1, 3), a_posteriori=a_posteriori
            ).bounds
        if n == 40:
            exact = ring.iterate(point.as_array(), 5)[-1]
            linear = np.linalg.matrix_power(ring.G1().to_sparse().toarray(), 5) @ point.as_array()
            errors[1] = float(np.linalg.norm(exact - linear))
    for kind in (False, True):
        assert bounds[HUGE, kind] == pytest.approx(bounds[40, kind], rel=1e-6)
        assert errors[1] <= bounds[HUGE, kind][1]


def test_sparse_trajectories_are_gradient_descent() -> None:
    stages = lifted(grid(training={"initial": {"sparse": {"5": 0.4, "8191": -0.3, "67108863": 0.2}}}))
    point = stages.displacement
    assert isinstance(point, Weights)
    for _ in range(6):
        after = stages.map.step_sparse(point)
        assert after is not None
        point = after
    theta = np.zeros((40, 40))  # the corner sites meet nobody within six steps
    theta[0, 5] = 0.4
    for _ in range(6):
        padded = np.pad(theta, 1)
        near = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
        theta = theta - 0.1 * (theta + 0.3 * theta**3 - 0.2 * near)
    rows, columns = np.divmod(point.sites, 8192)
    here = (rows < 40) & (columns < 40)
    assert point.values[here] == pytest.approx(theta[rows[here], columns[here]], rel=1e-13, abs=1e-17)
    assert np.count_nonzero(theta) == np.count_nonzero(point.values[here])


def test_normal_starts_of_any_size() -> None:
    small = NormalWeights(n=3_000_000, deviation=0.2, seed=5)
    drawn = np.random.default_rng(5).normal(0, 0.2, 3_000_000)
    assert small.norm("2") == pytest.approx(np.linalg.norm(drawn), rel=1e-12)
    assert small.norm("inf") == np.abs(drawn).max()
    with pytest.warns(UserWarning, match="norm dilemma"):
        found = analyze(
            "quartic-ring", overrides=["model.n=20000000", "training.initial={normal=0.1, seed=3}"]
        )
    assert (found.regime.name, found.regime.norm) == ("fully dissipative", "inf")
    assert found.outlook.smallest_order is None
    assert "too many weights" in found.outlook.note
    assert np.isfinite(found.truncation_bound[3])


def test_centers_of_a_large_lattice() -> None:
    overrides = [f"model.n={HUGE}", 'training.center="initial"']
    document = derive("quartic-ring", overrides=overrides).to_json()
    assert document["center"] == {"constant": 0.0, "sparse": {"0": 0.4}}
    assert document["entries"]["2"] == [[0, [0, 0], pytest.approx(-0.036)]]
    assert document["entry_count"] == 5
    found = analyze("quartic-ring", overrides=overrides)
    assert found.outlook.drives
    assert found.truncation_bound[3] < 1e-5


def test_coefficients_from_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    n = 5000
    couplings, fields = rng.uniform(0, 0.3, n), rng.normal(size=n) / 10
    np.save(tmp_path / "J.npy", couplings)
    np.save(tmp_path / "h.npy", fields)
    (tmp_path / "spec.toml").write_text(
        '[loss]\nexpression = "Sum(theta[i]**2/2 - J[i]*theta[i]*theta[i+1] - h[i]*theta[i], (i, 0, n-1))"\n'
        f'parameters = {{ J = "J.npy", h = "h.npy" }}\n[model]\nn = {n}\n'
        '[training]\nlearning_rate = 0.1\nsteps = 5\ninitial = { sparse = { "0" = 0.4 } }\n'
    )
    stages = lifted(tmp_path / "spec.toml")
    theta = np.zeros(n)
    theta[0] = 0.4
    for _ in range(5):
        near = couplings * np.roll(theta, -1) + np.roll(couplings * theta, 1)
        theta = theta - 0.1 * (theta - near - fields)
    assert stages.classical() == pytest.approx(theta, rel=1e-12, abs=1e-15)
    document = derive(tmp_path / "spec.toml").to_json()
    assert document["stencils"]["0"] == [[None, []]]
    assert analyze(tmp_path / "spec.toml").regime.name == "fully dissipative"


def test_what_needs_every_entry_says_what_works_instead() -> None:
    stages = lifted("quartic-ring", [f"model.n={HUGE}"])
    with pytest.raises(TooLarge, match="`derive` and `analyze` work"):
        stages.map.G1()
    with pytest.raises(TooLarge, match="`derive` and `analyze` work"):
        stages.classical()
    with pytest.raises(TooLarge, match="`derive` and `analyze` work"):
        stages.systems[0].step_tensors[3]
    with pytest.raises(TooLarge, match="do not form it"):
        stages.systems[0].to_sparse()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"n": 5}}, "model.dims alone"),
        ({"model": {"dims": []}}, "one to three integers"),
        ({"model": {"dims": [2, 2, 2, 2]}}, "one to three integers"),
        ({"model": {"dims": [4]}}, "theta with 2 indices"),
        ({"model": {"dims": [4, 4, 4]}}, "theta with 2 indices"),
        ({"model": {"dims": [2, 2]}}, "33558528"),
        ({"loss": {"expression": "Sum(theta[i, j]*n3, (i, 0, n1-1), (j, 0, n2-1))"}}, "n3"),
        ({"training": {"initial": [0.5]}}, "as many as model.dims"),
    ],
)
def test_specs_of_grids_that_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        lifted(grid(**changes)).map  # noqa: B018
    assert message in str(caught.value)


DENSE = ["training.learning_rate=0.05", "training.initial={ normal = 0.1, seed = 7 }"]


@pytest.mark.parametrize("name", ["quartic-ring", "phi4-lattice", "double-well-chain"])
def test_kappa_from_a_dense_start_does_not_grow_with_the_lattice(name: str) -> None:
    """||u|| grows like sqrt(n), the weights do not: the bound settles, and with it gamma."""
    sizes = [
        "model.dims=[{0},{0}]".format(2**k) if name == "phi4-lattice" else f"model.n={4**k}"
        for k in (6, 8, 9)
    ]
    found = [lifted(name, [*DENSE, "training.steps=50", size]) for size in sizes]
    norms = [np.linalg.norm(item.u_in) for item in found]
    assert norms[-1] > 7 * norms[0]
    kappas = [item.bound.value for item in found]
    assert max(kappas) <= 1.3 * kappas[1]
    assert found[-1].gamma < 0.3 * norms[-1]


def test_a_dense_start_of_a_million_sites_is_run_to_the_end() -> None:
    """By hand with numpy: u_i <- u_i - eta (u_i - J (u_{i-1} + u_{i+1}) + lam u_i^3)."""
    stages = lifted("quartic-ring", [*DENSE, "model.n=1000000", "training.steps=20"])
    assert stages.is_run_to_the_end
    u = np.random.default_rng(7).normal(0.0, 0.1, 1000000)
    for _ in range(20):
        u = u - 0.05 * (u - 0.4 * (np.roll(u, 1) + np.roll(u, -1)) + 0.3 * u**3)
    assert sizes_along(stages.sequence, stages.displacement)[-1] == pytest.approx(
        np.linalg.norm(u), rel=1e-12
    )
    found = analyze("quartic-ring", overrides=[*DENSE, "model.n=1000000", "training.steps=20"])
    assert found.outlook.decay == pytest.approx(np.linalg.norm(u) / np.linalg.norm(stages.u_in), rel=1e-12)
    assert found.bound.value < 500


@pytest.mark.parametrize("seed", range(12))
def test_bounds_of_small_lattices_from_dense_starts_hold(seed: int) -> None:
    """gamma below the start, one to three dimensions, both boundaries: the bound against a dense SVD."""
    rng = np.random.default_rng(seed)
    dims = [[8], [2, 3], [2, 2, 2]][seed % 3]
    names = ["i", "j", "k"][: len(dims)]
    here, moved = ",".join(names), ",".join([f"{names[0]}+1", *names[1:]])
    ranges = ",".join(f"({name},0,{size - 1})" for name, size in zip(names, dims, strict=True))
    lam, coupling = rng.uniform(0.2, 1.0), rng.uniform(0.0, 0.45)
    deviation = float(rng.uniform(0.5, 1.5))
    size = np.linalg.norm(np.random.default_rng(seed).normal(0.0, deviation, int(np.prod(dims))))
    stages = lifted(
        {
            "name": "small",
            "loss": {
                "expression": f"Sum(theta[{here}]**2/2 + {lam}*theta[{here}]**4/4 "
                f"- {coupling}*theta[{here}]*theta[{moved}], {ranges})",
                "boundary": ["periodic", "open"][seed // 3 % 2],
            },
            "model": {"dims": dims} if len(dims) > 1 else {"n": dims[0]},
            "training": {
                "learning_rate": 0.1,
                "steps": 2,
                "initial": {"normal": deviation, "seed": seed},
            },
            "carleman": {"order": 3, "rescaling": float(rng.uniform(0.2, 1.0) * size)},
        }
    )
    values = np.linalg.svd(stages.history.packed_matrix().toarray(), compute_uv=False)
    assert stages.gamma < np.linalg.norm(stages.u_in) * (1 + 1e-12)
    assert values[0] <= stages.bound.norm * (1 + 1e-12)
    assert 1 / values[-1] <= stages.bound.inverse_norm * (1 + 1e-9)
