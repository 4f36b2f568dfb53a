"""The packaged examples as a list."""

from __future__ import annotations

from carlemanc.spec.examples import Example, packaged_examples


def examples() -> tuple[Example, ...]:
    """Return the packaged examples; a name is accepted wherever a spec path is."""
    return packaged_examples()
