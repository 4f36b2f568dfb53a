"""Any solver with amplitude amplification around it: rounds about its success or about the answer, then post-selection.

About the answer is never worse: the rounds then multiply success and readout probability together, and the flag that
this takes costs a comparison a use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

import numpy as np

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.core.arrays import Array
from carlemanc.methods.amplification import Amplification, Form, amplification, inner_epsilon
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
        is_joint: whether a flag makes the answer their event, and not all ancillas |0> alone.
    """

    inner: Plan
    amplification: Amplification
    is_joint: bool

    @property
    def one_use(self) -> Plan:
        """That of the solver's circuit."""
        return self.inner


def amplification_document(plan: Plan) -> dict[str, Any]:
    """Return `amplification` of CONTRACT section 4: what is amplified, and in how many rounds a run."""
    if not isinstance(plan, AmplifiedPlan):
        return {"flag": "ancillas", "rounds": 0}
    return {"flag": "readout" if plan.is_joint else "ancillas", "rounds": plan.amplification.rounds}


def idle_amplification(plan: Plan) -> str:
    """Return why amplification changes nothing, where it was asked for and does; empty elsewhere."""
    if not isinstance(plan, AmplifiedPlan) or plan.amplification.rounds:
        return ""
    return (
        f"solver.amplification changes nothing: with success probability {plan.success_probability:.4g} no "
        "round of amplification lowers the expected uses of the circuit; a run has 0 rounds"
    )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Amplified(Method[Facts, AmplifiedPlan]):
    """A method whose success is amplified; the premises and the errors are the inner method's.

    Args:
        inner: the method.
        target: what is amplified: that the answer is read, or that all ancillas are |0>; the same where the final
            state holds nothing but the answer.
        form: see module amplification.
        least_success: for the form "fixed-point": what it ends with at least.
    """

    name: ClassVar[str] = "amplified"
    inner: AnyMethod
    target: Literal["readout", "ancillas"] = "readout"
    form: Form = "expected"
    least_success: float = 0.99

    @property
    def traits(self) -> Traits:
        """Those of the inner method; its success is taken as planned, for the rounds follow from it."""
        traits = self.inner.traits
        return replace(traits, rough_success=False, own_gates=f"{traits.own_gates}, rounds of amplification")

    def plan(self, facts: Any, epsilon: float, *, phases: bool = True) -> AmplifiedPlan:
        """Return the plan; see `Method.plan`. `epsilon` is the relative error of the final state of one use."""
        inner = self.inner.plan(facts, epsilon, phases=phases)
        joint = self.target == "readout" and facts.is_part
        probability = inner.copy_probability if joint else inner.success_probability
        found = amplification(probability, self.form, delta=math.sqrt(1 - self.least_success))
        joint = joint and found.rounds > 0
        outer = found.plan(inner, joint=joint)
        if inner.success_is_bound and found.rounds:  # then the rounds may turn too far
            largest = found.before / inner.success_probability
            outer = replace(outer, success_probability=found.least_after(largest, self.least_success))
        shared = {field.name: getattr(outer, field.name) for field in fields(Plan)}
        return AmplifiedPlan(**shared, inner=inner, amplification=found, is_joint=joint)

    def inner_epsilon(self, epsilon: float) -> float:
        """Return what the rounds leave within `epsilon`; see module amplification."""
        return inner_epsilon(epsilon)

    def circuit(self, plan: AmplifiedPlan, access: Access[Facts], eps: float = 0.0) -> Bloq:
        """Return the method's circuit, flagged where the answer is the event, with the rounds around it."""
        from carlemanc.methods.flagged import flagged

        circuit = self.inner.circuit(plan.inner, access, eps)
        return plan.amplification.circuit(flagged(circuit, access.answer) if plan.is_joint else circuit, eps)

    def amplitudes(self, plan: AmplifiedPlan, access: Access[Facts]) -> Array:
        """Return the inner amplitudes of the event, lengthened as the rounds do from the norm that they have."""
        found = self.inner.amplitudes(plan.inner, access)
        if plan.is_joint:
            kept = np.zeros(len(found), dtype=bool)
            kept[access.answer.pick(np.arange(len(found)))] = True
            found = np.where(kept, found, 0.0)
        norm = float(np.linalg.norm(found))
        if not norm or not plan.amplification.rounds:
            return found
        return np.asarray(found * (plan.amplification.amplitude(norm) / norm))

    def queried(self, plan: AmplifiedPlan, access: Access[Facts]) -> Mapping[Bloq, str]:
        """Those of the inner method."""
        return self.inner.queried(plan.inner, access)

    def own_calls(self, plan: AmplifiedPlan) -> int:
        """Those of the inner method."""
        return self.inner.own_calls(plan.inner)

    def formula(self) -> QueryFormula | None:
        """That of one use of the inner method."""
        return self.inner.formula()
