"""What every method promises: traits, a plan made from facts alone, its circuit, its exact amplitudes.

A method sees facts, an access and its own plans; never a spec, a system, a back end or another method's name. A new one
is one file with one frozen dataclass, whose fields are its options, and one line in `registry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

import numpy as np

from carlemanc.access.access import Access, Opener
from carlemanc.access.facts import Facts
from carlemanc.core.arrays import Array
from carlemanc.methods.plan import Plan

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula
    from carlemanc.programs.lowering import Uncompute

F = TypeVar("F", bound=Facts)
P = TypeVar("P", bound=Plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a method says of itself; nobody asks for its name.

    Args:
        access: opens what it queries.
        own_gates: the ledger's last row: whatever is no query.
        law: how queries grow with 1/share, for the split of epsilon.
        own_rotations: rotations of its own for each query, for the split.
        counted_unsolved: its circuit is counted without phases.
        walks_queries: its call graph is as long as its queries: beyond some number these are priced instead.
        rough_success: its success depends on the whole spectrum, and is worked out exactly where the system is small.
    """

    access: Opener
    own_gates: str
    law: Literal["logarithmic", "power"] = "logarithmic"
    own_rotations: int = 1
    counted_unsolved: bool = False
    walks_queries: bool = True
    rough_success: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The costs of a plan that is not worked out; the fields are those of `Plan`."""

    queries_L: int
    queries_b: int
    success_probability: float
    readout_probability: float


class Method(ABC, Generic[F, P]):
    """A quantum algorithm that leaves theta(T) - center, or x, in a register; a frozen dataclass of its options."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def traits(self) -> Traits:
        """What it says of itself."""

    @abstractmethod
    def plan(self, facts: F, epsilon: float, *, phases: bool = True) -> P:
        """Return queries, ancillas, success and certificate: a pure function of numbers.

        Args:
            facts: those of its access.
            epsilon: relative error wanted of the final state, in (0, 1).
            phases: compute what a circuit needs; false for counts alone, at sizes no circuit is written for.

        Raises InputError where a premise fails, TooLarge where phases are out of reach.
        """

    def outline(self, facts: F, epsilon: float) -> Outline:
        """Return the same to about a percent: what a split of epsilon is weighed by."""
        plan = self.plan(facts, epsilon, phases=False)
        return Outline(
            queries_L=plan.queries_L,
            queries_b=plan.queries_b,
            success_probability=plan.success_probability,
            readout_probability=plan.readout_probability,
        )

    def inner_epsilon(self, epsilon: float) -> float:
        """Return the relative error of what one use leaves that stays within `epsilon` after amplification, if any."""
        return epsilon

    @abstractmethod
    def circuit(self, plan: P, access: Access[F], eps: float = 0.0) -> Bloq:
        """Return the bloq of one run, registers `system` and `ancilla`, from |0>; success is ancilla |0>.

        Args:
            plan: what `plan` returned; without phases the bloq can only be counted.
            access: what it queries.
            eps: synthesis precision of each rotation of the method's own (0: exact).
        """

    @abstractmethod
    def amplitudes(self, plan: P, access: Access[F]) -> Array:
        """Return the final state with all ancillas |0>, without gates, in the basis of `access.exact()`."""

    def queried(self, plan: P, access: Access[F]) -> Mapping[Bloq, str]:
        """Return every form of an encoding that it calls, and what a ledger calls it; plain and controlled here."""
        from qualtran import CtrlSpec

        found: dict[Bloq, str] = {}
        for encoding, name in zip(access.encodings, access.names, strict=True):
            found[encoding] = f"block encoding of {name}"
            found[encoding.get_ctrl_system(CtrlSpec())[0]] = f"controlled block encoding of {name}"
        return found

    def own_calls(self, plan: P) -> int:
        """Return the calls of the ledger's last row: steps of the method's own."""
        return 1

    def depth(self, plan: P, circuit: Bloq, uncompute: Uncompute) -> int | None:
        """Return the exact depth of the emitted circuit where it repeats and so is known at any length, else None."""
        return None

    def formula(self) -> QueryFormula | None:
        """Return its queries in kappa (or T) and epsilon, for the table of solvers; None where there are none."""
        return None

    def of_degree(self, degree: int, access: Access[F]) -> Bloq | None:
        """Return a run of some degree, unsolved, where one is linear in it: what closed forms count."""
        return None


AnyMethod: TypeAlias = Method[Any, Any]
"""A method of facts and plans that nothing is asked about."""


def unit(vector: Array) -> Array:
    """Return a vector over its norm."""
    return np.asarray(vector / np.linalg.norm(vector))
