"""`carlemanc run`: compile, run on a back end, read theta(T), compare with gradient descent."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file
from carlemanc.cli._working import working
from carlemanc.core.errors import InputError


def run(
    spec: Spec,
    /,
    *,
    backend: Annotated[str, Parameter(metavar="NAME")] = "sparse",
    shots: Annotated[int | None, Parameter(show=False)] = None,
    seed: Annotated[int | None, Parameter(show=False)] = None,
    uncompute: Literal["measure", "unitary"] | None = None,
    common: Common = DEFAULTS,
) -> int:
    """Compile a spec, run the circuit, and print theta(T) beside classical gradient descent.

    Parameters
    ----------
    backend
        sparse (our sparse-state simulator), matrix (exact block arithmetic), aer or cirq.
    uncompute
        How logical ANDs are undone; by default unitary on simulators.
    """
    _refuse_shots(shots, seed)
    from carlemanc import pipeline
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    with working():
        model = load_spec(spec, common.overrides)
        result = pipeline.run(model, backend=backend, uncompute=uncompute)
    return deliver(result, common)


def _refuse_shots(shots: int | None, seed: int | None) -> None:
    if shots is not None or seed is not None:
        option = "--shots" if shots is not None else "--seed"
        raise InputError(
            f"run {option}: readout by shots arrives with a later version; without it, amplitudes are exact"
        )
