"""Lanczos runs and the quadrature on matrices whose spectrum is known, against numpy and scipy."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.linalg import eigsh

from carlemanc.training.hessian.probe_lanczos import lanczos
from carlemanc.training.hessian.quadrature import Quadrature, converged_ends, estimated_spectrum
from carlemanc.training.hessian.spectrum import exact_spectrum
from carlemanc.training.hessian.step_log import FileLog, digest_of


def matrix(eigenvalues: np.ndarray, seed: int = 0) -> np.ndarray:
    """A random symmetric matrix with these eigenvalues."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues),) * 2))
    return (q * eigenvalues) @ q.T


BULK = np.linspace(-0.2, 0.3, 288)
OUTLIERS = np.array([-3.0, -2.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
SPIKED = np.sort(np.concatenate([BULK, OUTLIERS]))


def test_a_full_run_finds_every_eigenvalue() -> None:
    h = matrix(SPIKED)
    start = np.random.default_rng(1).normal(size=(2, 300)).astype(np.float32)
    for run in lanczos(lambda v: v @ h, start, steps=400):
        nodes, weights, _ = run.ritz()
        assert len(nodes) == 300
        assert np.allclose(nodes, SPIKED, atol=1e-5)
        assert np.isclose(weights.sum(), 1.0)
        assert np.abs(run.basis.astype(float) @ run.basis.T - np.eye(300)).max() < 1e-5


def test_a_run_integrates_polynomials_exactly() -> None:
    h, generator = matrix(SPIKED), np.random.default_rng(2)
    v = generator.normal(size=300)
    v /= np.linalg.norm(v)
    run = lanczos(lambda x: x @ h, v[None].astype(np.float32), steps=8)[0]
    nodes, weights, _ = run.ritz()
    for power in range(16):
        exact = v @ np.linalg.matrix_power(h, power) @ v
        assert np.isclose(weights @ nodes**power, exact, rtol=1e-5, atol=1e-6)


def test_residual_estimates_are_residuals() -> None:
    h = matrix(SPIKED)
    start = np.random.default_rng(3).normal(size=(1, 300)).astype(np.float32)
    run = lanczos(lambda v: v @ h, start, steps=30)[0]
    nodes, _, residuals = run.ritz()
    vectors = run.ritz_vectors(np.arange(30)).astype(float)
    true = np.linalg.norm(vectors @ h - nodes[:, None] * vectors, axis=1)
    assert np.allclose(true, residuals, atol=1e-5)
    assert np.all(np.abs(nodes[:, None] - SPIKED).min(axis=1) <= true + 1e-6)


@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 5))
def test_runs_end_where_the_krylov_space_is_invariant(distinct: int, copies: int, seed: int) -> None:
    values = np.repeat(np.arange(1.0, distinct + 1), copies)
    h = matrix(values, seed)
    start = np.random.default_rng(seed).normal(size=(2, len(values))).astype(np.float32)
    for run in lanczos(lambda v: v @ h, start, steps=30):
        nodes, weights, residuals = run.ritz()
        assert len(nodes) <= distinct + 1
        heavy = nodes[weights > 1e-6]
        assert np.allclose(np.sort(heavy), np.unique(values), atol=1e-4)
        assert residuals[weights > 1e-6].max() < 1e-4


def test_deflated_directions_stay_out() -> None:
    h = matrix(SPIKED)
    _, vectors = eigsh(h, k=10, which="LM")
    start = np.random.default_rng(4).normal(size=(1, 300)).astype(np.float32)
    run = lanczos(lambda v: v @ h, start, steps=20, deflated=vectors.T.astype(np.float32))[0]
    assert np.abs(run.basis @ vectors).max() < 1e-5
    assert run.ritz()[0].max() < 2.0 + 1e-4


def test_ends_are_taken_inward_until_one_is_not_converged() -> None:
    nodes = np.array([-3.0, -1.0, 0.0, 1.0, 4.0, 5.0])
    good, bad = 1e-9, 1.0
    assert converged_ends(nodes, np.array([good, bad, bad, good, good, good]), 1e-3, 20) == (1, 3)
    assert converged_ends(nodes, np.array([bad, bad, bad, bad, good, good]), 1e-3, 20) == (0, 2)
    assert converged_ends(nodes, np.full(6, good), 1e-3, 3) == (1, 2)
    assert converged_ends(nodes, np.full(6, good), 1e-3, 20) == (2, 4)
    assert converged_ends(nodes, np.full(6, bad), 1e-3, 20) == (0, 0)


def test_outliers_are_deflated_and_counted_exactly() -> None:
    h = matrix(SPIKED)
    found = estimated_spectrum(
        lambda v: v @ h, 300, Quadrature(probes=4, steps=30, outliers=12, outlier_steps=60)
    )
    assert np.allclose(found.outliers, OUTLIERS, atol=1e-4)
    assert found.complete
    beyond = found.count(lambda values: np.abs(values) > 1)
    assert np.isclose(beyond.value, 12)
    assert beyond.half_width is not None
    assert beyond.half_width < 1e-9
    exact = exact_spectrum(SPIKED, "dense")
    for order in range(1, 5):
        assert np.isclose(found.moment(order).value, exact.moment(order).value, rtol=0.02)


def test_outliers_that_converge_in_all_probes_are_counted_without_a_run_of_their_own() -> None:
    h = matrix(SPIKED)
    found = estimated_spectrum(lambda v: v @ h, 300, Quadrature(probes=3, steps=60, outlier_steps=0))
    assert len(found.outliers) >= 12
    assert np.abs(found.outliers[:, None] - SPIKED[None, :]).min(axis=1).max() < 1e-3
    assert round(found.count(lambda values: np.abs(values) > 1).value) == 12
    exact = exact_spectrum(SPIKED, "dense")
    for order in (2, 3, 4):
        assert np.isclose(found.moment(order).value, exact.moment(order).value, rtol=1e-2)
    assert all(np.isclose(probe.weights.sum(), 1) for probe in found.probes)
    raw = estimated_spectrum(
        lambda v: v @ h, 300, Quadrature(probes=3, steps=60, outlier_steps=0, outliers=0)
    )
    assert len(raw.outliers) == 0
    assert raw.moment(4).half_width > 10 * found.moment(4).half_width  # type: ignore[operator]


def test_a_missed_copy_is_noticed() -> None:
    """One start vector sees a double eigenvalue once; the probes see the other copy."""
    h = matrix(np.concatenate([np.linspace(0, 1, 98), [5.0, 5.0]]))
    found = estimated_spectrum(
        lambda v: v @ h, 100, Quadrature(probes=2, steps=15, outliers=1, outlier_steps=25)
    )
    assert len(found.outliers) == 1
    assert found.complete
    more = estimated_spectrum(
        lambda v: v @ h, 100, Quadrature(probes=2, steps=15, outliers=4, outlier_steps=40)
    )
    assert more.count(lambda values: values > 4).value == pytest.approx(2, abs=0.5)


def test_error_bars_cover_the_truth() -> None:
    """Of Student's 95 % intervals over many seeds about 95 % hold the exact moment."""
    h = matrix(SPIKED[10:-10])
    n = len(h)
    exact = exact_spectrum(SPIKED[10:-10], "dense")
    hits = []
    for seed in range(60):
        found = estimated_spectrum(
            lambda v: v @ h, n, Quadrature(probes=4, steps=12, outlier_steps=0, seed=seed)
        )
        for order in (1, 2, 3):
            guess = found.moment(order)
            assert guess.half_width is not None
            hits.append(abs(guess.value - exact.moment(order).value) <= guess.half_width)
    assert 0.88 <= np.mean(hits) <= 0.995


def test_one_probe_has_no_error_bar() -> None:
    h = matrix(SPIKED)
    found = estimated_spectrum(lambda v: v @ h, 300, Quadrature(probes=1, steps=10, outlier_steps=0))
    assert found.moment(2).half_width is None
    assert "?" in str(found.moment(2))
    assert found.density(found.grid(), 0.1)[1] is None


def test_density_integrates_to_one_and_has_the_mean() -> None:
    spectrum = exact_spectrum(SPIKED, "dense")
    grid = np.linspace(-6, 12, 4000)
    density, band = spectrum.density(grid, 0.2)
    step = grid[1] - grid[0]
    assert np.isclose(density.sum() * step, 1.0, atol=1e-6)
    assert np.isclose((grid * density).sum() * step, SPIKED.mean(), atol=1e-6)
    assert band is not None
    assert not band.any()


def test_a_run_goes_on_from_its_steps_with_the_same_bits(tmp_path: Path) -> None:
    h = matrix(SPIKED).astype(np.float32)
    start = np.random.default_rng(5).normal(size=(2, 300)).astype(np.float32)
    whole = lanczos(lambda v: v @ h, start, steps=20)

    class Killed(Exception):
        pass

    calls = iter(range(9))

    def dies(v: np.ndarray) -> np.ndarray:
        if next(calls, None) is None:
            raise Killed
        return v @ h

    with pytest.raises(Killed):
        lanczos(dies, start, steps=20, log=FileLog(tmp_path, "a" * 64))
    log = FileLog(tmp_path, "a" * 64)
    resumed = lanczos(lambda v: v @ h, start, steps=20, log=log)
    assert log.resumed == 9
    for one, two in zip(whole, resumed, strict=True):
        assert np.array_equal(one.alpha, two.alpha)
        assert np.array_equal(one.beta, two.beta)
        assert np.array_equal(one.basis, two.basis)
    log.remove()
    assert FileLog(tmp_path, "a" * 64).read(0) is None


def test_a_damaged_step_is_set_aside_and_what_follows_is_computed_again(tmp_path: Path) -> None:
    h = matrix(SPIKED).astype(np.float32)
    start = np.random.default_rng(5).normal(size=(2, 300)).astype(np.float32)
    whole = lanczos(lambda v: v @ h, start, steps=20, log=FileLog(tmp_path, "a" * 64))
    file = tmp_path / ".lanczos" / ("a" * 24) / "step-00007.npz"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    log = FileLog(tmp_path, "a" * 64)
    with pytest.warns(UserWarning, match=r"step-00007\.npz is damaged and is set aside"):
        again = lanczos(lambda v: v @ h, start, steps=20, log=log)
    assert (log.resumed, log.written) == (7, 13)
    assert file.with_name("step-00007.npz.damaged").read_bytes() == content
    for one, two in zip(whole, again, strict=True):
        assert np.array_equal(one.alpha, two.alpha)
        assert np.array_equal(one.basis, two.basis)


def test_digests_tell_inputs_apart() -> None:
    base = {"seed": 0, "mask": np.array([True, False]), "name": "probes", "parts": [np.zeros(2)]}
    changed = [
        base | {"seed": 1},
        base | {"mask": np.array([False, True])},
        base | {"parts": [np.zeros(2, dtype=np.float32)]},
        base | {"parts": [np.zeros((1, 2))]},
        base | {"parts": [np.zeros(2), np.zeros(0)]},
    ]
    digests = {digest_of(item) for item in [base, *changed]}
    assert len(digests) == 6
    assert digest_of(dict(reversed(base.items()))) == digest_of(base)
