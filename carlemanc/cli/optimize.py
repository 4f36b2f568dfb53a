"""`carlemanc optimize`: the frontier of configurations."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import note, show
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import check_directory_place


def optimize(
    spec: Spec,
    /,
    *,
    hardware: Annotated[str, Parameter(metavar="PRESET")] = "superconducting",
    processes: int = 2,
    scheduler: Annotated[str | None, Parameter(metavar="ADDRESS")] = None,
    common: Common = DEFAULTS,
) -> int:
    """Search the keys that a spec leaves out, and print the configurations that none other beats.

    They are compared in T gates, seconds and physical qubits of all runs. -o DIR also writes each as a spec that gives
    the same numbers again, and frontier.json.

    Parameters
    ----------
    hardware
        Machine of the physical cost, as in carlemanc estimate.
    processes
        Local processes that share the work.
    scheduler
        Address of an existing Dask scheduler to use instead, such as tcp://127.0.0.1:8786.
    """
    import carlemanc
    from carlemanc.spec.loading import load_spec

    if common.output is not None:
        check_directory_place(common.output)
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.optimize(
            model, output=common.output, hardware=hardware, processes=processes, scheduler=scheduler
        )
    if common.output is not None:
        note(f"wrote {common.output}")
    return show(result, common)
