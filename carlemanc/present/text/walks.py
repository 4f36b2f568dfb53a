"""What walks over the encoded step told: probabilities and observables with error bars, beside what is known."""

from __future__ import annotations

from carlemanc.commands.run_paths import PathsRun, Probability, WalkedValue
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def paths_text(found: PathsRun, view: View = FIRST) -> str:
    """Return the probabilities, the observables and what the walks were."""
    rows = [("", "walks", "error bar", "planned")]
    rows += [_probability(one) for one in (found.success, found.copy)]
    lines = [
        f"{found.name}: {found.walks:,} walks of {found.T} steps of the march, no circuit, back end {found.backend}, "
        f"{found.seconds:.1f} s",
        "",
        *(f"{name:<28}{value:<14}{bar:<12}{planned}" for name, value, bar, planned in rows),
    ]
    if found.observables:
        width = max(10, *(len(one.name) for one in found.observables))
        lines += [
            "",
            f"{'observable':<{width}} {'walks':<18}{'error bar':<13}{'Carleman':<18}gradient descent",
        ]
        lines += [_value(one, width) for one in found.observables]
    return "\n".join(
        [
            *lines,
            "",
            f"{found.estimator}; each error bar holds with probability {found.confidence:g}; seed {found.seed}",
        ]
    )


def _probability(one: Probability) -> tuple[str, str, str, str]:
    return one.name, f"{one.value:.6g}", f"{one.error_bar:.2g}", f"{one.planned:.6g}"


def _value(one: WalkedValue, width: int) -> str:
    others = (f"{'-' if value is None else f'{value:.10g}':<18}" for value in (one.carleman, one.classical))
    return (f"{one.name:<{width}} {one.value:<18.10g}{one.error_bar:<13.3g}" + "".join(others)).rstrip()
