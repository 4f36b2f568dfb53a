"""`carlemanc solvers`: every linear-system solver's cost for one system."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file
from carlemanc.cli._resolved import Resolved, expect_resolved, save_resolved
from carlemanc.cli._working import working


def solvers(spec: Spec, /, *, resolved: Resolved = None, common: Common = DEFAULTS) -> int:
    """Compare all solvers on the system of a spec: queries, qubits, T per run, success, expected T."""
    from carlemanc.commands.solvers import solvers
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    expect_resolved(resolved)
    with working():
        model = load_spec(spec, common.overrides)
        result = solvers(model)
    save_resolved(resolved, model, result)
    return deliver(result, common)
