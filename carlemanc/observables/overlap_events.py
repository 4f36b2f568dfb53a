"""Linear parts: the overlap of level 1, or of a row of it, with a loaded vector, its size and its sign."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.register_layout import bits_for
from carlemanc.model.weights import DenseWeights, Point, Weights, as_array, point_norm
from carlemanc.observables.encoded_row import EncodedRow
from carlemanc.observables.event import Event, KnownAmplitude, SignTest
from carlemanc.observables.polynomial import place_of
from carlemanc.observables.vectors import image, product

if TYPE_CHECKING:
    from carlemanc.observables.overlap_probe import OverlapProbe


def overlap_events(
    lifted: Lifted,
    name: str,
    vector: Weights,
    u: Point,
    factor: float,
    row: EncodedRow | None = None,
) -> list[Event]:
    """Return the events that add factor <w, u>, or factor <w, sum_l R_l u^l> with a row.

    A value for all sites and few that differ are two vectors where n is large: each has a short loader.

    Raises InputError where w has none.
    """
    from carlemanc.bloqs.amplitudes.point_loader import MOST_AMPLITUDES

    parts = [vector]
    if vector.fill and len(vector.sites) and vector.n > MOST_AMPLITUDES:
        uniform = Weights.constant(vector.n, vector.fill)
        parts = [
            uniform,
            Weights(n=vector.n, fill=0.0, sites=vector.sites, values=vector.minus(uniform).values),
        ]
    return [overlap_event(lifted, name, part, u, factor, row) for part in parts]


def overlap_event(
    lifted: Lifted,
    name: str,
    vector: Weights,
    u: Point,
    factor: float,
    row: EncodedRow | None = None,
) -> Event:
    """Return the event that adds factor <w, u>, or factor <w, sum_l R_l u^l> with a row.

    Args:
        lifted: the training.
        name: of the observable, for messages.
        vector: w.
        u: theta(T) - center as planned.
        factor: see above.
        row: R_l, l >= 1.

    Raises InputError where w has no short loader.
    """
    _check_loader(vector, place_of(lifted, name))
    vector, factor = _positive(vector, factor)
    length = point_norm(vector)
    read, alpha = (u, 1.0) if row is None else (image(row.row, u), row.alpha)
    amplitude = product(vector, read) / (length * lifted.gamma * alpha)
    make_probe = partial(_overlap_probe, vector, row)
    is_certain = amplitude == 0 or (lifted.steps == 1 and point_norm(lifted.displacement) == 0)  # u(1) is F_0
    sign = SignTest(planned=amplitude, known=known_amplitude(lifted), make_probe=make_probe)
    return Event(
        name="overlap with a loaded vector",
        kind="amplitude",
        weight=factor * lifted.gamma * length * alpha * (-1 if is_certain and amplitude < 0 else 1),
        size=amplitude**2,
        make_probe=make_probe,
        row=row,
        sign=None if is_certain else sign,
    )


def _positive(vector: Weights, factor: float) -> tuple[Weights, float]:
    """Return vector and factor with a first value that is positive: a slot of no bits holds no sign."""
    live = vector.values[np.flatnonzero(vector.values)]
    if (vector.fill or float(live[0] if len(live) else 1.0)) > 0:
        return vector, factor
    opposite = Weights(n=vector.n, fill=-vector.fill, sites=vector.sites, values=-vector.values)
    return opposite, -factor


def known_amplitude(lifted: Lifted) -> KnownAmplitude | None:
    """Return what the history holds at t = 0, or at t = 1 where the start is the center; None where both are zero."""
    start, time = lifted.displacement, 0
    if point_norm(start) == 0 and lifted.steps > 1:
        start, time = lifted.systems[lifted.sequence.schedule[0]].constant_point(), 1
        start = _scaled(start, lifted.gamma)
    site, value = _largest(start)
    return KnownAmplitude(time=time, site=site, value=value / lifted.gamma) if value else None


def _scaled(point: Point, factor: float) -> Point:
    if isinstance(point, Weights):
        return Weights(n=point.n, fill=point.fill * factor, sites=point.sites, values=point.values * factor)
    return np.asarray(as_array(point) * factor)


def _largest(point: Point) -> tuple[int, float]:
    """Return the site of the largest weight, the first of equals, and its value; of a rule, a site that stands out."""
    if isinstance(point, DenseWeights):
        return point.prominent()
    if not isinstance(point, Weights):
        site = int(np.argmax(np.abs(point)))
        return site, float(point[site])
    listed = int(np.argmax(np.abs(point.values))) if len(point.sites) else 0
    value = float(point.values[listed]) if len(point.sites) else 0.0
    if abs(point.fill) <= abs(value):
        return int(point.sites[listed]) if len(point.sites) else 0, value
    free = np.setdiff1d(np.arange(len(point.sites) + 1), point.sites)
    return int(free[0]), point.fill


def _check_loader(vector: Weights, where: str) -> None:
    """Refuse a vector that no short circuit loads, in the name of the observable."""
    from carlemanc.bloqs.amplitudes.point_loader import MOST_AMPLITUDES

    count = len(vector.sites)
    if vector.fill:
        count = vector.n if count else 0
    if count <= MOST_AMPLITUDES:
        return
    problem = Problem(
        where=where,
        found=f"a linear part with {count:,} coefficients of their own",
        allowed=f"at most {MOST_AMPLITUDES:,} coefficients, or one for all weights",
        help="no short circuit is known that loads it, and n rotations would be dearer than reading theta",
    )
    raise InputError("this observable has no loader", [problem])


def _overlap_probe(vector: Weights, row: EncodedRow | None, eps: float) -> OverlapProbe:
    from carlemanc.bloqs.amplitudes.point_loader import load_point
    from carlemanc.observables.overlap_probe import OverlapProbe

    loader = load_point(vector, bits_for(vector.n), eps, is_controlled=False).loader
    return OverlapProbe(loader=loader, row=None if row is None else row.probe("alone", eps))
