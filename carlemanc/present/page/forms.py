"""The documents that a report reads, with the type of every key that it uses.

What a command adds to its JSON needs a line here once the report reads it, and none before.
"""

from __future__ import annotations

from dataclasses import replace

from carlemanc.present.page.shapes import (
    Anything,
    Digest,
    Each,
    Fields,
    Flag,
    Real,
    Shape,
    Text,
    Values,
    Whole,
)

_COUNT, _POSITIVE, _SHARE = Whole(), Real(least=0), Real(least=0, most=1)
_PHYSICAL_POINT: dict[str, Shape] = {
    "model": Text(),
    "qubits": _COUNT,
    "seconds": _POSITIVE,
    "code_distance": _COUNT,
    "factories": _COUNT,
    "failure_probability": _SHARE,
}
_PART: dict[str, Shape] = {
    "part": Text(),
    **{
        name: _COUNT
        for name in (
            "calls",
            "t_each",
            "t",
            "toffoli_each",
            "toffoli",
            "rotations_each",
            "rotations",
            "measurements",
            "qubits",
        )
    },
}


def _parts(depth: int) -> Each:
    """Parts with their children, so many levels down: the report shows two."""
    return Each(Fields({**_PART, **({"children": _parts(depth - 1)} if depth else {})}))


ESTIMATE_FORM = Fields(
    {
        "n": _COUNT,
        "T": _COUNT,
        "N": _COUNT,
        "regime": Fields({"name": Text(), "mu": Real(), "R": Real()}),
        "method": Text(),
        "degree": _COUNT,
        "alpha": Real(),
        "kappa": Fields(
            {
                "value": Real(),
                "effective": Real(),
                "at_least": Real(),
                "source": Text(),
                "reason": Text(),
            }
        ),
        "queries": Fields({"L": _COUNT, "b": _COUNT}),
        "logical_qubits": _COUNT,
        "t_count": _COUNT,
        "toffoli_count": _COUNT,
        "t_of_a_run": _COUNT,
        "rotation_count": _COUNT,
        "clifford_count": _COUNT,
        "depth": _COUNT,
        "counted_only": Flag(),
        "rotation_synthesis": Fields(
            {
                "epsilon_per_rotation": Real(),
                "method": Text(),
                "t_count": _COUNT,
                "toffoli_count": _COUNT,
                "source": Text(),
                "included_in_t_count": Flag(),
            }
        ),
        "error_budget": Values(
            Fields(
                {
                    "share": Real(),
                    "achieved": Real(),
                    "measured": Real(),
                    "status": Text(),
                    "source": Text(),
                    "kept": Flag(),
                }
            )
        ),
        "success_probability": _SHARE,
        "readout_probability": _SHARE,
        "readout": Fields(
            {
                "shots": _COUNT,
                "support": _COUNT,
                "copies": _COUNT,
                "method": Text(),
                "source": Text(),
                "norm": Text(),
                "epsilon": Real(),
                "failure_probability": _SHARE,
            }
        ),
        "total": Fields(
            {
                "runs": _COUNT,
                "t_in_all": _COUNT,
                "t_count": _COUNT,
                "toffoli_count": _COUNT,
                "rotation_count": _COUNT,
            }
        ),
        "breakdown": _parts(8),
        "leaf": Values(Anything()),
        "physical": Fields(
            {
                **_PHYSICAL_POINT,
                "failure_budget": _SHARE,
                "hardware": Fields({"name": Text(), "source": Text()}),
                "frontier": Each(Fields(_PHYSICAL_POINT)),
            }
        ),
        "physical_absent": Text(),
        "classical_baseline": Fields(
            {
                "flops": _COUNT,
                "seconds": _POSITIVE,
                "machine": Text(),
                "program": Text(),
                "programs": Each(Fields({"name": Text(), "flops": _COUNT, "reason": Text()})),
                "machines": Values(
                    Fields(
                        {
                            "name": Text(),
                            "flops_per_second": _POSITIVE,
                            "seconds": _POSITIVE,
                            "quantum_over_classical": Real(),
                            "one_sample_over_classical": Real(),
                            "assumption": Text(),
                        }
                    )
                ),
                "crossover_n": _COUNT,
                "crossover": Values(Fields({"reason": Text()})),
            }
        ),
        "assumptions": Each(Text()),
        "explain": Each(
            Fields(
                {
                    "name": Text(),
                    "formula": Text(),
                    "inputs": Values(Anything()),
                    "references": Each(Text()),
                    "where": Text(),
                    "status": Text(),
                }
            )
        ),
        "references": Each(Anything()),
        "bibtex": Text(),
    },
    needed=frozenset({"logical_qubits", "t_count", "toffoli_count", "t_of_a_run"}),
)
ANALYSIS_FORM = Fields(
    {
        "regime": Text(),
        "mu": Real(),
        "R": Real(),
        "degree": _COUNT,
        "gamma": Real(),
        "epsilon": Real(),
        "smallest_order": _COUNT,
        "classical_flops": _COUNT,
        "classical_program": Text(),
        "truncation_bound": Values(Real()),
        "truncation_error": Values(Real()),
    },
    needed=frozenset({"regime"}),
)
SOLVERS_FORM = Fields(
    {
        "name": Text(),
        "methods": Each(
            Fields(
                {
                    "method": Text(),
                    "formula_source": Text(),
                    "applies": Flag(),
                    "reason": Text(),
                    "kappa": Real(),
                    "queries": Fields({"L": _COUNT, "b": _COUNT}),
                    "qubits": _COUNT,
                    "t_per_run": _COUNT,
                    "success_probability": _SHARE,
                    "success_is_bound": Flag(),
                    "certified": Flag(),
                    "counted": Flag(),
                    "runs": _COUNT,
                    "expected_t": _COUNT,
                },
                needed=frozenset({"method"}),
            )
        ),
        "choice": Fields({"method": Text(), "reason": Text()}),
    },
    needed=frozenset({"methods"}),
)
_CLOSED: dict[str, Shape] = {name: Anything() for name in ("t_count", "logical_qubits", "degree")}
SYMBOLIC_FORM = Fields(
    {**_CLOSED, "symbols": Values(Text(), known=True), "asymptotics": Text()},
    needed=frozenset({*_CLOSED, "symbols", "asymptotics"}),
)
_ROW = Digest(32)
_MAKER: dict[str, Shape] = {
    "version": Text(),
    "spec_sha256": Digest(64),
    "files": Values(Digest(64), known=True),
    "command": Each(Text()),
}
ABOUT_FORM = Fields(
    {
        **_MAKER,
        "format": Text(only="carlemanc.estimate-directory/1"),
        "absent": Values(Text(), known=True),
    },
    needed=frozenset({*_MAKER, "format", "absent"}),
)
GRID_FORM = Fields(
    {
        **_MAKER,
        "format": Text(only="carlemanc.sweep/1"),
        "name": Text(),
        "over": Values(Each(Text()), known=True),
        "options": Values(Anything()),
        "digests": Each(_ROW),
    },
    needed=frozenset({*_MAKER, "format", "name", "over", "options", "digests"}),
)
ROW_FORM = Fields(
    {
        "digest": _ROW,
        "overrides": Each(Text()),
        "status": _COUNT,
        "message": Text(),
        "estimate": ESTIMATE_FORM,
    },
    needed=frozenset({"overrides", "status"}),
)
LINE_FORM = replace(ROW_FORM, needed=ROW_FORM.needed | {"digest"})
"""Of rows.jsonl."""
RESULT_FORM = Fields(
    {
        "format": Text(only="carlemanc.result/1"),
        "version": Text(),
        "command": Anything(),
        "estimate": ESTIMATE_FORM,
        "analysis": ANALYSIS_FORM,
        "solvers": SOLVERS_FORM,
        "sweep": Each(ROW_FORM),
    },
    needed=frozenset({"format", "estimate"}),
)
