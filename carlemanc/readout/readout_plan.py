"""How many runs read what a goal wants: what every plan of a readout says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carlemanc.core.document import Document
from carlemanc.core.errors import CheckFailed
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down, whole
from carlemanc.readout.fault_bias import UNION

if TYPE_CHECKING:
    import numpy as np
    from qualtran import Bloq

    from carlemanc.access.access import Access
    from carlemanc.readout.readout_circuit import ReadoutCircuit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """What a run is made of, for a readout that has circuits of its own.

    Args:
        access: what the run queries.
        scale: s: amplitudes with all ancillas |0> are s y; None where the method loses the norm.
        calibration: probability of the event whose size is known (`Answer.calibration`), where it does.
        factor: probability of an event by its size, in units of y at one time: s^2 times the copies at t >= T.
    """

    access: Access[Any]
    scale: float | None
    calibration: float | None
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPlan(Document, ABC):
    """Runs of circuits that determine what is read.

    Args:
        method: name of its way.
        epsilon: error, relative to the norm of theta(T) - center or as an error of that size would change what is read.
        failure_probability: chance that the error is larger.
        formula: how the runs follow.
    """

    method: str
    epsilon: float
    failure_probability: float
    formula: Formula

    @abstractmethod
    def runs(self, probability: float, setting: Setting | None = None) -> int:
        """Return the expected runs, 4 significant digits, rounded up. Raises CheckFailed where no number would do.

        Successful or not, a run is paid for.

        Args:
            probability: of one run giving a copy of theta(T): all ancillas |0>, times that of reading t >= T, level 1.
            setting: of the run; None: one that keeps the norm and leaves theta(T) alone.
        """

    @abstractmethod
    def achieved(self, runs: float, probability: float) -> float:
        """Return the error that so many runs come with, in the unit of `epsilon`."""

    @property
    @abstractmethod
    def needed(self) -> float:
        """What is needed as the bounds give it: copies, or uses where every run gives one."""

    @property
    def unit(self) -> str:
        """What `needed` counts, in words."""
        return "uses where every run gives a copy"

    @property
    def rule(self) -> Formula:
        """How the runs follow from a probability: as `formula` says."""
        return self.formula

    @property
    def copies(self) -> int:
        """The same with 4 significant digits, rounded up."""
        return whole(self.needed)

    @property
    @abstractmethod
    def need(self) -> str:
        """What copies of theta(T) are for, in words that follow "a run gives one copy with probability P,"."""

    @property
    @abstractmethod
    def target(self) -> str:
        """What all runs come to, in words that follow "runs"."""

    @property
    @abstractmethod
    def origin(self) -> str:
        """Where the number of runs is from, in words that follow it."""

    @property
    def amplifies(self) -> bool:
        """Whether its circuits are rounds about a run, which is then to be a plain one."""
        return False

    @property
    def premises(self) -> tuple[str, ...]:
        """What is taken for granted, a sentence each."""
        return ()

    @property
    def inputs(self) -> Mapping[str, float | int]:
        """What the formula was given."""
        return {"epsilon": self.epsilon, "delta": self.failure_probability}

    @property
    def source(self) -> str:
        """Where the numbers come from, in words."""
        return self.formula.to_text()

    @property
    def omits(self) -> str:
        """Why this is not every weight, as gradient descent has it; an empty text where it is."""
        return ""

    @property
    def reads(self) -> str:
        """What is read, in words that follow "reading"."""
        return "theta(T)"

    @property
    def keeps(self) -> int | None:
        """How many largest weights are kept; None: all."""
        return None

    def check_size(self) -> None:
        """Raise TooLarge where `circuits` would, before anything is counted."""

    def circuits(self, run: Bloq, probability: float, setting: Setting) -> Sequence[ReadoutCircuit] | None:
        """Return the circuits that read, and how often each runs; None where all are priced as the plain run.

        Args:
            run: the bloq of one run.
            probability, setting: as for `runs`.
        """
        return None

    def drawn(
        self, run: Bloq, probability: float, setting: Setting, rng: np.random.Generator
    ) -> tuple[ReadoutCircuit, ...] | None:
        """Return every circuit of one execution, its random depths drawn; None where all are the plain run.

        Args:
            run, probability, setting: as for `circuits`.
            rng: the draws.
        """
        return None

    def failure_budget(self, runs: int, probability: float) -> tuple[float, Formula]:
        """Return what a run of a coherent readout may fail with, and how that follows; see `Goal.is_coherent`."""
        return rounded_down(self.failure_probability / 2 / runs, 3), UNION


class OwnCircuits(ReadoutPlan):
    """A plan whose circuits are rounds about a run: uses of it are counted, and the run is a plain one."""

    __slots__ = ()

    @property
    def needed(self) -> float:
        """Uses where every run gives a copy of theta(T)."""
        return float(self.runs(1.0))

    @property
    def origin(self) -> str:
        """That uses of a run are counted."""
        return "in all circuits of the readout, each as a part of one of them"

    @property
    def amplifies(self) -> bool:
        """True."""
        return True


def refuse_impossible(share: float) -> None:
    """Raise CheckFailed where no number of runs would do."""
    if not share:
        raise CheckFailed(
            "a run gives a copy of what is read with a probability below 1e-308: no number of runs would do"
        )
