"""The documents of `optimize -o`, `train -o` and `dissipation -o` that a report reads, with the type of every key."""

from __future__ import annotations

from carlemanc.present.page.forms import each, form
from carlemanc.present.page.shapes import ANYTHING, TEXT, Each, Values, real, whole

_COUNT, _POSITIVE = whole(), real(least=0, most=1e300)

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
