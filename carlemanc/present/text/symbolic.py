"""The closed forms of `estimate --symbolic`, a count a line."""

from __future__ import annotations

from carlemanc.commands.symbolic import SymbolicEstimate
from carlemanc.costs.symbolic_part import COUNTS, branches
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def symbolic_text(found: SymbolicEstimate, view: View = FIRST) -> str:
    """Return the formulas as text."""
    lines = [f"{found.name}: closed forms in n and T, N = {found.order}, gamma = {found.gamma:.6g}"]
    lines.append("nu(k): trailing zeros of k; full(T): bits(T) - 1 where T + 1 is a power of two, else 0")
    for part in found.parts:
        lines += ["", part.name]
        for count in COUNTS:
            least = part.smallest(count)
            begins = f"   (n >= {least[0]})" if found.in_n else f"   (T >= {least[1]})"
            lines += [f"  {count:<10} {line}{begins}" for line in branches(part.formula(count))]
    return "\n".join(
        [
            *lines,
            "",
            f"d = {found.degree_formula}",
            f"  = {found.degree} at n = {found.n}, T = {found.steps}, where kappa = {found.kappa_effective:.6g} "
            f"and epsilon = {found.epsilon:.6g}",
            "T gates of a run = 4 Toffoli + T + r rotations, r = 3.02 log2(1/diamond error) + 1.77",
            found.asymptotics,
            *(f"{kappa}: {growth}" for kappa, growth in found.regimes.items()),
        ]
    )
