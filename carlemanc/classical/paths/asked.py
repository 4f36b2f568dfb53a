"""What is asked of a walk: the success probability of the march, and values of a question as the circuits read them."""

from __future__ import annotations

import math

from carlemanc.carleman.lattice_run import end_point
from carlemanc.classical.paths.forms import Form, LevelSquare, Overlap, Product, Quantity, Rows, Square
from carlemanc.classical.paths.walk import Walk
from carlemanc.classical.question import Value
from carlemanc.core.errors import InternalError
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import point_norm
from carlemanc.observables.certificate import bound_of_image, bound_of_part
from carlemanc.observables.question import OMITTED, Question, Reading
from carlemanc.observables.vectors import vector_of

SUCCESS, COPY = "success probability", "probability of a copy"


def march_quantities(walk: Walk, n: int) -> tuple[Quantity, Quantity]:
    """Return the probability that every step succeeds, and that the run ends on level 1 as well."""
    share = 1 / walk.start.square
    forms = {level: LevelSquare(level=level, n=n) for level in walk.start.levels if level}
    constant = math.exp(-2 * walk.log_alpha) * share if 0 in walk.start.levels else 0.0
    whole = tuple((share, form) for form in forms.values())
    return (
        Quantity(name=SUCCESS, constant=constant, parts=whole),
        Quantity(name=COPY, constant=0.0, parts=((share, forms[1]),)),
    )


def value_quantity(lifted: Lifted, walk: Walk, value: Value) -> Quantity:
    """Return a value of a question, of the truncated levels that its circuits read.

    Raises InputError where the lift has not the levels, TooLarge where rows have too many entries to be listed.
    """
    end = end_point(lifted.sequence, lifted.displacement)
    if end is None:
        raise InternalError("values are planned by gradient descent, which was not run to the end")
    asked = Question(
        lifted=lifted, whole=value.polynomial, end=end, precision=value.error / value.scale, loading=None
    )
    bound, room = bound_of_image if value.is_root else bound_of_part, OMITTED * value.error
    reading = asked.read(bound, room, as_squares=not value.is_root)
    made = _root_parts if value.is_root else _polynomial_parts
    constant, parts = made(reading, lifted.gamma, math.exp(walk.log_alpha))
    if not value.is_root:
        constant = value.polynomial.constant
    return Quantity(name=value.name, constant=constant, parts=parts, is_root=value.is_root)


def _polynomial_parts(
    reading: Reading, gamma: float, scale: float
) -> tuple[float, tuple[tuple[float, Form], ...]]:
    r"""-gamma <F_0, y_1> - <y_1, sum_l gamma^(l+1) F_l / (l + 1) y_l> and the squares; y is scale times a walk."""
    operators = reading.rest.operators
    parts: list[tuple[float, Form]] = []
    if 0 in operators:
        parts.append((-gamma * scale, Overlap(vector=vector_of(operators[0]))))
    rows = {degree: operator for degree, operator in operators.items() if degree}
    found = Rows.of(rows, {degree: gamma ** (degree + 1) / (degree + 1) for degree in rows})
    if found.factors:
        parts.append((-(scale**2), Product(rows=found)))
    for power in reading.powers:
        row = Rows.of(power.row.operators, {power.degree: gamma**power.degree})
        parts.append((power.sign * scale**2, Square(rows=row)))
    return 0.0, tuple(parts)


def _root_parts(reading: Reading, gamma: float, scale: float) -> tuple[float, tuple[tuple[float, Form], ...]]:
    """||F_0||^2 + 2 <F_0, R y> + ||R y||^2 with R_l = F_l gamma^l."""
    operators = reading.rest.operators
    rows = {degree: operator for degree, operator in operators.items() if degree}
    found = Rows.of(rows, {degree: gamma**degree for degree in rows})
    constant = 0.0
    parts: list[tuple[float, Form]] = []
    if found.factors:
        parts.append((scale**2, Square(rows=found)))
    if 0 in operators:
        vector = vector_of(operators[0])
        constant = point_norm(vector) ** 2
        if found.factors:
            parts.append((2 * scale, Overlap(vector=vector, rows=found)))
    return constant, tuple(parts)
