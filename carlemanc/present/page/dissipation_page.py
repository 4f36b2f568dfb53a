"""The page of `dissipation -o`: which modes of a Hessian shrink, and for how many steps circuits make sense."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from math import log
from pathlib import Path

from carlemanc.core.places import is_file
from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import chosen, count, is_number, percent, real
from carlemanc.present.page.document import (
    SELF_CONTAINED,
    Badge,
    Document,
    Fact,
    FactList,
    Figure,
    Figures,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, damaged, table

SPECTRUM = "spectrum.npz"
_MOST_POINTS = 400
_FLOOR = 1e-6
"""Densities below this part of the largest are not drawn: the axis is logarithmic."""
_EXACT = 1e-6
"""A half width below this is that of counted modes."""
_UNITS = {"hessian": "of −h", "learning rate": "of −eta h"}


def dissipation_page(report: Json, directory: Path) -> Document:
    """Return the page of a spectrum. Raises InputError where spectrum.npz beside it is damaged."""
    compiler, gains = table(report.get("compiler")), table(report.get("gains"))
    regime = compiler.get("regime")
    figures = (*_density(report, directory / SPECTRUM), *_proxies(report))
    return Document(
        title=str(report["label"]),
        about="Dissipation of a training: the spectrum of its Hessian",
        badges=(
            *([Badge(regime, "good" if regime == "fully dissipative" else "caution")] if regime else []),
            Badge(f"order {chosen(report['order'])}"),
            Badge(f"T = {chosen(report['steps'])}"),
            Badge(f"eta = {chosen(report['learning_rate'])}"),
        ),
        verdict=(_verdict(report, compiler, gains),),
        panels=(Figures(figures),) if figures else (),
        summary=(Paragraph(_linear_part(report, gains)),) if compiler else (),
        highlights=(),
        sections=(
            Section(
                "Spectrum", "spectrum", (_modes(report), FactList(tuple(_facts(report, gains, compiler))))
            ),
        ),
        footer=SELF_CONTAINED,
    )


def _verdict(report: Json, compiler: Json, gains: Json) -> Paragraph:
    if not compiler:
        return Paragraph(_linear_part(report, gains), tone="plain")
    certified, steps = compiler.get("certified_steps"), report["steps"]
    if certified is None:
        return Paragraph(
            "Circuits make sense for any number of steps: the majorant contracts.", tone="verdict"
        )
    if certified >= steps:
        return Paragraph(
            f"Circuits make sense for up to {chosen(certified)} steps between re-uploads.", tone="verdict"
        )
    return Paragraph(
        f"Circuits make sense for {chosen(certified)} of these {chosen(steps)} steps; beyond, the majorant grows by "
        "more than e: re-upload.",
        tone="caution",
    )


def _linear_part(report: Json, gains: Json) -> str:
    within = gains.get("steps_within_e")
    limit = "any number of steps" if within is None else f"at most {chosen(within)} steps"
    return (
        f"The linear part keeps the gain of level N = {chosen(report['order'])} below e for {limit}, which is "
        "necessary, and follows from the Hessian alone."
    )


def _modes(report: Json) -> PageTable:
    def counted(key: str) -> Callable[[Json], str]:
        return lambda item: _with_width(table(item.get(key)))

    return listing(
        "Modes by the sign and size of a, with their half widths at 95 % where they are estimated",
        report["counts"],
        {
            "a:": lambda item: _UNITS.get(item.get("unit"), str(item.get("unit"))),
            "|a| above": lambda item: real(item.get("threshold")),
            "dissipative": counted("dissipative"),
            "near zero": counted("near_zero"),
            "divergent": counted("divergent"),
        },
    )


def _with_width(part: Json) -> str:
    value, width, share = part.get("value"), part.get("half_width"), part.get("fraction")
    if value is None:
        return "–"
    text = real(float(value)) + (f" ({percent(share)})" if share is not None else "")
    if width is None:
        return f"{text} ± ?"
    return text if width < _EXACT else f"{text} ± {real(float(width), 2)}"


def _facts(report: Json, gains: Json, compiler: Json) -> Iterator[Fact]:
    spectrum = table(report.get("spectrum"))
    yield Fact(
        "weights", chosen(report.get("survivors")), f"of {chosen(report.get('parameters'))} parameters"
    )
    yield Fact(
        "method", str(spectrum.get("method")), "every eigenvalue" if spectrum.get("exact") else "sampled"
    )
    for key in ("smallest", "largest"):
        end = table(spectrum.get(key))
        yield Fact(f"{key} h", real(end.get("value")), f"residual {real(end.get('residual'), 2)}")
    yield Fact("largest gain of a step", real(gains.get("largest_gain_per_step"), 6))
    after = gains.get("log10_largest_gain_after_T")
    if after is not None:
        gain = real(10.0 ** float(after)) if abs(after) < 300 else f"10 to the power {real(after)}"
        yield Fact(f"largest gain after {chosen(report['steps'])} steps", gain)
    shrinking = _with_width(table(gains.get("modes_with_0_lt_eta_h_lt_2")))
    unstable = _with_width(table(gains.get("modes_with_eta_h_ge_2")))
    yield Fact("modes that shrink in a step", shrinking, f"0 < eta h < 2; {unstable} with eta h of 2 or more")
    if compiler:
        ratio = "none" if compiler.get("R") is None else real(compiler["R"])
        yield Fact("R", ratio, "below 1: the majorant contracts")
        bound = "none" if compiler.get("truncation_bound") is None else real(compiler["truncation_bound"])
        yield Fact("certified truncation error", bound, f"at N = {chosen(report['order'])}")


def _proxies(report: Json) -> list[Figure]:
    """The error proxy against t, as powers of ten."""
    series = []
    for name, proxy in table(report.get("error_proxy")).items():
        pairs = [
            (t, value / log(10))
            for t, value in enumerate(table(proxy).get("log_E") or ())
            if is_number(value)
        ]
        if len(pairs) > 1:
            kept = tuple(pairs[:: 1 + len(pairs) // _MOST_POINTS])
            series.append(Series(label=str(name), points=kept, is_marked=False))
    if not series:
        return []
    low, high = report["window"]
    what = f"modes with {real(low)} ≤ |a| ≤ {real(high)}"
    words = "; ".join(
        f"{line.label}: {real(line.points[-1][1])} at t = {line.points[-1][0]}" for line in series
    )
    svg = line_chart(
        "proxy",
        title="Error proxy against t",
        description=f"Logarithm to base 10 of the error proxy, {what}. {words}.",
        x_label="t (steps)",
        y_label="log₁₀ of the error proxy",
        series=series[:6],
    )
    return [Figure("proxy", f"Error proxy against t, {what}, from 1 on.", svg)]


def _density(report: Json, file: Path) -> list[Figure]:
    """The density of modes, where spectrum.npz stands beside the document."""
    if not is_file(file):
        return []
    pairs = _curve(file)
    if len(pairs) < 2:
        return []
    (low, _), (high, _) = pairs[0], pairs[-1]
    svg = line_chart(
        "density",
        title="Density of modes against a = −h",
        description=f"From a = {real(low)} to {real(high)}; below 0 a mode is dissipative.",
        x_label="a = −h; below 0 dissipative",
        y_label="density",
        series=[Series(label="density", points=pairs, is_marked=False)],
    )
    return [
        Figure(
            "density",
            f"Density of the modes of {count(table(report.get('spectrum')).get('n'))} weights.",
            svg,
        )
    ]


def _curve(file: Path) -> tuple[tuple[float, float], ...]:
    """Points (a, density), smallest a first, those of no density left out."""
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as arrays:
            grid, density = np.asarray(arrays["grid"], float), np.asarray(arrays["density"], float)
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(str(file), f"no spectrum ({type(error).__name__})") from None
    if grid.ndim != 1 or grid.shape != density.shape or not len(grid):
        raise damaged(str(file), f"arrays of shapes {grid.shape} and {density.shape}")
    if not (np.isfinite(grid).all() and np.isfinite(density).all()):
        raise damaged(str(file), "numbers that are not finite")
    kept = np.flatnonzero(density > _FLOOR * density.max())[:: 1 + len(grid) // _MOST_POINTS]
    return tuple(sorted((-float(grid[k]), float(density[k])) for k in kept))
