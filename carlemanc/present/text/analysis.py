"""The analysis of a spec: regime, certificates, and what they mean for the order and the readout."""

from __future__ import annotations

import math

from carlemanc.commands.analyze import Analysis
from carlemanc.commands.outlook import Outlook
from carlemanc.present.text import text
from carlemanc.present.text.derivation import approximation_lines
from carlemanc.present.text.layout import FIRST, View


@text.register
def analysis_text(found: Analysis, view: View = FIRST) -> str:
    """Return the analysis as text."""
    lines = [
        f"spec         {found.name}: n = {found.n}, degree q = {found.degree}, N = {found.order}, T = {found.steps}",
        f"regime       {found.regime.name}{found.regime.where} (carlemanc's definition{_regime_of(found)})",
        f"mu           {found.regime.mu:.6g}   (1 - ||I + F_1||)",
        f"R            {_shown(found.regime.R)}   (below 1: the majorant contracts)",
        f"center       {found.center}",
        f"gamma        {found.gamma:.6g}",
        f"kappa bound  {_shown(found.bound.value)}   ({found.bound.formula})",
        f"classical    {found.classical.flops} floating-point operations for T steps by the best program known to "
        f"this tool ({found.classical.name}: {found.classical.reason})",
        *_outlook(found.outlook),
        *(approximation_lines(found.approximation) if found.approximation else ()),
        "",
        "order  certified truncation error  measured",
    ]
    for order, value in found.truncation_bound.items():
        measured = _shown(found.truncation_error[order]) if order in found.truncation_error else "-"
        lines.append(f"{order:>5}  {_shown(value):>26}  {measured}")
    return "\n".join(lines)


def _regime_of(found: Analysis) -> str:
    return f"; worst of {found.maps} different steps, degree by degree" if found.maps > 1 else ""


def _outlook(found: Outlook) -> list[str]:
    """Return the order that epsilon asks for, and what the center means for the readout."""
    order = "not known" if not found.tried else f"none up to {found.tried}"
    if found.smallest_order is not None:
        order = str(found.smallest_order)
    return [
        f"N for epsilon {order}   (certified truncation error at most {found.epsilon:g} ||theta(T) - center||)",
        f"readout      {found.note}",
    ]


def _shown(value: float | None) -> str:
    return f"{value:.6g}" if value is not None and math.isfinite(value) else "none"
