"""Devices by name, offline: fake ones with their noise, a real one behind a service of our own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from carlemanc.backends import devices, simulate
from carlemanc.backends.devices import Device, find_device, is_device, smallest
from carlemanc.core.errors import InputError, TooLarge
from tests.backends.programs import random_program
from tests.reference import program_of

runtime = pytest.importorskip("qiskit_ibm_runtime", reason="needs the extra ibm")


def _bell() -> Any:
    """A pair found equal, and an ancilla that is 1."""
    rows = [("h", 0), ("cx", 0, 1), ("x", 2)]
    rows += [("measure", wire) for wire in range(3)]
    return program_of(3, rows, system=(0, 1), ancilla=(2,))


@pytest.mark.parametrize("name", ["manila", "FakeManilaV2", "fake_manila"])
def test_a_fake_device_answers_to_each_form_of_its_name(name: str) -> None:
    device = find_device(f"fake:{name}", 5)
    assert (device.name, device.qubits, device.is_fake) == ("fake_manila", 5, True)


def test_the_smallest_device_is_the_narrowest_that_fits() -> None:
    widths = {width: find_device("fake:smallest", width).qubits for width in (1, 2, 6, 14, 16, 17, 150)}
    assert widths == {1: 1, 2: 5, 6: 7, 14: 15, 16: 16, 17: 20, 150: 156}


def test_equally_small_devices_are_ordered_by_name() -> None:
    found = [
        Device(name=name, backend=SimpleNamespace(num_qubits=size), is_fake=True)
        for name, size in (("b", 5), ("a", 5), ("c", 3))
    ]
    chosen = smallest(found, 4)
    assert chosen is not None
    assert chosen.name == "a"
    assert smallest(found, 6) is None


def test_a_circuit_wider_than_every_device_is_too_large() -> None:
    with pytest.raises(TooLarge, match=r"1000 qubits.*No fake device is large enough"):
        find_device("fake:smallest", 1000)


def test_an_unknown_fake_device_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"fake:nowhere(.|\n)*manila"):
        find_device("fake:nowhere", 2)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "EXTRA", "no_such_module_here")
    with pytest.raises(InputError, match=r"carlemanc\[ibm\]"):
        find_device("fake:smallest", 2)


def test_a_device_is_no_simulator() -> None:
    assert is_device("ibm:somewhere")
    assert not is_device("sparse")
    with pytest.raises(InputError, match="gives shots"):
        simulate(random_program(1), "fake:smallest")


def test_noise_of_a_fake_device_is_seen_and_seeded() -> None:
    from carlemanc.backends.device_run import run_on_device

    device, program = find_device("fake:manila", 3), _bell()
    run = run_on_device(program, device, shots=4000, seed=5)
    assert run.two_qubit == 1
    assert run.qubits == 3
    equal = np.mean(np.isin(run.values["system"], (0, 3)))
    assert 0.8 < equal < 1  # the recorded readout errors are some percent
    assert 0.8 < np.mean(run.values["ancilla"] == 1) < 1
    again = run_on_device(program, device, shots=4000, seed=5)
    np.testing.assert_array_equal(run.values["system"], again.values["system"])
    assert np.any(run_on_device(program, device, shots=4000, seed=6).values["system"] != run.values["system"])


def test_a_real_device_runs_through_the_saved_account_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from carlemanc.backends.device_run import run_on_device

    calls: list[tuple[Any, ...]] = []
    backend = find_device("fake:manila", 3).backend

    class Service:
        def __init__(self, *args: Any, **named: Any) -> None:
            calls.append((args, named))

        def backend(self, name: str) -> Any:
            calls.append((name,))
            return backend

    monkeypatch.setattr(runtime, "QiskitRuntimeService", Service)
    device = find_device("ibm:somewhere", 3)
    assert calls == [((), {}), ("somewhere",)]
    assert not device.is_fake
    run = run_on_device(_bell(), device, shots=200, seed=1)
    assert {name: len(values) for name, values in run.values.items()} == {"system": 200, "ancilla": 200}
    assert np.mean(run.values["ancilla"] == 1) > 0.8


def test_a_failing_account_shows_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    class Service:
        def __init__(self) -> None:
            raise RuntimeError("login failed for token SECRET-TOKEN")

    monkeypatch.setattr(runtime, "QiskitRuntimeService", Service)
    with pytest.raises(InputError) as caught:
        find_device("ibm:somewhere", 3)
    assert "SECRET" not in str(caught.value)
    assert "RuntimeError" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
