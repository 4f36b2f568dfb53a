"""What the map of a network leaves out."""

from __future__ import annotations

from carlemanc.model.network.scheduled import ApproximationReport


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
