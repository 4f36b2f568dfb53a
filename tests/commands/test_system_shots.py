"""A `[system]` by shots and on devices: magnitudes with a bound, no signs, and everything said."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from scipy import sparse

import carlemanc
from carlemanc.backends import devices
from carlemanc.backends.device_options import DeviceOptions
from carlemanc.backends.devices import Device
from carlemanc.cli._app import main
from carlemanc.commands import run as run_command
from carlemanc.commands import run_system
from carlemanc.core.errors import InputError
from carlemanc.spec.schema import ModelSpec
from tests.fixed import fixed, fixed_words

SPEC = fixed("tridiagonal-system")


def _small(folder: Path) -> ModelSpec:
    """A system of two unknowns of different signs, for devices."""
    sparse.save_npz(folder / "a.npz", sparse.csr_array(np.array([[1.0, 0.25], [0.5, -1.0]])))
    np.save(folder / "b.npy", np.array([1.0, 2.0]))
    path = folder / "small.toml"
    path.write_text('name = "small"\n[system]\nmatrix = "a.npz"\nrhs = "b.npy"\n[solver]\nepsilon = 0.1\n')
    return fixed(path)


@pytest.mark.parametrize("backend", ["sparse", "matrix"])
def test_shots_read_magnitudes_within_their_bound(backend: str) -> None:
    exact = carlemanc.run(SPEC, backend=backend)
    drawn = carlemanc.run(SPEC, backend=backend, shots=200_000, seed=1)
    assert drawn.failure is None
    assert drawn.x is None
    readout = drawn.readout
    assert readout is not None
    assert not readout.signs
    distance = np.linalg.norm(drawn.magnitudes - np.abs(exact.x))
    assert 0 < distance <= readout.error_bound < 0.2 * np.linalg.norm(exact.x)
    deviation = math.sqrt(exact.success_probability / readout.shots)
    assert abs(drawn.success_probability - exact.success_probability) <= 5 * deviation
    again = carlemanc.run(SPEC, backend=backend, shots=200_000, seed=1)
    np.testing.assert_array_equal(again.magnitudes, drawn.magnitudes)


def test_the_document_says_what_was_read() -> None:
    document = json.loads(json.dumps(carlemanc.run(SPEC, backend="matrix", shots=10_000).to_json()))
    assert document["x"] is None
    assert len(document["magnitudes"]) == len(document["x_classical"])
    assert min(document["magnitudes"]) >= 0
    assert document["shots"] == document["readout"]["shots"] == 10_000
    assert document["readout"]["signs"] is False
    exact = carlemanc.run(SPEC, backend="matrix").to_json()
    assert exact["shots"] is None
    assert not {"magnitudes", "readout", "device"} & set(exact)


def test_zero_shots_are_those_of_an_estimate() -> None:
    drawn = carlemanc.run(SPEC, backend="matrix", shots=0, seed=2)
    assert drawn.readout is not None
    assert drawn.readout.shots == carlemanc.estimate(SPEC).runs
    assert drawn.failure is None


def test_nothing_stands_for_what_no_shot_read(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*fixed_words("tridiagonal-system"), "--backend", "matrix", "--shots", "2", "--seed", "0"]
    assert main(["run", "tridiagonal-system", *words]) == 1
    printed = capsys.readouterr()
    assert "not read" in printed.out
    assert "nothing was read: of 2 runs none ended with all ancillas |0>" in printed.err
    found = carlemanc.run(SPEC, backend="matrix", shots=2, seed=0)
    assert found.magnitudes is found.error is found.solver_error is None


def test_the_text_says_that_no_sign_was_read() -> None:
    text = carlemanc.run(SPEC, backend="matrix", shots=10_000).to_text()
    assert "|quantum|" in text
    assert "shots tell magnitudes and no signs" in text


def _perfect(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every fake name stand for a device without noise."""
    backend = GenericBackendV2(width, ["cx", "rz", "sx", "x"], noise_info=False)
    device = Device(name="fake_perfect", backend=backend, is_fake=True)
    monkeypatch.setattr(devices, "EXTRA", "json")
    monkeypatch.setattr(devices, "fake_devices", lambda: (device,))


@pytest.mark.parametrize("mitigation", [False, True])
def test_a_device_without_noise_reads_the_magnitudes(
    mitigation: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = _small(tmp_path)
    exact = carlemanc.run(spec)
    assert exact.x[0] * exact.x[1] < 0
    assert exact.qubits is not None
    _perfect(exact.qubits, monkeypatch)
    layout = tuple(reversed(range(exact.qubits)))
    read = carlemanc.run(
        spec,
        backend="fake:perfect",
        shots=4000,
        seed=3,
        layout=layout,
        optimization_level=1,
        mitigation=mitigation,
    )
    assert read.failure is None
    assert read.readout is not None
    assert np.linalg.norm(read.magnitudes - np.abs(exact.x)) <= read.readout.error_bound
    report = read.device
    assert report is not None
    assert (report.name, report.layout, report.optimization_level) == ("fake_perfect", layout, 1)
    assert report.mitigation is mitigation
    np.testing.assert_allclose(report.noiseless_theta, np.abs(exact.x))
    assert abs(report.success_probability - exact.success_probability) < 0.05
    assert "layout" in read.to_text()
    assert read.to_json()["backend"] == "fake:perfect"


def test_a_layout_of_other_qubits_is_refused_before_the_circuit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _perfect(20, monkeypatch)
    with pytest.raises(InputError, match="one for each qubit of the circuits"):
        carlemanc.run(_small(tmp_path), backend="fake:perfect", layout=(0, 1))


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (["--layout", "0,x"], "--layout"),
        (["--layout", "9" * 5000], "--layout"),
        (["--layout", "0,1"], "--layout"),
        (["--backend", "aer", "--mitigation"], "--mitigation"),
        (["--backend", "fake:perfect", "--twirling", "both"], "--twirling"),
        (["--backend", "fake:nowhere"], "unknown fake device"),
    ],
)
def test_options_are_refused_before_the_spec_is_planned(
    options: list[str], where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planned(*_: object, **__: object) -> None:
        raise AssertionError("a spec was planned for an option that there is not")

    _perfect(5, monkeypatch)
    monkeypatch.setattr(run_command, "open_spec", planned)
    assert main(["run", "tridiagonal-system", *options]) == 2
    assert where in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "overrides", "shots"),
    [
        ("tridiagonal-system", [], -1),
        ("logistic-map-scalar", [], 1),
        ("logistic-map-scalar", ['readout.method="amplitude-estimation"'], 100),
        ("logistic-map-scalar", ['readout.method="tomography"'], 100),
    ],
)
def test_shots_are_refused_before_a_circuit_runs(
    name: str, overrides: list[str], shots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def running(*_: object, **__: object) -> None:
        raise AssertionError("a circuit ran for shots that there are not")

    monkeypatch.setattr(run_command, "run_circuit", running)
    monkeypatch.setattr(run_system, "run_circuit", running)
    with pytest.raises(InputError, match=r"--shots|counted, not run"):
        carlemanc.run(fixed(name, overrides), shots=shots)


def test_defaults_ask_for_nothing() -> None:
    assert DeviceOptions() == DeviceOptions(layout=None, mitigation=False)
    assert DeviceOptions().level == 3
