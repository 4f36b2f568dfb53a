"""The types of an access: encodings to query, facts to plan by, the answer, the rounding of loaded angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from carlemanc.access.facts import Facts
from carlemanc.core.arrays import Array, IntArray
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.inverse_norm import Conditioning
from carlemanc.linear_system.lifted import Lifted

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.bloqs.loading import Loading
    from carlemanc.bloqs.register_flag import RegisterFlag

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
class Calibration:
    """Entries of x whose norm is known before the run: what a method that loses the norm of x is measured by.

    With amplitudes s x the event "all ancillas |0>, and these entries" has the probability s^2 norm^2.

    Args:
        flag: leaves its ancilla in |0> on them.
        find_norm: gives their norm, in units of x.
    """

    flag: RegisterFlag
    find_norm: Callable[[], float]

    @property
    def norm(self) -> float:
        """Their norm, in units of x."""
        return self.find_norm()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Where theta(T) - center, or x, stands in the state that a method leaves.

    Args:
        layout: parts of the register, as a manifest lists them.
        is_solution: whether the state is the x of the files L.npz and b.npy.
        holds_start: whether the start stands beside it, on the same wires.
        find: gives the basis states of some entries, (copies, k), None of all n; called only where they are wanted.
        pick: takes them out of the vector of exact arithmetic, (copies, n).
        flag: leaves its ancilla in |0> on the answer; None where the state holds nothing else.
        calibration: entries of a known norm; None where none are known.
        first: the basis state of weight 0 where weight i stands i further on; None where `find` alone says.
    """

    layout: Mapping[str, Any]
    is_solution: bool
    holds_start: bool
    find: Callable[[IntArray | None], IntArray]
    pick: Callable[[Array], Array]
    flag: RegisterFlag | None = None
    calibration: Calibration | None = None
    first: int | None = None

    def indices(self) -> IntArray:
        """Return the basis states of the answer, (copies, n). Raises TooLarge for lattices that are never run."""
        return self.find(None)

    def places(self, entries: IntArray) -> IntArray:
        """Return the basis states of some entries of the answer, (copies, k), at any n."""
        return self.find(entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """What loaded angles of so many bits do to what is encoded.

    Args:
        bits: of an angle.
        most: largest number of bits that says anything.
        error: by how much the encoded operator moves, operator norm; 0 where no angle is loaded.
        words: the same for readers.
        find_conditioning: gives ||L^-1||, by which it reaches the answer, where that is wanted; None where no bound of
            what it does is known.
    """

    bits: int
    most: int
    error: float
    words: str
    find_conditioning: Callable[[], Conditioning] | None

    @property
    def is_adjustable(self) -> bool:
        """Whether a number of bits follows from an error: angles are loaded, and what they do is known."""
        return bool(self.error) and self.is_bounded

    @property
    def is_bounded(self) -> bool:
        """Whether what it does to the answer is known."""
        return self.find_conditioning is not None

    @property
    def harm(self) -> float | None:
        """The relative error of the answer, at most: infinite where L + E may be singular, None where not known."""
        if not self.error:
            return 0.0
        if self.find_conditioning is None:
            return None
        return caused_error(self.error, self.find_conditioning().inverse_norm)

    @property
    def source(self) -> str:
        """What moves by how much, and where the bound of ||L^-1|| is from."""
        if self.find_conditioning is None:
            return self.words
        return f"{self.words}; ||L^-1|| is {self.find_conditioning().source}"

    def limit(self, epsilon: Callable[[], float]) -> float:
        """Return the error that moves the answer by at most `epsilon()`; infinite without angles or a bound.

        Neither epsilon nor a bound is worked out for what has no angles.
        """
        if not self.error or self.find_conditioning is None:
            return math.inf
        return allowed_error(epsilon(), self.find_conditioning().inverse_norm)


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Access(Generic[F_co]):
    """What a method may query and know; a circuit is made, and counted, also of what has no numbers to plan by.

    Args:
        known: what is solved; None where nothing is known of it but these circuits.
        encodings: block encodings with registers `system` and (unless none is needed) `ancilla`.
        names: what a ledger calls what each encodes.
        start: |0> -> the start, normalized, on its one register `system`.
        make_facts: gives the numbers that a method plans by.
        answer: where it stands.
        inverts: whether it is for a method that inverts L.
        rounding: of loaded angles.
        make_exact: gives the operators and the start in the basis of exact arithmetic; None where there are none.
        size: width of the register of exact arithmetic and a bound of the entries of its operators.
    """

    known: System | None
    encodings: tuple[Any, ...]
    names: tuple[str, ...]
    start: Bloq
    make_facts: Callable[[], F_co]
    answer: Answer
    inverts: bool
    rounding: Rounding
    make_exact: Callable[[], tuple[Any, Array]] | None
    size: Callable[[], tuple[int, int]]

    @property
    def system(self) -> System:
        """What is solved. Raises TypeError where nothing is known of it but circuits."""
        if self.known is None:
            raise TypeError("a system of circuits has no entries")
        return self.known

    @cached_property
    def facts(self) -> F_co:
        """The numbers that a method plans by. Raises InputError or TooLarge where there are none."""
        return self.make_facts()

    @property
    def conditioning(self) -> Conditioning | None:
        """||L|| and ||L^-1||; None where nothing is inverted."""
        return self.system.inverse_norm if self.inverts else None

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


Opener = Callable[[Any, Reading, int | None], Access[Facts]]
"""(system, reading, bits of loaded angles or None for a standard length) -> access."""
