"""The dissipation of a training: the verdict on circuits first, then spectrum, mode counts and error proxy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount
from carlemanc.present.text.layout import FIRST, Fact, View, facts, table, wrapped
from carlemanc.training.dissipation_report import Dissipation
from carlemanc.training.error_proxy import ErrorProxy
from carlemanc.training.hessian.checked import COARSE, Checked, percent

SHOWN_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Times at which the whole report has the error proxy."""
_DETAILS = ("samples", "loss", "seconds", "peak_memory_gib")
_COUNTS = 4
"""Rows of mode counts on the first screen."""


@text.register
def dissipation_text(report: Dissipation, view: View = FIRST) -> str:
    """Return for how many steps circuits make sense, then what that follows from; the whole has every figure."""
    width, most = view.width, None if view.whole else 1
    (_, verdict), *known = _circuits(report)
    return "\n".join(
        [
            *wrapped(verdict, width),
            "",
            *facts([("training", report.label), *known, *_spectrum(report, view)], width, most=most),
            "",
            *_counts(report, view),
            *facts(list(_gains(report)), width, most=most),
            "",
            *_proxy(report, view),
        ]
    )


def _spectrum(report: Dissipation, view: View) -> Iterator[Fact]:
    found = report.spectrum
    low, high = found.extreme(-1), found.extreme(1)
    kinds = {
        "dense": "every eigenvalue, dense",
        "fourier": "every eigenvalue, from the Fourier symbol",
        "lanczos": f"{len(found.outliers)} eigenvalues counted one by one, {len(found.probes)} probes of "
        f"{max((len(probe.nodes) for probe in found.probes), default=0)} further nodes",
    }
    yield "Hessian", f"{found.n} x {found.n} ({report.survivors} of {report.parameters} parameters)"
    yield from _checked(report.checked, view)
    yield "spectrum", kinds[found.method]
    yield (
        "smallest, largest h",
        f"{amount(low[0])} and {amount(high[0])} (residuals {amount(low[1])}, {amount(high[1])})",
    )
    if view.whole:
        yield "moments 1..4", "  ".join(str(found.moment(order)) for order in range(1, 5))
    if len(found.outliers) and not found.is_exact:
        largest = sorted(found.outliers, key=abs, reverse=True)[:12]
        yield "outliers", ", ".join(amount(float(value)) for value in largest)
    if not found.complete:
        yield "warning", "a probe saw an eigenvalue beyond those counted: raise --outlier-steps"
    for name in _DETAILS:
        if view.whole and report.details.get(name) is not None:
            yield name.replace("_", " "), amount(report.details[name])


def _counts(report: Dissipation, view: View) -> list[str]:
    rows = [
        (
            "a = -h" if item.unit == "hessian" else f"a = -eta h, eta = {report.learning_rate:g}",
            f"{item.threshold:g}",
            *(_counted(part) for part in (item.dissipative, item.near_zero, item.divergent)),
        )
        for item in report.counts
    ]
    heads = ("modes", "|a| >", "dissipative", "near zero", "divergent")
    return table(heads, rows if view.whole else rows[:_COUNTS], view.width)


def _gains(report: Dissipation) -> Iterator[Fact]:
    gains = report.gains
    yield (
        "0 < eta h < 2",
        f"{_counted(gains.shrinking)} of {report.spectrum.n} modes shrink in a step "
        f"({_counted(gains.unstable)} with eta h >= 2)",
    )
    yield "largest a", amount(gains.a_max)
    yield (
        "largest gain",
        f"{gains.largest:.8g} a step, 10^{gains.log10_after(report.steps):.3g} after T = {report.steps}",
    )


def _proxy(report: Dissipation, view: View) -> list[str]:
    names = list(report.proxies)
    heads = ("t", *(f"{name} (eta_s = {report.proxies[name].eta_s:g})" for name in names))
    shown = [t for t in SHOWN_STEPS if t < report.steps] if view.whole else [0]
    rows = [
        (str(t), *(_power_text(float(report.proxies[name].log_values(t))) for name in names))
        for t in (*shown, report.steps)
    ]
    for label, attribute in (("t_min", "t_min"), ("t_cross", "t_cross"), ("re-upload every", "period")):
        found = (_or_none(getattr(report.proxies[name], attribute), report.proxies[name]) for name in names)
        rows.append((label, *found))
    low, high = report.window
    title = f"error proxy E(t), modes with {low:g} <= |a| <= {high:g} (eqs. 7-8 of the paper)"
    return [*wrapped(title, view.width), *table(heads, rows, view.width)]


def _circuits(report: Dissipation) -> Iterator[Fact]:
    """Return for how many steps circuits make sense, then what is known of the map and of its linear part."""
    within = report.gains.steps_within(report.order)
    limit = "any number of steps" if within is None else f"at most {within} steps"
    linear = f"gain of level N = {report.order} below e for {limit} (necessary, from the Hessian alone)"
    found = report.compiler
    if found is None:
        yield "circuits", "Circuits need a polynomial loss: see `carlemanc analyze` of a spec."
        yield "linear part", linear
        return
    if found.certified_steps is None:
        yield "circuits", "Circuits make sense for any number of steps: the majorant contracts."
    elif found.certified_steps >= report.steps:
        yield (
            "circuits",
            f"Circuits make sense for up to {found.certified_steps} steps between re-uploads.",
        )
    else:
        yield (
            "circuits",
            f"Circuits make sense for {found.certified_steps} of these {report.steps} steps; beyond, the majorant "
            "grows by more than e: re-upload.",
        )
    bound = "none" if found.truncation_bound is None else amount(found.truncation_bound)
    ratio = "none" if found.ratio is None else amount(found.ratio)
    yield (
        "compiler",
        f"{found.regime} (R = {ratio}); certified truncation error {bound} at N = {report.order}, T = {report.steps}",
    )
    yield "linear part", linear


def _checked(found: Checked, view: View) -> Iterator[Fact]:
    """Return the findings of the checks."""
    told = ", ".join(f"{name} {item}" for name, item in found.figures.items())
    place = "" if found.batches is None else f", batches {found.batches}"
    if view.whole:
        yield "checked", f"{told} ({found.precision}{place})"
    if found.rounding is not None and found.rounding > COARSE:
        yield (
            "warning",
            f"in double precision H v differs by {percent(found.rounding)}, by rounding or other random numbers: "
            "return model and data in float64",
        )
    for note in found.notes if view.whole else ():
        yield "note", note


def _counted(found: Any) -> str:
    told = f"{found.value:.0f}" if found.value >= 100 else f"{found.value:.3g}"
    if found.half_width is not None and found.half_width < 1e-6:
        return told
    return told + (" +- ?" if found.half_width is None else f" +- {found.half_width:.2g}")


def _power_text(log_value: float) -> str:
    if math.isnan(log_value):
        return "no mode in the window"
    if log_value == -math.inf or abs(log_value) < math.log(1e4):
        return amount(math.exp(log_value))
    return f"10^{log_value / math.log(10):.2f}"


def _or_none(value: int | None, proxy: ErrorProxy) -> str:
    if value is not None:
        return str(value)
    return "none, E falls" if proxy.kept else "-"
