"""What reads the answer and what makes it likelier: rounds of amplification, a way to read, a kind of rotation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from carlemanc.evaluation.search.trial import Trial, Trials
from carlemanc.programs.rotation_prices import SYNTHESES
from carlemanc.readout.ways.registry import WAYS
from carlemanc.sources.choices import CHOOSABLE
from carlemanc.sources.configuration import AMPLIFICATION, READOUT, SYNTHESIS, Configuration

VALUES: dict[str, tuple[Any, ...]] = {
    AMPLIFICATION: (False, "readout", "ancillas"),
    READOUT: tuple(name for name, way in WAYS.items() if way.is_known),
    SYNTHESIS: SYNTHESES,
}


def combined(trials: Trials, at: Configuration) -> Iterator[Configuration]:
    """Yield a configuration with every combination of the values of these keys that are free."""
    request = trials.request
    free = [key for key in VALUES if key in request.free]
    for values in product(*(VALUES[key] for key in free)):
        found = at
        for key, value in zip(free, values, strict=True):
            found = CHOOSABLE[key].write(request, found, value)
        yield found


def search_rounds(trials: Trials, start: Trial) -> Trial:
    """Return the best of all combinations from a trial on."""
    found = trials.best(combined(trials, start.at))
    return found if found is not None and found.rank < start.rank else start
