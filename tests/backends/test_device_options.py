"""Options of devices: refused where a back end has none, passed to transpiler and runtime, readout errors taken out."""

from __future__ import annotations

from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit.circuit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2

from carlemanc.backends.device_options import DeviceOptions
from carlemanc.backends.device_run import run_on_device, sampler_options, transpiled
from carlemanc.backends.devices import Device, find_device, named_device
from carlemanc.backends.readout_mitigation import calibration_circuits, shot_weights
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.programs.program import Program
from tests.reference import program_of

NEEDS_IBM = pytest.mark.skipif(find_spec("qiskit_ibm_runtime") is None, reason="needs the extra ibm")


def _device(width: int = 5, *, is_fake: bool = True) -> Device:
    backend = GenericBackendV2(width, ["cx", "rz", "sx", "x"], noise_info=False)
    return Device(name="perfect", backend=backend, is_fake=is_fake)


def _pair() -> Program:
    rows = [("h", 0), ("cx", 0, 1), ("x", 2), *(("measure", wire) for wire in range(3))]
    return program_of(3, rows, system=(0, 1), ancilla=(2,))


@pytest.mark.parametrize(
    ("backend", "option", "where"),
    [
        (None, {"layout": (0, 1)}, "--layout(.|\n)*simulators have no such option"),
        ("sparse", {"optimization_level": 0}, "--optimization-level(.|\n)*with --backend sparse"),
        ("aer", {"mitigation": True}, "--mitigation"),
        ("fake:manila", {"decoupling": "XY4"}, "--decoupling(.|\n)*a real device"),
        ("fake:manila", {"twirling": "both"}, "--twirling(.|\n)*a real device"),
        ("ibm:any", {"decoupling": "XYXY"}, "--decoupling(.|\n)*XX, XpXm, XY4"),
        ("ibm:any", {"twirling": "all"}, "--twirling(.|\n)*gates, measure, both"),
        ("ibm:any", {"optimization_level": 4}, "--optimization-level(.|\n)*0, 1, 2, 3"),
        ("ibm:any", {"layout": (3, 3)}, "--layout(.|\n)*none of them twice"),
        ("ibm:any", {"layout": (-1, 3)}, "--layout"),
        ("ibm:any", {"layout": ()}, "--layout"),
    ],
)
def test_what_a_back_end_does_not_have_is_refused(
    backend: str | None, option: dict[str, Any], where: str
) -> None:
    with pytest.raises(InputError, match=where):
        DeviceOptions(**option).check(backend)


def test_what_a_back_end_has_is_taken() -> None:
    anywhere = {"layout": (4, 2, 0), "optimization_level": 1, "mitigation": True}
    DeviceOptions().check(None)
    DeviceOptions(**anywhere).check("fake:manila")
    DeviceOptions(**anywhere, decoupling="XX", twirling="gates").check("ibm:any")


@pytest.mark.parametrize(("layout", "fits"), [((4, 2, 0), True), ((4, 2), False), ((5, 2, 0), False)])
def test_a_layout_places_every_qubit_on_the_device(layout: tuple[int, ...], fits: bool) -> None:
    options = DeviceOptions(layout=layout)
    if fits:
        options.check_layout(3, 5)
    else:
        with pytest.raises(InputError, match="3 qubits of the device, each from 0 to 4"):
            options.check_layout(3, 5)


def test_layout_and_level_reach_the_transpiler() -> None:
    device, layout = _device(), (4, 2, 0)
    circuit = transpiled(_pair(), device, seed=1, options=DeviceOptions(layout=layout, optimization_level=0))
    measured = {
        circuit.find_bit(item.clbits[0]).index: circuit.find_bit(item.qubits[0]).index
        for item in circuit.data
        if item.operation.name == "measure"
    }
    assert measured == dict(enumerate(layout))
    back_and_forth = program_of(1, [("x", 0)] * 2, system=(0,))
    for level, gates in ((0, 2), (3, 0)):
        options = DeviceOptions(optimization_level=level)
        assert transpiled(back_and_forth, device, seed=1, options=options).size() == gates


def test_the_runtime_is_told_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = pytest.importorskip("qiskit_ibm_runtime")
    told: list[Any] = []

    class Sampler:
        def __init__(self, mode: Any, options: Any) -> None:
            told.append(options)

        def run(self, circuits: list[QuantumCircuit], shots: int) -> Any:
            told.append([circuit.num_nonlocal_gates() for circuit in circuits])

            def read(circuit: QuantumCircuit) -> Any:
                words = {
                    register.name: SimpleNamespace(
                        get_bitstrings=lambda size=register.size: ["1" * size] * shots
                    )
                    for register in circuit.cregs
                }
                return SimpleNamespace(data=SimpleNamespace(**words))

            return SimpleNamespace(result=lambda: list(map(read, circuits)))

    monkeypatch.setattr(runtime, "SamplerV2", Sampler)
    options = DeviceOptions(decoupling="XY4", twirling="measure", mitigation=False)
    run = run_on_device(_pair(), _device(is_fake=False), shots=4, seed=1, options=options)
    assert run.values["system"].tolist() == [3] * 4
    assert told == [
        {
            "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"},
            "twirling": {"enable_gates": False, "enable_measure": True},
        },
        [1],
    ]
    del told[:]
    run_on_device(_pair(), _device(is_fake=False), shots=4, seed=1, options=DeviceOptions(mitigation=True))
    assert told == [{}, [1, 0, 0]]


@NEEDS_IBM
@pytest.mark.parametrize("twirling", ["gates", "measure", "both"])
def test_the_runtime_knows_these_options(twirling: Any) -> None:
    from qiskit_ibm_runtime.options import SamplerOptions

    for sequence in ("XX", "XpXm", "XY4"):
        known = SamplerOptions(**sampler_options(DeviceOptions(decoupling=sequence, twirling=twirling)))
        assert (known.dynamical_decoupling.enable, known.dynamical_decoupling.sequence_type) == (
            True,
            sequence,
        )
        assert known.twirling.enable_gates == (twirling != "measure")
        assert known.twirling.enable_measure == (twirling != "gates")


def test_calibrations_read_zero_and_one_on_the_qubits_that_are_measured() -> None:
    device = _device()
    circuit = transpiled(_pair(), device, seed=1, options=DeviceOptions(layout=(4, 2, 0)))
    reads = list(map(_where_measured, [circuit, *calibration_circuits(circuit)]))
    assert reads[0] == reads[1] == reads[2]
    run = run_on_device(_pair(), device, shots=50, seed=1, options=DeviceOptions(mitigation=True))
    np.testing.assert_allclose(run.weights, 1.0, atol=1e-9)  # no noise, nothing to take out


def _where_measured(circuit: QuantumCircuit) -> dict[Any, Any]:
    return {item.clbits[0]: item.qubits[0] for item in circuit.data if item.operation.name == "measure"}


def test_weights_undo_independent_flips() -> None:
    """Against the exact inverse of the whole matrix of two bits, on counts that are exact expectations."""
    up, down, shots = np.array([0.1, 0.2]), np.array([0.05, 0.3]), 4000
    single = [np.array([[1 - u, d], [u, 1 - d]]) for u, d in zip(up, down, strict=True)]
    true = np.array([0.5, 0.0, 0.25, 0.25])  # of 00, 01, 10, 11: bit 0 is least significant
    seen = np.kron(single[1], single[0]) @ true
    counts = np.rint(seen * shots).astype(int)
    values = np.repeat(np.arange(4), counts).astype(object)

    def calibration(odds: np.ndarray) -> dict[str, Any]:
        bits = [np.arange(shots) < round(odd * shots) for odd in odds]
        return {"system": (bits[0] + 2 * bits[1]).astype(object)}

    weights = shot_weights({"system": values}, calibration(up), calibration(1 - down))
    found = np.array([weights[values == value].sum() for value in range(4)]) / counts.sum()
    np.testing.assert_allclose(found, true, atol=2e-3)
    assert np.mean(weights) == pytest.approx(1.0)


def test_too_many_readings_to_correct_are_refused() -> None:
    values = {"system": np.arange(5000).astype(object)}
    flat = {"system": np.zeros(5000, dtype=object)}
    with pytest.raises(TooLarge, match="fewer shots"):
        shot_weights(values, flat, {"system": np.full(5000, 8191, dtype=object)})


@NEEDS_IBM
def test_readout_errors_of_a_fake_device_are_taken_out() -> None:
    device, program = find_device("fake:manila", 3), _pair()
    errors = []
    for mitigation in (False, True):
        run = run_on_device(
            program,
            device,
            shots=8000,
            seed=5,
            options=DeviceOptions(layout=(0, 1, 2), mitigation=mitigation),
        )
        good = (run.values["ancilla"] == 1) & np.isin(run.values["system"], (0, 3))
        errors.append(1 - run.weights[good].sum() / run.weights.sum())
    assert 0.02 < errors[0] < 0.2
    assert abs(errors[1]) < errors[0] / 3  # what is left is of the gates


@NEEDS_IBM
def test_a_name_is_known_before_the_circuit_is() -> None:
    assert named_device("fake:smallest") is None
    found = named_device("fake:manila")
    assert found is not None
    assert found.qubits == 5
    with pytest.raises(InputError, match="unknown fake device"):
        named_device("fake:nowhere")
