"""`carlemanc estimate`: what the compiled circuit costs."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import json_text, note, show
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import atomic_directory, check_directory_place


def estimate(spec: Spec, /, *, common: Common = DEFAULTS) -> int:
    """Count gates, qubits and queries of the circuit; -o DIR also writes estimate.json and estimate.txt."""
    from carlemanc import pipeline
    from carlemanc.spec.loading import load_spec

    if common.output is not None:
        check_directory_place(common.output)
    with working():
        model = load_spec(spec, common.overrides)
        result = pipeline.estimate(model)
    if common.output is not None:
        with atomic_directory(common.output) as directory:
            (directory / "estimate.json").write_text(f"{json_text(result.to_json())}\n", encoding="utf-8")
            (directory / "estimate.txt").write_text(f"{result.to_text()}\n", encoding="utf-8")
        note(f"wrote {common.output}")
    return show(result, common)
