"""The documents of `optimize -o`, `train -o` and `dissipation -o` that a report reads, with the type of every key."""

from __future__ import annotations

from carlemanc.present.page.forms import each, form
from carlemanc.present.page.shapes import ANYTHING, FLAG, TEXT, Each, Leaf, Values, only, real, whole

_COUNT, _REAL, _POSITIVE = whole(), real(least=-1e300, most=1e300), real(least=0, most=1e300)

_LOGARITHMS = Leaf(
    "a list of numbers, null where there is none",
    lambda value: isinstance(value, list) and all(item is None or _REAL.fits(item) for item in value),
)
_POINT = form(
    {
        **each(TEXT, "file method"),
        **each(_COUNT, "t_count physical_qubits logical_qubits"),
        "seconds": _POSITIVE,
        "choices": Values(form({"value": ANYTHING, "by": TEXT})),
    },
    needed="method t_count physical_qubits logical_qubits seconds",
)
FRONTIER_FORM = form(
    {**each(TEXT, "name hardware"), "points": Each(_POINT)},
    needed="name hardware points",
)
_STEP = form(
    {"step": _COUNT, "phase": TEXT, "segment": _COUNT, **each(_REAL, "loss accuracy proxy")}, needed="step"
)
_SEGMENT = form(
    {
        **each(_COUNT, "number first steps"),
        "update": _REAL,
        "truncation": form({**each(_REAL, "bound measured"), **each(TEXT, "regime note")}),
        "download": form({"copies": _COUNT, "error": _REAL}),
    },
    needed="number",
)
_MEMORY = form(
    {
        "reason": TEXT,
        "one_run": form(each(_COUNT, "t_count logical_qubits")),
        "tomography": form({"runs": _COUNT}),
        "training": form({**each(_COUNT, "t_count physical_qubits"), "seconds": _POSITIVE}),
    }
)
RECORD_FORM = form(
    {
        "format": only("carlemanc.training/1"),
        **each(TEXT, "name label data"),
        **each(_COUNT, "weights survivors order"),
        "learning_rate": _REAL,
        "schedule": form(each(_COUNT, "steps segments reupload_every")),
        "steps": Each(_STEP),
        "segments": Each(_SEGMENT),
        "reference": form({"label": TEXT, "steps": Each(_STEP)}),
        "final": form(each(_REAL, "loss accuracy reference_loss reference_accuracy")),
        "cost": form(
            {
                "segments": _COUNT,
                "basis": TEXT,
                **each(_MEMORY, "lookup qram"),
                "classical": form({**each(_COUNT, "flops dense_flops"), "program": TEXT}),
            }
        ),
    },
    needed="format name label schedule steps segments reference final",
)
_WIDE = form(each(_REAL, "value half_width fraction"))
_END = form(each(_REAL, "value residual"))
SPECTRUM_FORM = form(
    {
        "label": TEXT,
        **each(_COUNT, "parameters survivors steps order"),
        "learning_rate": _REAL,
        "spectrum": form({"n": _COUNT, "method": TEXT, "exact": FLAG, **each(_END, "smallest largest")}),
        "counts": Each(
            form({"unit": TEXT, "threshold": _REAL, **each(_WIDE, "dissipative near_zero divergent")})
        ),
        "gains": form(
            {
                **each(_REAL, "largest_gain_per_step log10_largest_gain_after_T"),
                "steps_within_e": _COUNT,
                **each(_WIDE, "modes_with_0_lt_eta_h_lt_2 modes_with_eta_h_ge_2"),
            }
        ),
        "window": Each(_REAL),
        "error_proxy": Values(form({"log_E": _LOGARITHMS})),
        "compiler": form({"regime": TEXT, "certified_steps": _COUNT, **each(_REAL, "R truncation_bound")}),
    },
    needed="label steps order learning_rate spectrum counts gains window",
)
