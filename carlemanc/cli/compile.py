"""`carlemanc compile`: circuits in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from carlemanc.backends.registry import FORMATS, dialects
from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import required_directory, show
from carlemanc.cli._resolved import Resolved, expect_resolved, save_resolved
from carlemanc.cli._working import working

if TYPE_CHECKING:
    Format = str
    Dialect = str
else:
    Format = Literal[tuple(FORMATS)]
    Dialect = Literal[dialects()]


def compile(
    spec: Spec,
    /,
    *,
    stage: Literal["block-encoding", "state-preparation", "solver", "full"] = "full",
    format: Format = "qasm3",
    dialect: Dialect | None = None,
    uncompute: Literal["measure", "unitary"] | None = None,
    gate_set: Literal["clifford+rz", "clifford+t"] = "clifford+rz",
    rotation_epsilon: Annotated[float | None, Parameter(metavar="EPSILON")] = None,
    resolved: Resolved = None,
    common: Common = DEFAULTS,
) -> int:
    """Write a circuit, its manifest.json, and L.npz and b.npy where they fit, into -o DIR.

    Parameters
    ----------
    stage
        What the circuit does; solver is the inversion with the preparation of b, full adds the measurement.
    format
        The kind of circuit file.
    dialect
        Who reads a file of the format qasm3: qiskit (default; qdk too), braket or pennylane.
    uncompute
        How logical ANDs are undone; by default unitary for qasm2, braket and pennylane, else measure.
    gate_set
        Whether rotations stay or are synthesized.
    rotation_epsilon
        Precision of each synthesized rotation, at least 1e-30.
    """
    import carlemanc
    from carlemanc.spec.loading import load_spec

    expect_resolved(resolved)
    directory = required_directory(common, "compile")
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.compile(
            model,
            output=directory,
            stage=stage,
            format=format,
            dialect=dialect,
            uncompute=uncompute,
            gate_set=gate_set,
            rotation_epsilon=rotation_epsilon,
        )
    save_resolved(resolved, model, result)
    return show(result, common)
