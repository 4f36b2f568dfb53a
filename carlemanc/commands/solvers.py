"""`solvers`: every method's cost for the system of a spec."""

from __future__ import annotations

from collections.abc import Iterable

from carlemanc.commands.opening import open_spec
from carlemanc.evaluation.comparison import Comparison, compare
from carlemanc.sources.source import SpecLike


def solvers(spec: SpecLike, *, overrides: Iterable[str] = ()) -> Comparison:
    """Return the cost of every method for the system of a spec.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.

    Raises InputError or TooLarge as planning does.
    """
    found = open_spec(spec, overrides, synthesized=True)
    found.warn()
    return compare(found.memo, found.asked, found.spec.name)
