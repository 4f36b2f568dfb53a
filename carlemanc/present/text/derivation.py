"""The map of a spec, what the map of a network leaves out, and the blocks of A by powers of eta."""

from __future__ import annotations

from carlemanc.carleman.blocks import describe_blocks
from carlemanc.commands.derive import SHOWN_ORDER, Derivation
from carlemanc.model.map_text import describe
from carlemanc.model.network.scheduled import ApproximationReport
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View

LISTED_ADDRESSES = 16
"""Original addresses of a pruned model that are shown; the JSON has all."""


@text.register
def derivation_text(found: Derivation, view: View = FIRST) -> str:
    """Return F_l of each batch and the blocks of A as text."""
    training, parts = found.training, _origin_lines(found)
    for index, item in enumerate(training.batches):
        if training.rows:
            first, last = training.rows[index]
            parts.append(
                f"batch {index} of {training.batch_count}: rows {first}..{last - 1}, "
                f"steps t = {index} modulo {training.batch_count}"
            )
        parts += [describe(item), ""]
    if training.noise is not None:
        size = float(abs(training.noise).max())
        parts += [f"noise      xi(t), at most {size:.6g}, added to F_0 of step t", ""]
    shown = min(found.order, SHOWN_ORDER)
    blocks = describe_blocks(
        shown, training.sequence.degree, degrees=training.sequence.degrees, corrections=found.corrections
    )
    parts += [
        f"blocks of A, columns k <= {'N = ' if shown == found.order else ''}{shown}, by powers of eta",
        blocks,
    ]
    if shown < found.order:
        parts.append(f"... and so on to N = {found.order}")
    return "\n".join(parts)


def _origin_lines(found: Derivation) -> list[str]:
    """Return the layout of a network, what its map leaves out, and where the survivors sit."""
    lines: list[str] = []
    if found.network is not None:
        lines += found.network.info.layout()
    if found.approximation is not None:
        lines += approximation_lines(found.approximation)
    if found.training.addresses is not None:
        lines.append(f"addresses  {_shortened(found.training.addresses.tolist())}   (of u_0, u_1, ...)")
    return [*lines, ""] if lines else []


def _shortened(addresses: list[int]) -> str:
    shown = ", ".join(map(str, addresses[:LISTED_ADDRESSES]))
    return shown if len(addresses) <= LISTED_ADDRESSES else f"{shown}, ... ({len(addresses)} in all)"


def approximation_lines(found: ApproximationReport) -> list[str]:
    """Return the report as lines of text."""
    if found.is_exact:
        return ["approximation none: the map is gradient descent on the network"]
    lines = []
    if found.full_degree is None or found.kept_degree < found.full_degree:
        full = "infinite" if found.full_degree is None else str(found.full_degree)
        bound = (
            "no bound" if found.truncation_bound is None else f"at most {found.truncation_bound:.3g}, proved"
        )
        lines.append(f"truncation   degree {found.kept_degree} of {full}: a step loses {bound}")
    for use in found.fits:
        low, high = use.fit.interval
        place = "inside" if use.inside else "OUTSIDE"
        lines.append(
            f"{use.where:<12} {use.fit.name} by {use.fit.kind}, degree {use.fit.degree}: remainder "
            f"{use.fit.remainder:.3g} on [{low:g}, {high:g}], proved; arguments {use.low:.3g} to {use.high:.3g}, "
            f"{place}"
        )
    lines.append(
        f"deviation    {found.deviation:.3g} from gradient descent on the network after T steps, "
        f"{found.step:.3g} in a step, measured"
    )
    return lines
