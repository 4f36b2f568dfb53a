"""What `run` is asked for and cannot do: told from its options, before any work."""

from __future__ import annotations

from carlemanc.backends.devices import is_device, require_extra
from carlemanc.backends.registry import BACKENDS
from carlemanc.commands.run_paths import NAME as PATHS
from carlemanc.commands.shot_readout import chosen_shots, drawn_plan
from carlemanc.commands.tomography_readout import check_rounds
from carlemanc.core.errors import InputError, Problem
from carlemanc.evaluation.design import Design
from carlemanc.readout.observables import Observables
from carlemanc.readout.ways.tomography import TomographyWeights


def check_observables(design: Design, backend: str | None, shots: int | None) -> None:
    """Refuse what observables are not read by. Raises InputError."""
    if not isinstance(design.goal, Observables):
        return
    problems = []
    if backend is not None and backend not in BACKENDS:
        allowed = "sparse, aer or cirq: each event of an observable is a circuit of its own"
        problems.append(Problem(where="--backend", found=backend, allowed=allowed))
    if shots:
        allowed = "0: the circuits that readout.precision asks for are drawn"
        problems.append(Problem(where="--shots", found=str(shots), allowed=allowed))
    if problems:
        raise InputError("observables are not read so", problems)


def check_shots(design: Design, shots: int | None, *, on_device: bool) -> None:
    """Refuse what an answer is not read by from shots, before its circuit runs. Raises InputError."""
    if isinstance(design.goal, Observables) or (shots is None and not on_device):
        return
    plan = design.readout
    if isinstance(plan, TomographyWeights) and not on_device and design.lifted is not None:
        check_rounds(design, plan, shots)
        return
    if design.lifted is not None:
        drawn_plan(design)
    if shots is not None:
        chosen_shots(design, shots)


def check_run_options(backend: str | None, uncompute: str | None) -> None:
    """Refuse back ends that are none, and a circuit without exact amplitudes. Raises InputError."""
    allowed = ["matrix", PATHS, *sorted(BACKENDS), "fake:NAME", "fake:smallest", "ibm:NAME"]
    if backend is not None and is_device(backend):
        require_extra(backend)
    elif backend is not None and backend not in allowed:
        raise InputError(
            "unknown back end",
            [Problem(where="--backend", found=backend, allowed=", ".join(allowed))],
        )
    if uncompute == "measure":
        raise InputError(
            "this run has no exact amplitudes",
            [
                Problem(
                    where="--uncompute",
                    found="measure",
                    allowed="unitary: simulators read exact amplitudes of a circuit without measurements",
                )
            ],
        )
