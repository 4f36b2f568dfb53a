"""The types of an access: encodings to query, facts to plan by, the answer, the rounding of loaded angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from carlemanc.access.facts import Facts
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.inverse_norm import InverseNorm
from carlemanc.linear_system.lifted import Lifted

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.bloqs.loading import Loading

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]
System = Lifted | Given
"""What is solved: a lifted training, or a linear system as it is."""


F_co = TypeVar("F_co", bound=Facts, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How tables are read.

    Args:
        memory: "lookup" or "qram".
        ancilla_budget: extra qubits that lookups may use.
    """

    memory: Literal["lookup", "qram"] = "lookup"
    ancilla_budget: int = 0

    def loading(self) -> Loading | None:
        """Return it as bloqs take it; None for plain lookups."""
        from carlemanc.bloqs.loading import Loading

        if self.memory == "lookup" and not self.ancilla_budget:
            return None
        return Loading(memory=self.memory, ancilla_budget=self.ancilla_budget)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Where theta(T) - center, or x, stands in the state that a method leaves.

    Args:
        layout: parts of the register, as a manifest lists them.
        is_solution: whether the state is the x of the files L.npz and b.npy.
        holds_start: whether the start stands beside it, on the same wires.
        find: gives the basis states, (copies, n); called only where they are wanted.
        pick: takes them out of the vector of exact arithmetic, (copies, n).
    """

    layout: Mapping[str, Any]
    is_solution: bool
    holds_start: bool
    find: Callable[[], IntArray]
    pick: Callable[[Array], Array]

    def indices(self) -> IntArray:
        """Return the basis states of the answer, (copies, n). Raises TooLarge for lattices that are never run."""
        return self.find()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """What loaded angles of so many bits do to what is encoded.

    Args:
        bits: of an angle.
        most: largest number of bits that says anything.
        error: by how much the encoded operator moves, operator norm; 0 where no angle is loaded.
        harm_norm: ||L^-1||, by which it reaches the answer; None where no bound of that is known.
        source: the same in words.
    """

    bits: int
    most: int
    error: float
    harm_norm: float | None
    source: str

    @property
    def harm(self) -> float | None:
        """The relative error of the answer, at most: infinite where L + E may be singular, None where not known."""
        if not self.error:
            return 0.0
        return None if self.harm_norm is None else caused_error(self.error, self.harm_norm)


def allowed_error(epsilon: float, inverse_norm: float) -> float:
    """Return the ||E|| that moves the solution by at most `epsilon` of its norm.

    With ||L^-1|| ||E|| <= s / (1 + s) the solution of (L + E) x~ = b has ||x~ - x|| <= s ||x|| (Golub and Van Loan,
    Theorem 2.6.2, E alone perturbed; proved).
    """
    return epsilon / (1 + epsilon) / inverse_norm


def caused_error(error: float, inverse_norm: float) -> float:
    """Return the relative error of the solution, at most, that ||E|| causes; infinite where L + E may be singular."""
    moved = error * inverse_norm
    return moved / (1 - moved) if moved < 1 else math.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Access(Generic[F_co]):
    """What a method may query and know.

    Args:
        system: what is solved.
        encodings: block encodings with registers `system` and (unless none is needed) `ancilla`.
        names: what a ledger calls what each encodes.
        start: |0> -> the start, normalized, on its one register `system`.
        facts: the numbers that a method plans by.
        answer: where it stands.
        conditioning: ||L|| and ||L^-1||; None where nothing is inverted.
        rounding: of loaded angles.
        make_exact: gives the operators and the start in the basis of exact arithmetic; None where there are none.
        size: width of the register of exact arithmetic and a bound of the entries of its operators.
    """

    system: System
    encodings: tuple[Any, ...]
    names: tuple[str, ...]
    start: Bloq
    facts: F_co
    answer: Answer
    conditioning: InverseNorm | None
    rounding: Rounding
    make_exact: Callable[[], tuple[Any, Array]] | None
    size: Callable[[], tuple[int, int]]

    def exact(self) -> tuple[Any, Array]:
        """Return the operators (L, or the distinct steps) and the start, by which runs are done without gates."""
        if self.make_exact is None:
            raise ValueError("a map known by its shape has no entries to compute with")
        return self.make_exact()

    @property
    def block_bits(self) -> int:
        """Ancillas of the widest encoding."""
        return max(ancillas(encoding) for encoding in self.encodings)


def ancillas(bloq: Bloq) -> int:
    """Return the wires of the register `ancilla`, 0 where there is none."""
    return sum(int(r.total_bits()) for r in bloq.signature.lefts() if r.name == "ancilla")


Opener = Callable[[Any, Reading, int | None], Access[Any]]
"""(system, reading, bits of loaded angles or None for a standard length) -> access."""
