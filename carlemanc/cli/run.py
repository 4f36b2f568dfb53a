"""`carlemanc run`: compile, run on a back end, read theta(T), compare with gradient descent."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from carlemanc.backends.device_options import Decoupling, Level, Twirling
from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file
from carlemanc.cli._resolved import Resolved, expect_resolved, save_resolved
from carlemanc.cli._working import working
from carlemanc.core.errors import InputError, Problem

_DIGITS = 10
"""A device has fewer qubits than a number of so many digits."""


def run(
    spec: Spec,
    /,
    *,
    backend: Annotated[str | None, Parameter(metavar="NAME")] = None,
    shots: Annotated[int | None, Parameter(metavar="K")] = None,
    seed: int = 0,
    uncompute: Literal["measure", "unitary"] | None = None,
    layout: Annotated[str | None, Parameter(metavar="Q,Q,...")] = None,
    optimization_level: Level | None = None,
    decoupling: Decoupling | None = None,
    twirling: Twirling | None = None,
    mitigation: Annotated[bool, Parameter(negative="")] = False,
    resolved: Resolved = None,
    common: Common = DEFAULTS,
) -> int:
    """Compile a spec, run the circuit, and print theta(T), or observables of it, beside classical gradient descent.

    Parameters
    ----------
    backend
        sparse (our sparse-state simulator), matrix (exact block arithmetic), aer or cirq; with the extra ibm also
        fake:NAME or fake:smallest (a recorded device with its noise) and ibm:NAME (the account saved by
        qiskit-ibm-runtime). paths: no circuit, but classical walks over the encoded step of a march, which tell its
        success probability and observables at any n. Without it sparse, or matrix where a forecast says that sparse
        takes more than minutes.
    shots
        Draw theta(T) from this many shots of the final state; 0: as many as solver.epsilon asks for, or for observables
        readout.precision. Without it simulators read exact amplitudes. Of paths the number of walks.
    seed
        Of the draws: the same seed gives the same result.
    uncompute
        How logical ANDs are undone; by default unitary on simulators.
    layout
        Of a device: its qubit for each qubit of the circuit, in the order of the manifest, such as 3,5,8.
    optimization_level
        Of Qiskit's transpiler for a device; by default 3.
    decoupling
        Pulses on idle qubits of a real device.
    twirling
        Random Paulis on a real device: around two-qubit gates, before measurements, or both.
    mitigation
        Measure the readout errors of a device by two circuits more, and take them out of the counts.
    """
    import carlemanc
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    expect_resolved(resolved)
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.run(
            model,
            backend=backend,
            shots=shots,
            seed=seed,
            uncompute=uncompute,
            layout=_qubits(layout),
            optimization_level=optimization_level,
            decoupling=decoupling,
            twirling=twirling,
            mitigation=mitigation,
        )
    save_resolved(resolved, model, result)
    return deliver(result, common)


def _qubits(layout: str | None) -> tuple[int, ...] | None:
    """Return a layout as numbers. Raises InputError."""
    if layout is None:
        return None
    words = layout.split(",")
    if all(word.strip().isdecimal() and len(word) < _DIGITS for word in words):
        return tuple(map(int, words))
    allowed = "qubits of the device, from 0 on, with commas between them: 3,5,8"
    raise InputError("bad option", [Problem(where="--layout", found=layout, allowed=allowed)])
