"""The documents that a report reads, with the type of every key that it uses.

What a command adds to its JSON needs a word here once the report reads it, and none before.
"""

from __future__ import annotations

from dataclasses import replace

from carlemanc.present.page.shapes import (
    ANYTHING,
    FLAG,
    TEXT,
    Each,
    Fields,
    Shape,
    Values,
    digest,
    only,
    real,
    whole,
)

_COUNT, _POSITIVE, _SHARE = whole(), real(least=0), real(least=0, most=1)
_REAL, _ROW = real(), digest(32)
_SIZE = real(least=0, most=1e300)
"""A magnitude that is divided by others."""


def each(shape: Shape, keys: str) -> dict[str, Shape]:
    """Keys of one shape."""
    return dict.fromkeys(keys.split(), shape)


def form(shapes: dict[str, Shape], needed: str = "") -> Fields:
    """A table with these keys, some of them needed."""
    return Fields(shapes, needed=frozenset(needed.split()))


_PHYSICAL_POINT: dict[str, Shape] = {
    **each(TEXT, "model"),
    **each(_COUNT, "qubits code_distance factories"),
    "seconds": _POSITIVE,
    "failure_probability": _SHARE,
}
_PART: dict[str, Shape] = {
    "part": TEXT,
    **each(_COUNT, "calls t_each t toffoli_each toffoli rotations_each rotations measurements qubits"),
}


def _parts(depth: int) -> Each:
    """Parts with their children, so many levels down: the report shows two."""
    return Each(Fields({**_PART, **({"children": _parts(depth - 1)} if depth else {})}))


_BASELINE: dict[str, Shape] = {
    **each(_COUNT, "flops crossover_n"),
    "seconds": _POSITIVE,
    **each(TEXT, "machine program"),
    "programs": Each(form({**each(TEXT, "name reason"), **each(_COUNT, "flops memory_bytes")})),
    "machines": Values(
        form(
            {
                **each(TEXT, "name assumption program status"),
                **each(_POSITIVE, "flops_per_second seconds"),
                **each(_COUNT, "memory_bytes walk_steps_per_second"),
                **each(_REAL, "quantum_over_classical"),
            }
        )
    ),
    "crossover": Values(form(each(TEXT, "what reason"))),
}
_VERDICT: dict[str, Shape] = {
    **each(TEXT, "pays against machine"),
    "factor": _REAL,
    **each(_POSITIVE, "quantum_seconds classical_seconds"),
    "crossover": form({**each(TEXT, "in machine"), "value": _REAL, "seconds": _POSITIVE}),
    "levers": Each(form({**each(TEXT, "what from to"), "factor": _REAL})),
    "reasons": Each(TEXT),
}
_CAUSE: dict[str, Shape] = {
    **each(_REAL, "share achieved measured"),
    **each(TEXT, "status source"),
    "kept": FLAG,
}
_EXPLANATION: dict[str, Shape] = {
    **each(TEXT, "name formula where status"),
    "inputs": Values(ANYTHING),
    "references": Each(TEXT),
}
_SYNTHESIS: dict[str, Shape] = {
    "epsilon_per_rotation": _REAL,
    **each(TEXT, "method source"),
    **each(_COUNT, "t_count toffoli_count"),
    "included_in_t_count": FLAG,
}
_EVENT: dict[str, Shape] = {"name": TEXT, "probability": _SHARE, "weight": _REAL, "uses": _COUNT}
_OBSERVABLE: dict[str, Shape] = {
    **each(TEXT, "name expression method caveat verdict against"),
    **each(_SIZE, "scale certificate"),
    **each(_REAL, "classical truncated alpha factor"),
    **each(_COUNT, "least_order uses depth t_count"),
    "precision": _SHARE,
    "certified": FLAG,
    "seconds": _POSITIVE,
    "events": Each(form(_EVENT)),
}
_READOUT: dict[str, Shape] = {
    **each(_COUNT, "shots support copies largest"),
    **each(TEXT, "target method source norm"),
    "observables": Each(form(_OBSERVABLE, needed="name")),
    "epsilon": _REAL,
    "failure_probability": _SHARE,
}
_PHYSICAL: dict[str, Shape] = {
    **_PHYSICAL_POINT,
    "seconds_of_all_runs": _POSITIVE,
    "failure_budget": _SHARE,
    "hardware": form(each(TEXT, "name source")),
    "frontier": Each(form(_PHYSICAL_POINT)),
}
ESTIMATE_FORM = form(
    {
        **each(_COUNT, "n T N degree logical_qubits t_count toffoli_count t_of_a_run rotation_count"),
        **each(_COUNT, "clifford_count depth measurement_count"),
        **each(TEXT, "method physical_absent"),
        **each(_SHARE, "success_probability readout_probability"),
        "verdict": form(_VERDICT),
        "order": form({"value": _COUNT, "truncation": _SIZE, "status": TEXT}),
        "regime": form({"name": TEXT, **each(_REAL, "mu R")}),
        "alpha": _REAL,
        "kappa": form({**each(_REAL, "value effective at_least"), **each(TEXT, "source reason")}),
        "queries": form(each(_COUNT, "L b")),
        "counted_only": FLAG,
        "rotation_synthesis": form(_SYNTHESIS),
        "error_budget": Values(form(_CAUSE)),
        "readout": form(_READOUT),
        "amplification": form({"flag": TEXT, "rounds": _COUNT}),
        "total": form(each(_COUNT, "runs t_in_all t_count toffoli_count rotation_count")),
        "breakdown": _parts(8),
        "leaf": Values(ANYTHING),
        "physical": form(_PHYSICAL),
        "classical_baseline": form(_BASELINE),
        "assumptions": Each(TEXT),
        "explain": Each(form(_EXPLANATION)),
        "references": Each(TEXT),
    },
    needed="logical_qubits t_count toffoli_count t_of_a_run",
)
_OBSERVED: dict[str, Shape] = {
    **each(TEXT, "name expression"),
    **each(_REAL, "value error_bar carleman classical certificate"),
    "uses": _COUNT,
}
RUN_FORM = form(
    {
        **each(Each(_REAL), "theta theta_carleman theta_classical"),
        "observables": Each(form(_OBSERVED, needed="name value")),
        **each(_SHARE, "success_probability readout_probability"),
        **each(_COUNT, "qubits gates"),
        "backend": TEXT,
        "seconds": Values(_SIZE),
    },
    needed="backend theta_classical",
)
"""Of a training; that of a linear system has x in place of theta."""
ANALYSIS_FORM = form(
    {
        **each(TEXT, "regime classical_program"),
        **each(_REAL, "mu R gamma epsilon"),
        **each(_COUNT, "degree smallest_order classical_flops"),
        **each(Values(_REAL), "truncation_bound truncation_error"),
    },
    needed="regime",
)
_METHOD = form(
    {
        **each(TEXT, "method formula_source reason"),
        **each(FLAG, "applies success_is_bound certified counted"),
        "kappa": _REAL,
        "queries": form(each(_COUNT, "L b")),
        **each(_COUNT, "qubits t_per_run runs expected_t"),
        "success_probability": _SHARE,
    },
    needed="method",
)
SOLVERS_FORM = form(
    {"name": TEXT, "methods": Each(_METHOD), "choice": form(each(TEXT, "method reason"))}, needed="methods"
)
SYMBOLIC_FORM = form(
    {
        **each(ANYTHING, "t_count logical_qubits degree"),
        "symbols": Values(TEXT, known=True),
        "asymptotics": TEXT,
    },
    needed="t_count logical_qubits degree symbols asymptotics",
)
_MAKER: dict[str, Shape] = {
    "version": TEXT,
    "spec_sha256": digest(64),
    "files": Values(digest(64), known=True),
    "command": Each(TEXT),
}
ABOUT_FORM = form(
    {**_MAKER, "format": only("carlemanc.estimate-directory/1"), "absent": Values(TEXT, known=True)},
    needed="version spec_sha256 files command format absent",
)
GRID_FORM = form(
    {
        **_MAKER,
        "format": only("carlemanc.sweep/1"),
        "name": TEXT,
        "over": Values(Each(TEXT), known=True),
        "options": Values(ANYTHING),
        "digests": Each(_ROW),
    },
    needed="version spec_sha256 files command format name over options digests",
)
ROW_FORM = form(
    {"digest": _ROW, "overrides": Each(TEXT), "status": _COUNT, "message": TEXT, "estimate": ESTIMATE_FORM},
    needed="overrides status",
)
LINE_FORM = replace(ROW_FORM, needed=ROW_FORM.needed | {"digest"})
"""Of rows.jsonl."""
RESULT_FORM = form(
    {
        "format": only("carlemanc.result/1"),
        "version": TEXT,
        "command": ANYTHING,
        "estimate": ESTIMATE_FORM,
        "analysis": ANALYSIS_FORM,
        "solvers": SOLVERS_FORM,
        "sweep": Each(ROW_FORM),
    },
    needed="format estimate",
)
