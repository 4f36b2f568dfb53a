"""From an expression to an observable: its events, what it is planned to be, how far it is sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carlemanc.carleman.lattice_run import end_point
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.expression.tree import GRADIENT_NORM
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.observables.gradient_norm import gradient_observable
from carlemanc.observables.observable import Observable
from carlemanc.observables.polynomial import place_of, polynomial_of
from carlemanc.observables.polynomial_events import polynomial_observable
from carlemanc.observables.question import Question

if TYPE_CHECKING:
    from carlemanc.bloqs.loading import Loading


def observe(
    lifted: Lifted,
    name: str,
    expression: str,
    vocabulary: Vocabulary,
    *,
    precision: float = 1e-2,
    loading: Loading | None = None,
) -> Observable:
    """Return an observable of theta(T), ready to be read from runs of a lift.

    Args:
        lifted: the training and its truncation.
        name: what the user calls it.
        expression: in the grammar of a loss, or "loss", or "gradient_norm", which is ||grad L|| over all data.
        vocabulary: what the expression may name.
        precision: error wanted over the planned magnitude; parts far below it are not read.
        loading: how tables of its encodings are read.

    Raises:
        InputError: an expression that cannot be evaluated; an order without the levels it takes, with the one that
            would do; a magnitude of zero; a linear part that no short circuit loads; a map known by its shape.
        TooLarge: gradient descent, by which it is planned, is not run to the end.
    """
    _refuse_shaped(lifted, name)
    whole = polynomial_of(lifted, name, expression, vocabulary)
    end = end_point(lifted.sequence, lifted.displacement)
    if end is None:
        raise TooLarge(
            f"the observable {name}",
            size=f"n = {lifted.n:,} from a start that is neither sparse nor uniform",
            limit="lattices on which gradient descent is run to the end",
            instead="It is planned by its classical value; use a sparse or uniform start.",
        )
    maker = gradient_observable if expression == GRADIENT_NORM else polynomial_observable
    return maker(Question(lifted=lifted, whole=whole, end=end, precision=precision, loading=loading))


def _refuse_shaped(lifted: Lifted, name: str) -> None:
    if not lifted.is_shaped:
        return
    problem = Problem(
        where=place_of(lifted, name),
        found="a map known by its shape: no entry of F_l is known",
        allowed="a loss, a network or a map with entries",
        help='readout.target = "theta" is counted by shape',
    )
    raise InputError("an observable of a shape has no value", [problem])
