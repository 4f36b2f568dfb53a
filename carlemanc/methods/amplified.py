"""Any solver with amplitude amplification around it: the best rounds, then post-selection."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, final

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.core.arrays import Array
from carlemanc.methods.amplification import Amplification, Kind, amplification
from carlemanc.methods.method import AnyMethod, Method, Traits
from carlemanc.methods.plan import Plan

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula


@dataclass(frozen=True, slots=True, kw_only=True)
class AmplifiedPlan(Plan):
    """The plan of an amplified run.

    Args:
        inner: the plan of one use of the solver's circuit.
        amplification: the rounds around it.
    """

    inner: Plan
    amplification: Amplification


def amplification_document(plan: Plan) -> dict[str, Any]:
    """Return `amplification` of CONTRACT section 4: what is amplified, and in how many rounds a run."""
    rounds = plan.amplification.rounds if isinstance(plan, AmplifiedPlan) else 0
    return {"flag": "ancillas", "rounds": rounds}


def idle_amplification(plan: Plan) -> str:
    """Return why amplification changes nothing, where it was asked for and does; empty elsewhere."""
    if not isinstance(plan, AmplifiedPlan) or plan.amplification.rounds:
        return ""
    return (
        f"solver.amplification = true changes nothing: with success probability {plan.success_probability:.4g} no "
        "round of amplification lowers the expected uses of the circuit; a run has 0 rounds"
    )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Amplified(Method[Facts, AmplifiedPlan]):
    """A method whose success is amplified; the premises and the errors are the inner method's.

    Args:
        inner: the method.
        kind: see module amplification.
    """

    name: ClassVar[str] = "amplified"
    inner: AnyMethod
    kind: Kind = "optimum"

    @property
    def traits(self) -> Traits:
        """Those of the inner method; its success is taken as planned, for the rounds follow from it."""
        return replace(self.inner.traits, rough_success=False)

    def plan(self, facts: Any, epsilon: float, *, phases: bool = True) -> AmplifiedPlan:
        """Return the plan; see `Method.plan`."""
        inner = self.inner.plan(facts, epsilon, phases=phases)
        found = amplification(inner.success_probability, self.kind)
        outer = found.plan(inner)
        shared = {field.name: getattr(outer, field.name) for field in fields(Plan)}
        return AmplifiedPlan(**shared, inner=inner, amplification=found)

    def circuit(self, plan: AmplifiedPlan, access: Access[Facts], eps: float = 0.0) -> Bloq:
        """Return the method's circuit with the rounds around it."""
        return plan.amplification.circuit(self.inner.circuit(plan.inner, access, eps), eps)

    def amplitudes(self, plan: AmplifiedPlan, access: Access[Facts]) -> Array:
        """Return the inner amplitudes, longer by sin((2r + 1) theta)/sin(theta), theta as they have it."""
        found = self.inner.amplitudes(plan.inner, access)
        norm = math.sqrt(float((abs(found) ** 2).sum()))
        if not norm or not plan.amplification.rounds:
            return found
        lowered = norm * math.cos(plan.amplification.dilution / 2)
        turned = math.sin(plan.amplification.runs * math.asin(min(1.0, lowered)))
        return found * (turned / norm)

    def queried(self, plan: AmplifiedPlan, access: Access[Facts]) -> Mapping[Bloq, str]:
        """Those of the inner method."""
        return self.inner.queried(plan.inner, access)

    def own_calls(self, plan: AmplifiedPlan) -> int:
        """Those of the inner method."""
        return self.inner.own_calls(plan.inner)

    def formula(self) -> QueryFormula | None:
        """That of one use of the inner method."""
        return self.inner.formula()
