"""`carlemanc sweep`: a grid of estimates."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import required_directory, show
from carlemanc.cli._working import working


def sweep(
    spec: Spec,
    /,
    *,
    over: Annotated[tuple[str, ...], Parameter(negative=(), metavar="KEY=VALUES")],
    processes: int = 2,
    scheduler: Annotated[str | None, Parameter(metavar="ADDRESS")] = None,
    common: Common = DEFAULTS,
) -> int:
    """Estimate every point of a grid; -o DIR keeps the rows, and the same command again continues a broken sweep.

    Parameters
    ----------
    over
        An axis, such as model.n=2^4..2^27 or training.steps=10,100,1000; may be given several times.
    processes
        Local processes that share the work.
    scheduler
        Address of an existing Dask scheduler to use instead, such as tcp://127.0.0.1:8786.
    """
    directory = required_directory(common, "sweep")
    from carlemanc.sweeps.grid import grid_points, parse_axis

    grid_points([parse_axis(text) for text in over])
    from carlemanc.sweeps.driver import sweep as run_sweep

    with working():
        result = run_sweep(
            spec,
            over=over,
            output=directory,
            overrides=common.overrides,
            processes=processes,
            scheduler=scheduler,
        )
    return show(result, common)
