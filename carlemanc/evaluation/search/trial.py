"""One configuration tried: its cost and its rank, or why it does not apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from carlemanc.core.errors import CarlemancError, InputError
from carlemanc.core.memo import REFUSALS, Memo
from carlemanc.core.progress import Reporter
from carlemanc.costs.physical import PhysicalCost
from carlemanc.evaluation.evaluate import Evaluation, evaluate
from carlemanc.evaluation.objective import OBJECTIVES, Rank, physical_point
from carlemanc.evaluation.rotations import check_synthesis
from carlemanc.linear_system.lifted import Lift
from carlemanc.sources.configuration import Configuration, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A configuration that applies.

    Args:
        at: the configuration.
        cost: of its runs.
        rank: less is better; within the limits comes before outside them.
    """

    at: Configuration
    cost: Evaluation
    rank: Rank


@dataclass(kw_only=True, eq=False)
class Trials:
    """What was tried, each configuration once.

    Args:
        memo: of this process.
        request: what is searched for.
        emits: whether only circuits with gates will do.
        lifts_left: how many more lifts may be tried.
        reporter: told of each lift that is tried.
    """

    memo: Memo
    request: Request
    emits: bool
    lifts_left: int
    reporter: Reporter | None = None
    known: dict[Configuration, Trial | CarlemancError] = field(default_factory=dict)
    lifts: set[Lift] = field(default_factory=set)

    def of(self, at: Configuration) -> Trial | None:
        """Return the trial of a configuration, None where it does not apply (`refusal` says why)."""
        if at not in self.known:
            is_new = at.lift not in self.lifts
            if is_new and not self.lifts_left:
                return None
            self.lifts_left -= is_new
            self.lifts.add(at.lift)
            self.known[at] = self._tried(at)
            if is_new and self.reporter is not None:
                self.reporter.advance()
        found = self.known[at]
        return found if isinstance(found, Trial) else None

    def refusal(self, ways: Iterable[Configuration]) -> CarlemancError:
        """Return why the first of some configurations, none of which applies, does not."""
        refused = (self.known.get(at) for at in ways)
        return next(
            (found for found in refused if isinstance(found, CarlemancError)),
            InputError("no more lifts of this size are tried"),
        )

    def best(self, ways: Iterable[Configuration]) -> Trial | None:
        """Return the best of some configurations, the first of equals."""
        found = [trial for at in ways if (trial := self.of(at)) is not None]
        return min(found, key=lambda trial: trial.rank) if found else None

    def _tried(self, at: Configuration) -> Trial | CarlemancError:
        try:
            check_synthesis(at)
            cost = evaluate(self.memo, at, circuits=False)
        except REFUSALS as refusal:
            return refusal.with_traceback(None)  # its frames would hold encodings
        point = physical_point(cost, self.request.hardware)
        return Trial(at=at, cost=cost, rank=rank_of(self.request, cost, point, emits=self.emits))


def rank_of(request: Request, cost: Evaluation, point: PhysicalCost | None, *, emits: bool = False) -> Rank:
    """Return the rank of a cost: what cannot be taken comes last, whatever it costs."""
    refused = (not cost.is_certified, emits and not cost.has_gates, max(0, cost.qubits - request.max_qubits))
    return (*map(int, refused), *OBJECTIVES[request.objective].rank(cost, point))


Step = Callable[[Trials, Trial], Trial]
"""A pass over one key: the best that it finds from a trial on."""
