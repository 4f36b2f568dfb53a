"""`carlemanc verify`: the emitted block encoding against the classical operator, column by column."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file
from carlemanc.cli._working import working


def verify(
    spec: Spec,
    /,
    *,
    columns: int = 200,
    seed: int = 0,
    tolerance: float = 1e-9,
    common: Common = DEFAULTS,
) -> int:
    """Check columns of the emitted block encoding of L, and entries of the preparation of b, at any size.

    Parameters
    ----------
    columns
        How many columns, at most 100,000; every boundary case is checked whatever the number.
    seed
        Of the random columns.
    tolerance
        Largest deviation of an entry of L that passes; above it the exit status is 1.
    """
    import carlemanc
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.verify(model, columns=columns, seed=seed, tolerance=tolerance)
    return deliver(result, common)
