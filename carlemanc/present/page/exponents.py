"""How counts grow along the axes of a sweep: fitted exponents, and what the paper claims for the regime."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import log, log1p

from carlemanc.costs.scaling import FittedExponent, fitted_exponent
from carlemanc.present.number_words import chosen, percent, real
from carlemanc.present.page.document import Block, Paragraph, listing
from carlemanc.present.page.files import table
from carlemanc.present.page.sweep_points import (
    MAX_ROWS,
    Line,
    Point,
    axis_name,
    lines_along,
    qubits_of,
    t_of,
    t_of_all_runs,
    x_of,
)

FARTHEST = 0.1
"""A power is drawn, and given as an exponent, where no point is farther from it than this part of its number."""
_FIT_POINTS = 3
"""A line through fewer points always fits."""
_NOISE = 1e-12
"""Of an exponent: a smaller error is that of floating-point numbers."""
_NOTABLE = 0.2
"""Exponents that differ by more are said to."""
_CLAIMS = {
    "fully dissipative": "T · polylog(n, 1/epsilon) (Theorem 1, fully dissipative, small learning rate)",
    "almost dissipative": "T² · polylog(n, 1/epsilon) (Theorem 2, almost dissipative)",
}

_Fits = tuple[str, Line, Mapping[str, tuple[FittedExponent | None, FittedExponent | None]]]
"""An axis, a line along it and, by the name of what is counted, its exponent, and that only where it is drawn."""


def fit_of(key: str, line: Line, value: Callable[[Point], int]) -> FittedExponent | None:
    """Return the exponent of a line of positive numbers, None where there are too few."""
    pairs = [(x_of(point, key), value(point)) for point in line.points]
    kept = [(x, y) for x, y in pairs if x > 0 and y > 0]
    if len({x for x, _ in kept}) < _FIT_POINTS:
        return None
    return fitted_exponent([x for x, _ in kept], [y for _, y in kept])


def drawn_fit(key: str, line: Line, value: Callable[[Point], int]) -> FittedExponent | None:
    """Return the fit of a line that follows its points: none is off by more than `FARTHEST` of its number."""
    fit = fit_of(key, line, value)
    return fit if fit is not None and _farthest(key, line, value, fit) <= log1p(FARTHEST) else None


def _farthest(key: str, line: Line, value: Callable[[Point], int], fit: FittedExponent) -> float:
    """The largest |ln y - ln fit| of the points of a line."""
    return max(
        abs(log(value(point)) - fit.log_prefactor - fit.exponent * log(x_of(point, key)))
        for point in line.points
        if x_of(point, key) > 0 and value(point) > 0
    )


def exponent(fit: FittedExponent) -> str:
    """Return an exponent with its standard error."""
    if fit.standard_error is None:
        return real(fit.exponent, 3)
    noise = abs(fit.exponent) * _NOISE
    error = f" ± {real(fit.standard_error, 1) if fit.standard_error > noise else '0'}"
    return f"{real(fit.exponent, 3)}{error}"


def fits_table(points: Sequence[Point], axes: Sequence[str]) -> Block:
    """Return the exponents of every line of enough points."""
    values = {"T gates of a run": t_of, "logical qubits": qubits_of, "T gates of all runs": t_of_all_runs}
    found = [
        (
            key,
            line,
            {name: (fit_of(key, line, value), drawn_fit(key, line, value)) for name, value in values.items()},
        )
        for key in axes
        for line in lines_along(points, key)
    ]
    kept = [item for item in found if any(fit for fit, _ in item[2].values())]
    if not kept:
        return Paragraph(f"No line has {_FIT_POINTS} points: no exponent is fitted.")
    caption = (
        "Fitted exponents: counts grow like a power of the axis, least squares in logarithms, "
        f"± the standard error; no power: a point is more than {percent(FARTHEST)} off, and no line is drawn"
    )
    cells: dict[str, Callable[[_Fits], str]] = {
        "against:": lambda item: axis_name(item[0]),
        "at:": lambda item: item[1].label or "–",
        **{name: lambda item, name=name: _fitted(item[2][name]) for name in values},  # type: ignore[misc]
        "fitted over": _range,
    }
    return listing(caption, kept[:MAX_ROWS], cells)


def _fitted(fits: tuple[FittedExponent | None, FittedExponent | None]) -> str:
    fit, drawn = fits
    return "too few points" if fit is None else "no power" if drawn is None else exponent(drawn)


def _range(item: _Fits) -> str:
    key, line, _ = item
    first, last = x_of(line.points[0], key), x_of(line.points[-1], key)
    return f"{chosen(first)} to {chosen(last)}, {len(line.points)} points"


def claim(points: Sequence[Point], axes: Sequence[str]) -> list[Block]:
    """Return what the paper claims in the regime of a grid, and how the readout changes it."""
    regimes = Counter(table(point.estimate.get("regime")).get("name") for point in points)
    names = [name for name in regimes if name]
    if len(names) != 1:
        found = ", ".join(f"{name} ({regimes[name]} points)" for name in names) or "not known"
        text = (
            f"Liu et al. 2024 claim {'; '.join(_CLAIMS.values())}. The regime of this grid: {found}. Each exponent "
            "is to be held against the claim of its own regime."
        )
        return [Paragraph(text)]
    claimed = _CLAIMS.get(names[0])
    if claimed is None:
        text = (
            f"These systems are {names[0]}: Liu et al. 2024 claim no scaling in this regime, so that the "
            "exponents stand alone."
        )
        return [Paragraph(text, tone="caution")]
    has_weights = all(point.costs.reading.has_weights for point in points)
    text = (
        f"These systems are {names[0]}, where Liu et al. 2024 claim a cost of {claimed}. One run, which prepares the "
        f"solution, is compared with it; reading the {'weights' if has_weights else 'observables'} multiplies it by "
        f"the number of {'runs' if has_weights else 'uses'}."
    )
    return [Paragraph(text), *_with_readout(points, axes)]


def _with_readout(points: Sequence[Point], axes: Sequence[str]) -> list[Block]:
    """How all runs together grow, where that is another power than one run."""
    found = []
    for key in axes:
        fits = [
            (drawn_fit(key, line, t_of), drawn_fit(key, line, t_of_all_runs))
            for line in lines_along(points, key)
        ]
        pairs = [(one, every) for one, every in fits if one and every]
        if pairs and max(every.exponent - one.exponent for one, every in pairs) > _NOTABLE:
            ones, all_runs = ([fit.exponent for fit in side] for side in zip(*pairs, strict=True))
            found.append(
                f"against {axis_name(key)}, one run has exponent {_span(ones)} and all runs {_span(all_runs)}"
            )
    if not found:
        return []
    text = f"With the readout the growth is another one: {'; '.join(found)}."
    return [Paragraph(text, tone="caution")]


def _span(values: Sequence[float]) -> str:
    low, high = real(min(values), 2), real(max(values), 2)
    return low if low == high else f"{low} to {high}"
