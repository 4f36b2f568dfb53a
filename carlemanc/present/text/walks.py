"""What walks over the encoded step told: probabilities and observables with error bars, beside what is known."""

from __future__ import annotations

from carlemanc.commands.run_paths import PathsRun, Probability, WalkedValue
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View, table, wrapped


@text.register
def paths_text(found: PathsRun, view: View = FIRST) -> str:
    """Return the probabilities, the observables and what the walks were."""
    width = view.width
    title = f"{found.name}: {found.walks:,} walks of {found.T} steps of the march, no circuit, back end {found.backend}"
    planned = [_probability(one) for one in (found.success, found.copy)]
    lines = [
        *wrapped(f"{title}, {found.seconds:.1f} s", width),
        "",
        *table(("", "walks", "error bar", "planned"), planned, width),
    ]
    if found.observables:
        heads = ("observable", "walks", "error bar", "Carleman", "gradient descent")
        lines += ["", *table(heads, [_value(one) for one in found.observables], width)]
    chance = f"each error bar holds with probability {found.confidence:g}; seed {found.seed}"
    return "\n".join([*lines, "", *wrapped(f"{found.estimator}; {chance}", width)])


def _probability(one: Probability) -> tuple[str, ...]:
    return one.name, f"{one.value:.6g}", f"{one.error_bar:.2g}", f"{one.planned:.6g}"


def _value(one: WalkedValue) -> tuple[str, ...]:
    others = ("-" if value is None else f"{value:.10g}" for value in (one.carleman, one.classical))
    return one.name, f"{one.value:.10g}", f"{one.error_bar:.3g}", *others
