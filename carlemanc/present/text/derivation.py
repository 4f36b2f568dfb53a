"""The map of a spec and the blocks of A by powers of eta."""

from __future__ import annotations

from carlemanc.carleman.blocks import describe_blocks
from carlemanc.commands.derive import SHOWN_ORDER, Derivation
from carlemanc.model.map_text import describe
from carlemanc.present.text import text
from carlemanc.present.text.approximation import approximation_lines

LISTED_ADDRESSES = 16
"""Original addresses of a pruned model that are shown; the JSON has all."""


@text.register
def derivation_text(found: Derivation) -> str:
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
