"""The dissipation of a training: spectrum, mode counts, error proxy and the verdict on circuits."""

from __future__ import annotations

import math
from typing import Any

from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View
from carlemanc.training.dissipation_report import Dissipation
from carlemanc.training.error_proxy import ErrorProxy
from carlemanc.training.hessian.checked import COARSE, Checked, percent

SHOWN_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Times at which the error proxy is shown."""


@text.register
def dissipation_text(report: Dissipation, view: View = FIRST) -> str:
    """Return the report as text."""
    return "\n".join(
        [
            *_spectrum_lines(report),
            "",
            *_count_lines(report),
            "",
            *_proxy_lines(report),
            "",
            *_verdict(report),
        ]
    )


def _spectrum_lines(report: Dissipation) -> list[str]:
    found = report.spectrum
    low, high = found.extreme(-1), found.extreme(1)
    kinds = {
        "dense": "every eigenvalue, dense",
        "fourier": "every eigenvalue, from the Fourier symbol",
        "lanczos": f"{len(found.outliers)} eigenvalues counted one by one, {len(found.probes)} probes of "
        f"{max((len(probe.nodes) for probe in found.probes), default=0)} further nodes",
    }
    lines = [
        report.label,
        f"Hessian          {found.n} x {found.n} ({report.survivors} of {report.parameters} parameters)",
        *_checked_lines(report.checked),
        f"spectrum         {kinds[found.method]}",
        f"smallest h       {low[0]:.6g}   (residual {low[1]:.1e})",
        f"largest h        {high[0]:.6g}   (residual {high[1]:.1e})",
        f"moments 1..4     {'   '.join(str(found.moment(order)) for order in range(1, 5))}",
    ]
    if len(found.outliers) and not found.is_exact:
        shown = ", ".join(f"{value:.4g}" for value in sorted(found.outliers, key=abs, reverse=True)[:12])
        lines.append(f"outliers         {shown}")
    if not found.complete:
        lines.append("warning          a probe saw an eigenvalue beyond those counted: raise --outlier-steps")
    for name in ("samples", "loss", "seconds", "peak_memory_gib"):
        if report.details.get(name) is not None:
            lines.append(f"{name.replace('_', ' '):<16} {report.details[name]:.6g}")
    return lines


def _count_lines(report: Dissipation) -> list[str]:
    lines = ["modes                                 dissipative           near zero           divergent"]
    for item in report.counts:
        what = "a = -h" if item.unit == "hessian" else f"a = -eta h, eta = {report.learning_rate:g}"
        cells = [_counted(part) for part in (item.dissipative, item.near_zero, item.divergent)]
        lines.append(
            f"{what:<22} |a| > {item.threshold:<5g} {cells[0]:>16}    {cells[1]:>16}    {cells[2]:>16}"
        )
    gains = report.gains
    lines += [
        f"0 < eta h < 2    {_counted(gains.shrinking)} of {report.spectrum.n} modes shrink in a step"
        f" ({_counted(gains.unstable)} with eta h >= 2)",
        f"largest a        {gains.a_max:.6g}",
        f"largest gain     {gains.largest:.8g} a step, 10^{gains.log10_after(report.steps):.3g} after "
        f"T = {report.steps}",
    ]
    return lines


def _proxy_lines(report: Dissipation) -> list[str]:
    names = list(report.proxies)
    heads = [f"{name} (eta_s = {report.proxies[name].eta_s:g})" for name in names]
    lines = [
        f"error proxy E(t), modes with {report.window[0]:g} <= |a| <= {report.window[1]:g} (eqs. 7-8 of the paper)",
        "     t" + "".join(f"{head:>32}" for head in heads),
    ]
    for t in [t for t in SHOWN_STEPS if t < report.steps] + [report.steps]:
        cells = [_power_text(float(report.proxies[name].log_values(t))) for name in names]
        lines.append(f"{t:>6}" + "".join(f"{cell:>32}" for cell in cells))
    rows = (("t_min", "t_min"), ("t_cross", "t_cross"), ("re-upload every", "period"))
    for label, attribute in rows:
        cells = [_or_none(getattr(report.proxies[name], attribute), report.proxies[name]) for name in names]
        lines.append(f"{label:<16}" + f"{cells[0]:>22}" + "".join(f"{cell:>32}" for cell in cells[1:]))
    return lines


def _verdict(report: Dissipation) -> list[str]:
    within = report.gains.steps_within(report.order)
    limit = "any number of steps" if within is None else f"at most {within} steps"
    lines = [
        f"linear part      keeps the gain of level N = {report.order} below e for {limit} "
        "(necessary, from the Hessian alone)"
    ]
    if report.compiler is None:
        lines.append("circuits         need a polynomial loss: see `carlemanc analyze` of a spec")
        return lines
    found = report.compiler
    ratio = "none" if found.ratio is None else f"{found.ratio:.4g}"
    bound = "none" if found.truncation_bound is None else f"{found.truncation_bound:.3g}"
    lines.append(
        f"compiler         {found.regime} for T = {report.steps} (R = {ratio}), "
        f"certified truncation error {bound} at N = {report.order}"
    )
    if found.certified_steps is None:
        lines.append("circuits         make sense for any number of steps: the majorant contracts")
    elif found.certified_steps >= report.steps:
        lines.append(
            f"circuits         make sense for up to {found.certified_steps} steps between re-uploads"
        )
    else:
        lines.append(
            f"circuits         make sense for {found.certified_steps} of these {report.steps} steps; beyond, the "
            "majorant grows by more than e: re-upload"
        )
    return lines


def _checked_lines(found: Checked) -> list[str]:
    """Return the findings as lines of the report."""
    told = ", ".join(f"{name} {item}" for name, item in found.figures.items())
    place = "" if found.batches is None else f", batches {found.batches}"
    lines = [f"checked          {told} ({found.precision}{place})"]
    if found.rounding is not None and found.rounding > COARSE:
        lines.append(
            f"warning          in double precision H v differs by {percent(found.rounding)}, by rounding or "
            "other random numbers: return model and data in float64"
        )
    return [*lines, *(f"note             {note}" for note in found.notes)]


def _counted(found: Any) -> str:
    text = f"{found.value:.0f}" if found.value >= 100 else f"{found.value:.3g}"
    if found.half_width is not None and found.half_width < 1e-6:
        return text
    return text + (" +- ?" if found.half_width is None else f" +- {found.half_width:.2g}")


def _power_text(log_value: float) -> str:
    if math.isnan(log_value):
        return "no mode in the window"
    if log_value == -math.inf or abs(log_value) < math.log(1e4):
        return f"{math.exp(log_value):.4g}"
    return f"10^{log_value / math.log(10):.2f}"


def _or_none(value: int | None, proxy: ErrorProxy) -> str:
    if value is not None:
        return str(value)
    return "none, E falls" if proxy.kept else "-"
