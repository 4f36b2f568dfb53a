"""IBM devices by name: the fake ones of qiskit-ibm-runtime, offline, and real ones through its saved account.

`fake:NAME` (`fake:guadalupe`, also `fake:FakeGuadalupeV2`), `fake:smallest`, `ibm:NAME`. Credentials come only from
the account that qiskit-ibm-runtime itself has saved; none is taken, kept, printed or written here. Needs the extra
`ibm`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from carlemanc.core.errors import InputError, Problem, TooLarge

PREFIXES: Final = ("fake", "ibm")
SMALLEST: Final = "smallest"
MAX_FAKE_WIRES: Final = 26
"""A fake device's noise is simulated on a state vector by Aer: 2^26 amplitudes are 1 GiB."""
EXTRA: Final = "qiskit_ibm_runtime"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Device:
    """One device.

    Args:
        name: as it calls itself.
        backend: Qiskit's object.
        is_fake: a recorded device with recorded noise, simulated here.
    """

    name: str
    backend: Any
    is_fake: bool

    @property
    def qubits(self) -> int:
        """Number of qubits."""
        return int(self.backend.num_qubits)


def is_device(name: str) -> bool:
    """Return whether a back end's name asks for a device.

    >>> is_device("fake:smallest"), is_device("aer")
    (True, False)
    """
    return name.partition(":")[0] in PREFIXES and ":" in name


def find_device(name: str, width: int) -> Device:
    """Return the device a back end's name stands for, with at least `width` qubits.

    Raises InputError where the extra `ibm` is missing, the name is unknown or there is no saved account, TooLarge
    where the device (for `fake:smallest`: the largest) has fewer qubits.
    """
    return expect_qubits(named_device(name) or _smallest(width), name, width)


def named_device(name: str) -> Device | None:
    """Return the device a back end's name stands for; None for `fake:smallest`, which depends on the circuit.

    Raises InputError where the extra `ibm` is missing, the name is unknown or there is no saved account.
    """
    require_extra(name)
    kind, _, wanted = name.partition(":")
    if kind == "ibm":
        return _real(wanted, name)
    return None if wanted == SMALLEST else _fake(wanted, name)


def expect_qubits(device: Device, name: str, width: int) -> Device:
    """Return the device. Raises TooLarge where it has fewer qubits than `width`."""
    if device.qubits < width:
        raise TooLarge(
            f"the circuit for {name}",
            size=f"{width} qubits",
            limit=f"{device.qubits} qubits",
            instead=_who_fits(width),
        )
    return device


def refuse_noise(name: str, width: int) -> None:
    """Raise TooLarge where the noise of a fake device cannot be simulated on so many qubits."""
    if width > MAX_FAKE_WIRES:
        raise TooLarge(
            f"the noisy simulation of {name}",
            size=f"{width} qubits",
            limit=f"{MAX_FAKE_WIRES} qubits",
            instead="The back end `sparse` runs the circuit without noise: use `--backend sparse`.",
        )


def require_extra(name: str) -> None:
    """Raise InputError unless qiskit-ibm-runtime is installed."""
    if find_spec(EXTRA) is None:
        raise InputError(
            "devices need qiskit-ibm-runtime",
            [
                Problem(
                    where="--backend",
                    found=name,
                    allowed="a simulator, or any device once the extra is installed",
                    help="pip install 'carlemanc[ibm]'",
                )
            ],
        )


def smallest(devices: Iterable[Device], width: int) -> Device | None:
    """Return the device with the fewest qubits that are at least `width` (then by name), or None."""
    fitting = [device for device in devices if device.qubits >= width]
    return min(fitting, key=lambda device: (device.qubits, device.name), default=None)


@cache
def fake_devices() -> tuple[Device, ...]:
    """Return all fake devices that come with qiskit-ibm-runtime."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from qiskit_ibm_runtime.fake_provider import FakeProviderForBackendV2

        backends = FakeProviderForBackendV2().backends()
        return tuple(Device(name=str(item.name), backend=item, is_fake=True) for item in backends)


def _smallest(width: int) -> Device:
    devices = fake_devices()
    return smallest(devices, width) or max(devices, key=lambda device: device.qubits)


def _fake(wanted: str, name: str) -> Device:
    devices = fake_devices()
    for device in devices:
        if _plain(device.name) == _plain(wanted):
            return device
    names = ", ".join(sorted(_plain(device.name) for device in devices))
    raise InputError(
        "unknown fake device",
        [Problem(where="--backend", found=name, allowed=f"fake:smallest, or fake: and one of {names}")],
    )


def _plain(name: str) -> str:
    """Return a fake device's name without `fake` and version.

    >>> _plain("FakeManilaV2"), _plain("fake_manila"), _plain("manila")
    ('manila', 'manila', 'manila')
    """
    return re.sub(r"v\d+$", "", re.sub(r"^fake_?", "", name.strip().lower()))


def _real(wanted: str, name: str) -> Device:
    try:
        from qiskit_ibm_runtime import QiskitRuntimeService

        backend = QiskitRuntimeService().backend(wanted)
    except Exception as error:  # its text may quote the account, so only its kind is shown
        raise InputError(
            "this device cannot be reached",
            [
                Problem(
                    where="--backend",
                    found=f"{name} ({type(error).__name__})",
                    allowed="a device of the account that qiskit-ibm-runtime has saved on this machine",
                    help="save it once with QiskitRuntimeService.save_account; carlemanc takes no token",
                )
            ],
        ) from None
    return Device(name=str(backend.name), backend=backend, is_fake=False)


def _who_fits(width: int) -> str:
    fitting = smallest(fake_devices(), width)
    if fitting is None:
        return "No fake device is large enough: use `--backend sparse`."
    if width > MAX_FAKE_WIRES:
        return f"No fake device is simulated on more than {MAX_FAKE_WIRES} qubits: use `--backend sparse`."
    return f"The smallest fake device that fits is fake:{_plain(fitting.name)} ({fitting.qubits} qubits)."
