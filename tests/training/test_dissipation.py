"""The dissipation report: of specs without PyTorch, of models, on the command line, cut off and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.polynomial_map import written_out
from carlemanc.sources.systems import lifted_of
from carlemanc.training.dissipation import ModelOptions, dissipation
from carlemanc.training.hessian.quadrature import Quadrature
from tests.fixed import fixed

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "spec", ["quartic-ring", "phi4-lattice", "double-well-chain", "quartic-ridge-diabetes", "iris-square-net"]
)
def test_the_hessian_of_a_spec_is_that_of_its_map(spec: str) -> None:
    found = carlemanc.dissipation(spec)
    lifted = lifted_of(fixed(spec))
    linear = written_out(lifted.map.operators[1]).to_sparse().toarray()
    values = np.linalg.eigvalsh(-linear / lifted.map.learning_rate)
    assert np.allclose(found.spectrum.outliers, values, atol=1e-9 * max(1, np.abs(values).max()))
    assert found.spectrum.is_exact
    by_sign = found.counts[0]
    assert by_sign.divergent.value == pytest.approx((values < 0).sum(), abs=1e-6)
    assert found.compiler is not None
    assert found.compiler.regime == lifted.regime.name


def test_a_ring_of_any_size_has_its_symbol() -> None:
    found = dissipation("quartic-ring", overrides=["model.n=65536"])
    values = 1 - 0.8 * np.cos(2 * np.pi * np.arange(65536) / 65536)
    assert np.allclose(found.spectrum.outliers, np.sort(values), atol=1e-12)
    with pytest.raises(TooLarge, match="same density"):
        dissipation("quartic-ring", overrides=["model.n=134217728"])


def test_batches_have_the_mean_hessian() -> None:
    found = dissipation("sgd-diabetes")
    lifted = lifted_of(fixed("sgd-diabetes"))
    sizes = np.array([stop - start for start, stop in lifted.training.rows], dtype=float)
    total = sum(
        size * item.operators[1].to_sparse().toarray()
        for size, item in zip(sizes / sizes.sum(), lifted.training.batches, strict=True)
    )
    eta = lifted.training.batches[0].learning_rate
    assert np.allclose(found.spectrum.outliers, np.linalg.eigvalsh(-total / eta), atol=1e-9)


def test_a_map_that_is_no_gradient_has_no_hessian(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "m.npz",
        F1_rows=np.array([0, 1]),
        F1_cols=np.array([[1], [0]]),
        F1_vals=np.array([1.0, -1.0]),
    )
    (tmp_path / "m.toml").write_text(
        '[map]\nfile = "m.npz"\n[model]\nn = 2\n[training]\nsteps = 1\ninitial = [0.1, 0.1]\n[carleman]\norder = 1\n'
    )
    with pytest.raises(InputError, match="not symmetric"):
        dissipation(str(tmp_path / "m.toml"))


def test_certified_steps_are_the_last_before_the_regime_is_divergent() -> None:
    found = dissipation("double-well-chain")
    assert found.compiler is not None
    last = found.compiler.certified_steps
    assert last is not None
    assert lifted_of(fixed("double-well-chain", [f"training.steps={last}"])).regime.name != "divergent"
    assert lifted_of(fixed("double-well-chain", [f"training.steps={last + 1}"])).regime.name == "divergent"
    assert dissipation("quartic-ring").compiler.certified_steps is None  # type: ignore[union-attr]


def test_both_units_and_the_discrete_condition() -> None:
    found = dissipation("quartic-ring", learning_rate=1.2, steps=7)
    by = {(item.unit, item.threshold): item for item in found.counts}
    h = 1 - 0.8 * np.cos(np.pi * np.arange(4) / 2)
    assert by["hessian", 0.4].dissipative.value == (h > 0.4).sum()
    assert by["learning rate", 0.4].dissipative.value == (1.2 * h > 0.4).sum()
    assert found.gains.unstable.value == (1.2 * h >= 2).sum()
    assert found.gains.shrinking.value == ((h > 0) & (1.2 * h < 2)).sum()
    assert found.gains.largest == pytest.approx(np.abs(1 - 1.2 * h).max())
    assert set(found.proxies) == {"literal", "learning rate"}
    assert found.proxies["learning rate"].eta_s == 1.2
    assert "eta_s = 1)" in found.to_text()


def test_steps_within_e_follow_from_the_largest_gain() -> None:
    found = dissipation("double-well-chain", order=3, learning_rate=0.01)
    steps = found.gains.steps_within(3)
    assert steps is not None
    assert found.gains.largest ** (3 * steps) <= np.e < found.gains.largest ** (3 * (steps + 1))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["quartic-ring", "--learning-rate", "-1"], "--learning-rate"),
        (["quartic-ring", "--steps", "0"], "--steps"),
        (["quartic-ring", "--threshold", "-1"], "--threshold"),
        (["quartic-ring", "--window", "1", "0.4"], "window"),
        (["quartic-ring", "--eta-s", "0"], "eta_s"),
        (["no-such-spec"], "no-such-spec"),
    ],
)
def test_bad_options_are_one_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dissipation", *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_files_of_a_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dissipation", "quartic-ring", "--json", "-o", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((tmp_path / "out/spectrum.json").read_text())
    assert document["error_proxy"]["literal"]["E"][0] == 1
    first = (tmp_path / "out/density.svg").read_bytes()
    assert b"<svg" in first
    with np.load(tmp_path / "out/spectrum.npz") as arrays:
        assert np.isclose(arrays["weights"].sum(), 1)
        assert np.allclose(np.sort(arrays["nodes"]), [0.2, 1.0, 1.0, 1.8])
    assert main(["dissipation", "quartic-ring", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out/density.svg").read_bytes() == first


def test_without_torch_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["dissipation", "user_models:net"]) == 2
    assert 'pip install "carlemanc[torch]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["user_models:vector_loss"], "a real scalar"),
        (["user_models:nan_loss"], "a loss of nan"),
        (["user_models:only_a_model"], "(model, loss, batches)"),
        (["user_models:net", "--mask", "short.npy"], "43 values"),
        (["user_models:net", "--sparsity", "0"], "--sparsity"),
        (["user_models:net", "--set", "hidden"], "KEY=VALUE"),
        (["user_models:net", "--set", "unknown=1"], "unexpected keyword argument"),
    ],
)
def test_models_that_cannot_be_used_are_one_message(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("torch")
    (tmp_path / "user_models.py").write_text((HERE / "user_models.py").read_text())
    np.save(tmp_path / "short.npy", np.ones(7))
    monkeypatch.chdir(tmp_path)
    assert main(["dissipation", *words, "-o", "out"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert shown.err.count("found:") == 1
    assert "Traceback" not in shown.err
    assert not (tmp_path / "out").exists()


def test_a_model_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    (tmp_path / "user_models.py").write_text((HERE / "user_models.py").read_text())
    monkeypatch.chdir(tmp_path)
    assert main(["dissipation", "user_models:quadratic", "--learning-rate", "0.7", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert np.allclose(document["spectrum"]["deflated"], [-0.6, 0.05, 0.5, 1.0, 3.0], atol=1e-6)
    assert document["gains"]["modes_with_eta_h_ge_2"]["value"] == pytest.approx(1)
    proxy = document["error_proxy"]["literal"]["E"]
    assert np.allclose(proxy[:4], [(0.0**t + 0.5**t + 1.6**t) / 3 for t in range(4)], atol=1e-5)


@pytest.mark.slow
def test_digits_against_the_exact_spectrum() -> None:
    """1,446 parameters: outliers deflated and counted exactly, moments, extremes and error bars."""
    pytest.importorskip("torch")
    source = "carlemanc.training.presets:digits"
    arguments = ["train_steps=300", "samples=200"]
    exact = dissipation(source, overrides=arguments, options=ModelOptions(method="dense", threads=1)).spectrum
    found = dissipation(
        source,
        overrides=arguments,
        quadrature=Quadrature(probes=4, steps=60),
        options=ModelOptions(method="lanczos", threads=1),
    ).spectrum
    norm = exact.norm
    deflated = found.outliers
    assert len(deflated) >= 10
    assert found.complete
    assert np.abs(deflated - exact.outliers[-len(deflated) :]).max() < 1e-3 * norm
    edge = deflated.min() - 1e-4 * norm
    count = found.count(lambda h: h > edge)
    assert round(count.value) == (exact.outliers > edge).sum()
    for end in (-1, 1):
        assert abs(found.extreme(end)[0] - exact.extreme(end)[0]) < 1e-3 * norm
    errors = []
    for order in range(1, 5):
        guess, true = found.moment(order), exact.moment(order).value
        errors.append(abs(guess.value / true - 1))
        assert guess.half_width is not None
        assert abs(guess.value - true) <= guess.half_width
    assert np.mean(errors) < 0.02
    grid = exact.grid(60)
    width = 0.02 * norm
    density, band = found.density(grid, width)
    truth, _ = exact.density(grid, width)
    assert band is not None
    inside = np.abs(density - truth) <= band + 1e-3 * truth.max()
    assert inside.mean() >= 0.9


@pytest.mark.slow
def test_a_killed_command_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    words = [
        *("carlemanc.training.presets:digits", "--set", "train_steps=5", "--set", "samples=300"),
        *("--method", "lanczos", "--probes", "2", "--lanczos-steps", "25", "--outlier-steps", "15"),
        *("--threads", "1", "--json"),
    ]

    def command(place: Path) -> list[str]:
        return [sys.executable, "-m", "carlemanc", "dissipation", *words, "-o", str(place)]

    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command(tmp_path / "cut"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(3000):
        if len(list(tmp_path.glob("cut/.lanczos/*/step-*.npz"))) > 20 or process.poll() is not None:
            break
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = len(list(tmp_path.glob("cut/.lanczos/*/step-*.npz")))
    assert 20 < left < 40
    documents = []
    for place in ("cut", "whole"):
        done = subprocess.run(
            command(tmp_path / place), env=environment, capture_output=True, text=True, check=True
        )
        documents.append(json.loads(done.stdout))
        assert not (tmp_path / place / ".lanczos").exists()
    assert documents[0]["details"]["resumed_steps"] == left
    assert documents[1]["details"]["resumed_steps"] == 0
    assert documents[0]["spectrum"] == documents[1]["spectrum"]
