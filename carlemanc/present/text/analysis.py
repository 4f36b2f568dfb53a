"""The analysis of a spec: regime, certificates, and what they mean for the order and the readout."""

from __future__ import annotations

import math

from carlemanc.commands.analyze import Analysis
from carlemanc.commands.outlook import Outlook
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, size
from carlemanc.present.text.derivation import approximation_lines
from carlemanc.present.text.layout import FIRST, Fact, View, facts, table, wrapped


@text.register
def analysis_text(found: Analysis, view: View = FIRST) -> str:
    """Return the analysis as text."""
    width = view.width
    baseline = found.classical
    pairs = [
        (
            "spec",
            f"{found.name}: n = {size(found.n)}, degree q = {found.degree}, N = {found.order}, T = {found.steps}",
        ),
        (
            "regime",
            f"{found.regime.name}{found.regime.where} (carlemanc's definition{_regime_of(found)})",
        ),
        ("mu", f"{amount(found.regime.mu)} (1 - ||I + F_1||)"),
        ("R", f"{_shown(found.regime.R)} (below 1: the majorant contracts)"),
        ("center", str(found.center)),
        ("gamma", amount(found.gamma)),
        ("kappa bound", f"{_shown(found.bound.value)} ({found.bound.formula})"),
        (
            "classical",
            f"{amount(baseline.flops)} floating-point operations for T steps by the best program known to this tool "
            f"({baseline.name}: {baseline.reason})",
        ),
        *_outlook(found.outlook),
    ]
    lines = facts(pairs, width)
    for line in approximation_lines(found.approximation) if found.approximation else ():
        lines += wrapped(line, width, after=" " * 13)
    rows = [
        (
            str(order),
            _shown(value),
            _shown(found.truncation_error[order]) if order in found.truncation_error else "-",
        )
        for order, value in found.truncation_bound.items()
    ]
    return "\n".join([*lines, "", *table(("order", "certified truncation error", "measured"), rows, width)])


def _regime_of(found: Analysis) -> str:
    return f"; worst of {found.maps} different steps, degree by degree" if found.maps > 1 else ""


def _outlook(found: Outlook) -> list[Fact]:
    """Return the order that epsilon asks for, and what the center means for the readout."""
    order = "not known" if not found.tried else f"none up to {found.tried}"
    if found.smallest_order is not None:
        order = str(found.smallest_order)
    asked = f"certified truncation error at most {found.epsilon:g} ||theta(T) - center||"
    return [("N for epsilon", f"{order} ({asked})"), ("readout", found.note)]


def _shown(value: float | None) -> str:
    return amount(value) if value is not None and math.isfinite(value) else "none"
