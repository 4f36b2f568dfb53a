"""`carlemanc train`: the sparse-training schedule of a spec."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import show
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import check_directory_place


def train(
    spec: Spec,
    /,
    *,
    backend: Annotated[str, Parameter(metavar="NAME")] = "sparse",
    seed: int = 0,
    cost: Annotated[bool, Parameter(negative=())] = False,
    common: Common = DEFAULTS,
) -> int:
    """Pre-train, prune, then evolve, download and re-upload by the [schedule] of a spec.

    -o DIR keeps record.json, weights.npz and training.svg; a killed run goes on from its last download when the same
    command is given again. An emulated evolution is gradient descent with drawn errors, and says so.

    Parameters
    ----------
    backend
        Of evolution = "circuit": sparse, matrix, aer or cirq.
    seed
        Of shots and drawn errors: the same seed gives the same record.
    cost
        Price the whole training too, with lookups and with QRAM (twice as long as carlemanc estimate).
    """
    if common.output is not None:
        check_directory_place(common.output)
    from carlemanc.spec.loading import load_spec

    with working():
        model = load_spec(spec, common.overrides)
        from carlemanc.training.loop import train as run_schedule

        result = run_schedule(model, output=common.output, backend=backend, seed=seed, cost=cost)
    return show(result, common)
