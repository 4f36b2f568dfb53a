"""`run` from shots: really drawn, within the claimed error, the same for the same seed; and on devices."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import carlemanc
from carlemanc.backends import cirq_backend, devices, qiskit_backend
from carlemanc.backends.devices import Device
from carlemanc.cli._app import main
from carlemanc.commands import opening
from carlemanc.commands import run_on_device as device_readout
from carlemanc.commands.opening import open_spec, solver_program
from carlemanc.commands.run_on_device import (
    DeviceSource,
    controlled_program,
    device_width,
    has_known_signs,
    interference_program,
    read_device,
)
from carlemanc.commands.shot_readout import read_source
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.readout.sampling import Counts
from tests.fixed import fixed, fixed_words

_NEEDS_IBM = pytest.mark.skipif(find_spec("qiskit_ibm_runtime") is None, reason="needs the extra ibm")
_SIGNED = ["training.initial=[0.3, -0.2]", "training.steps=1", "carleman.order=1", "solver.epsilon=0.1"]


@pytest.mark.parametrize("backend", ["sparse", "matrix", "aer"])
def test_shots_read_theta_within_the_claimed_error(backend: str) -> None:
    result = carlemanc.run(fixed("logistic-map-scalar"), backend=backend, shots=20000, seed=1)
    exact = carlemanc.run(fixed("logistic-map-scalar"))
    readout = result.readout
    assert result.failure is None
    assert readout is not None
    assert readout.shots == readout.magnitude_shots + readout.sign_shots == 20000
    assert 0 < np.linalg.norm(result.theta - exact.theta) <= readout.error_bound
    assert np.linalg.norm(result.theta - exact.theta) <= 4 * readout.error_estimate
    deviation = math.sqrt(exact.success_probability / readout.magnitude_shots)
    assert abs(result.success_probability - exact.success_probability) <= 5 * deviation
    assert result.success_probability * readout.magnitude_shots == pytest.approx(
        round(result.success_probability * readout.magnitude_shots)
    )


def test_the_same_seed_gives_the_same_document() -> None:
    documents = []
    for seed in (1, 1, 2):
        document = carlemanc.run(fixed("quartic-pair"), shots=50_000, seed=seed).to_json()
        assert document["shots"] == 50_000
        documents.append({key: value for key, value in document.items() if key != "seconds"})
    assert documents[0] == documents[1]
    assert documents[0]["theta"] != documents[2]["theta"]
    json.dumps(documents[0], allow_nan=False)


def test_exact_runs_state_no_shots() -> None:
    document = carlemanc.run(fixed("logistic-map-scalar")).to_json()
    assert document["shots"] is document["readout"] is document["device"] is None


def test_zero_shots_follow_from_epsilon_and_reach_it() -> None:
    design = open_spec(fixed("quartic-pair")).design
    result = carlemanc.run(fixed("quartic-pair"), shots=0, seed=5)
    assert result.readout is not None
    assert result.readout.shots == design.readout.runs(design.plan.copy_probability)
    assert result.readout.shots == carlemanc.estimate(fixed("quartic-pair")).runs
    distance = np.linalg.norm(result.theta_carleman - result.center)
    assert result.readout.error_bound <= result.epsilon * distance * 1.02
    exact = carlemanc.run(fixed("quartic-pair"))
    assert np.linalg.norm(result.theta - exact.theta) <= result.epsilon * distance
    assert np.all(np.sign(result.theta) == np.sign(exact.theta))


def test_padding_adds_the_copies_up() -> None:
    overrides = ["carleman.padding=3"]
    result = carlemanc.run(fixed("logistic-map-scalar", overrides), shots=200_000, seed=2)
    assert result.readout is not None
    assert abs(result.theta[0] - 0.128) <= 4 * result.readout.error_estimate + 1e-3 * 0.128
    copies = result.readout.magnitude_shots * result.planned_success_probability * result.readout_probability
    assert abs(result.readout.copies - copies) <= 5 * math.sqrt(copies)


@pytest.mark.parametrize("shots", [1, -4, 10**18])
def test_impossible_numbers_of_shots_are_refused(shots: int) -> None:
    with pytest.raises(InputError, match="--shots"):
        carlemanc.run(fixed("logistic-map-scalar"), shots=shots)


def test_text_states_shots_and_error() -> None:
    text = carlemanc.run(fixed("logistic-map-scalar"), shots=2000).to_text()
    assert "shots                            2000" in text
    assert "with probability 0.95" in text


def _perfect(width: int) -> Device:
    """A device without noise: all pairs coupled, gates cx, rz, sx, x."""
    from qiskit.providers.fake_provider import GenericBackendV2

    return Device(
        name="perfect",
        backend=GenericBackendV2(width, ["cx", "rz", "sx", "x"], noise_info=False),
        is_fake=True,
    )


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("logistic-map-scalar", []),
        ("logistic-map-scalar", ["training.initial=[-0.2]", "carleman.padding=1"]),
        ("logistic-map-scalar", ["training.steps=3", "solver.epsilon=0.1"]),
    ],
)
def test_a_device_without_noise_reads_theta_with_its_sign(name: str, overrides: list[str]) -> None:
    design = open_spec(fixed(name, overrides)).design
    assert has_known_signs(design)
    exact = carlemanc.run(fixed(name, overrides))
    device = _perfect(device_width(design))
    theta, readout, report = read_device(
        design, name, device, (exact.theta, exact.success_probability), shots=20_000, seed=3
    )
    assert abs(theta[0] - exact.theta[0]) <= 4 * readout.error_estimate
    assert abs(report.success_probability - exact.success_probability) <= 0.03
    assert report.noiseless_theta == exact.theta.tolist()
    assert report.two_qubit > 0
    assert report.depth > report.two_qubit / 7


@pytest.mark.filterwarnings("ignore:carleman.order")
def test_signs_without_initial_weights_come_from_the_wider_controlled_circuit() -> None:
    overrides = ["training.center=initial", *_SIGNED[1:]]
    design = open_spec(fixed("quartic-pair", overrides)).design
    assert not has_known_signs(design)
    reference = np.array([0.6, 0.8])
    assert device_width(design) == controlled_program(design, reference).width
    assert device_width(design) > solver_program(design, "quartic-pair").width
    exact = carlemanc.run(fixed("quartic-pair", overrides))
    source = DeviceSource(design=design, name="quartic-pair", device=_perfect(device_width(design)), seed=1)
    plus, minus = source.sample_signs(reference, 3000)
    np.testing.assert_array_equal(plus > minus, exact.theta - exact.center > 0)


def test_interference_with_the_initial_weights_needs_no_more_qubits() -> None:
    design = open_spec(fixed("logistic-map-scalar", ["training.steps=5"])).design
    width = solver_program(design, "logistic-map-scalar").width
    assert interference_program(design, "logistic-map-scalar").width == width


@_NEEDS_IBM
def test_a_circuit_too_wide_for_a_device_names_the_smallest_that_fits() -> None:
    with pytest.raises(TooLarge, match=r"5 qubits.*fake:melbourne \(15 qubits\)"):
        carlemanc.run(fixed("logistic-map-scalar"), backend="fake:manila")


@_NEEDS_IBM
@pytest.mark.slow
def test_logistic_map_runs_on_the_smallest_fake_device() -> None:
    result = carlemanc.run(fixed("logistic-map-scalar"), backend="fake:smallest", shots=60, seed=1)
    report = result.device
    assert report is not None
    assert result.failure is None
    assert (report.name, report.device_qubits, report.qubits) == ("fake_melbourne", 15, 14)
    assert 0 <= report.success_probability < report.noiseless_success_probability
    assert report.noiseless_success_probability == pytest.approx(result.planned_success_probability, rel=0.01)
    assert report.two_qubit > 2000
    assert "two-qubit gates" in result.to_text()
    again = carlemanc.run(fixed("logistic-map-scalar"), backend="fake:smallest", shots=60, seed=1)
    assert again.to_json()["device"] == result.to_json()["device"]


@_NEEDS_IBM
@pytest.mark.slow
def test_marching_survives_the_noise_of_the_smallest_fake_device() -> None:
    """A step takes few enough gates for the noise of fifteen qubits to leave a signal."""
    overrides = ["solver.method=march"]
    result = carlemanc.run(
        fixed("logistic-map-scalar", overrides), backend="fake:smallest", shots=2000, seed=3
    )
    report = result.device
    assert report is not None
    assert report.two_qubit < 200
    assert report.success_probability > 0.1
    assert np.linalg.norm(result.theta - result.theta_classical) < 0.5 * abs(result.theta_classical[0])


def test_every_weight_is_read_within_epsilon_in_the_largest_norm() -> None:
    overrides = ['readout.norm="linf"', "solver.epsilon=0.01"]
    result = carlemanc.run(fixed("ridge-diabetes", overrides), shots=0, seed=3)
    exact = carlemanc.run(fixed("ridge-diabetes", overrides))
    distance = np.linalg.norm(result.theta_carleman - result.center)
    assert result.failure is None
    assert result.readout is not None
    assert np.max(np.abs(result.theta - exact.theta)) <= 0.01 * distance
    assert result.readout.error_bound <= 0.012 * distance  # of the frequencies seen, with a looser union


def test_only_the_largest_weights_are_read() -> None:
    overrides = ["readout.largest=1", "solver.epsilon=0.05"]
    many = carlemanc.run(fixed("quartic-ring", overrides), shots=10**7, seed=3)
    assert many.failure is None
    plan = open_spec(fixed("quartic-ring", overrides)).design.readout
    assert many.readout is not None
    assert many.readout.largest == plan.largest
    if plan.largest:
        assert np.count_nonzero(many.theta - many.center) == 1


@pytest.mark.parametrize("overrides", [['readout.norm="linf"'], ['readout.method="interior-point"']])
def test_largest_weights_need_a_bound(overrides: list[str]) -> None:
    with pytest.raises(InputError, match=r"readout\.largest"):
        carlemanc.estimate(fixed("quartic-pair", ["readout.largest=1", *overrides]))


def test_a_readout_that_nothing_is_read_by_needs_no_bound(tmp_path: Path) -> None:
    name, overrides = "logistic-map-scalar", ["readout.largest=1", 'readout.norm="linf"']
    assert carlemanc.verify(fixed(name, overrides), columns=5).failure is None
    assert carlemanc.compile(fixed(name, overrides), output=tmp_path / "out").document["stage"] == "full"
    with pytest.raises(InputError, match=rf"{name}\.toml: readout\.largest"):
        carlemanc.run(fixed(name, overrides), backend="matrix")


def test_amplitude_estimation_is_counted_and_not_drawn() -> None:
    overrides = ['readout.method="amplitude-estimation"']
    estimate = carlemanc.estimate(fixed("logistic-map-scalar", overrides))
    share = estimate.plan.success_probability * estimate.readout_probability
    assert estimate.runs == pytest.approx(estimate.readout.copies / math.sqrt(share), rel=1e-3)
    assert any("constant 1, none is published" in line for line in estimate.assumptions)
    with pytest.raises(InputError, match="counted, not run"):
        carlemanc.run(fixed("logistic-map-scalar", overrides), shots=100)


@pytest.mark.parametrize("method", ["lcu", "kernel", "hhl"])
def test_shots_read_theta_after_every_solver(method: str) -> None:
    overrides = [f'solver.method="{method}"', "solver.epsilon=0.05"]
    result = carlemanc.run(fixed("logistic-map-scalar", overrides), shots=100_000, seed=4)
    assert result.failure is None
    assert result.readout is not None
    distance = np.linalg.norm(result.theta_carleman - result.center)
    assert (
        abs(result.theta[0] - result.theta_carleman[0]) <= 4 * result.readout.error_estimate + 0.05 * distance
    )
    assert result.readout.error_bound < 0.3 * distance


@pytest.mark.parametrize("backend", ["sparse", "matrix"])
def test_theta_is_null_where_no_shot_read_it(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One run for magnitudes, and it ended elsewhere: no value stands for what nobody read."""
    result = carlemanc.run(fixed("logistic-map-scalar"), backend=backend, shots=2, seed=0)
    assert result.theta is result.error is result.solver_error is None
    assert result.failure is not None
    assert "of 1 run for magnitudes none ended at time T" in result.failure
    document = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert document["theta"] is document["error"] is document["readout"]["error_estimate"] is None
    assert "theta_0  not read" in result.to_text()
    named = fixed_words("logistic-map-scalar")
    assert main(["run", "logistic-map-scalar", "--shots", "2", "--seed", "0", "--json", *named]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["theta"] is None
    assert "nothing was read" in printed.err


class _WithoutSigns:
    """Magnitudes come, every run of the sign circuit fails."""

    def sample(self, shots: int) -> Counts:
        return Counts(shots=shots, successes=3, entries=np.array([3, 0]))

    def sample_signs(self, reference: np.ndarray, shots: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)


def test_magnitudes_without_a_single_sign_are_no_reading() -> None:
    design = open_spec(fixed("quartic-pair")).design
    _, readout = read_source(design, _WithoutSigns(), shots=20, seed=0)
    assert readout.copies == 3
    assert readout.sign_copies == 0
    assert readout.unread is not None
    assert "for signs none ended" in readout.unread
    assert readout.error_estimate is None


@pytest.mark.parametrize(
    ("backend", "limit"),
    [("aer", "most_aer_wires"), ("cirq", "most_cirq_wires"), ("fake:smallest", None), ("ibm:any", None)],
)
@pytest.mark.parametrize("name", ["quartic-pair", "tridiagonal-system"])
def test_too_many_qubits_are_refused_before_any_work(
    name: str, backend: str, limit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """29 and 12 qubits: nothing is emitted, transpiled, simulated or iterated to find that they do not fit."""

    def working(*_: object, **__: object) -> None:
        raise AssertionError("work was done for a circuit that does not fit")

    module = {"aer": qiskit_backend, "cirq": cirq_backend}.get(backend)
    if module is not None:
        monkeypatch.setattr(module, str(limit), lambda: 11)
    monkeypatch.setattr(devices, "EXTRA", "json")
    fake, real = (33, 28) if name == "quartic-pair" else (11, 11)
    monkeypatch.setattr(devices, "fake_devices", lambda: (_perfect(fake),))
    monkeypatch.setattr(devices, "_real", lambda *_: replace(_perfect(real), is_fake=False))
    monkeypatch.setattr(opening, "emit", working)
    monkeypatch.setattr(device_readout, "emit", working)
    monkeypatch.setattr(Lifted, "carleman_iterate", working)
    with pytest.raises(TooLarge, match=r"(29|12) qubits.*--backend sparse"):
        carlemanc.run(fixed(name), backend=backend)


@pytest.mark.parametrize("name", ["logistic-map-scalar", "quartic-pair", "ridge-diabetes"])
def test_the_counted_width_is_that_of_the_circuit(name: str) -> None:
    design = open_spec(fixed(name)).design
    assert device_width(design) == solver_program(design, name).width or not has_known_signs(design)
    reference = np.full(design.system.n, design.system.n**-0.5)
    if not has_known_signs(design):
        assert device_width(design) == controlled_program(design, reference).width
