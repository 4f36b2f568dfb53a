"""What the catalog holds: an entry is a folder with spec.toml, and what is computed of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One folder.

    Attributes:
        name: of the folder.
        over: axes of the sweep, as after `--over`; without one there is no sweep.
        analyzed: whether `analyze` runs on it (a map known by its shape has no entries to analyze).
        compared: whether every other solver is counted too.
        sampled: overrides of the rows that the fast test computes again.
        headline: (label, overrides of a row, or () for the spec as it is) of each line of the headline table.
    """

    name: str
    over: tuple[str, ...]
    sampled: tuple[tuple[str, ...], ...]
    headline: tuple[tuple[str, tuple[str, ...]], ...]
    analyzed: bool = True
    compared: bool = True

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return ROOT / self.name

    @property
    def spec(self) -> Path:
        """The model."""
        return self.folder / "spec.toml"

    @property
    def result(self) -> Path:
        """What was computed."""
        return self.folder / "result.json"

    @property
    def report(self) -> Path:
        """The page made of it."""
        return self.folder / "report.html"

    @property
    def command(self) -> list[str]:
        """The words that make it again."""
        return ["python", "-m", "estimates", self.name]


BUDGETS = (0, 30_000)
"""Extra qubits that the lookups of a network known by its shape may use to save T gates."""


def _synthetic(name: str, label: str, *, budgets: tuple[int, ...] = (0,)) -> Entry:
    """Pruned network by shape, at T = 100, a re-upload period of the paper."""
    steps = "training.steps=100"
    return Entry(
        name=name,
        over=(steps, f"compile.ancilla_budget={','.join(map(str, budgets))}"),
        analyzed=False,
        compared=False,
        sampled=((steps, "compile.ancilla_budget=0"),),
        headline=tuple(
            (f"{label}, {budget:,} extra qubits", (steps, f"compile.ancilla_budget={budget}"))
            for budget in budgets
        ),
    )


ENTRIES = (
    Entry(
        name="quartic-ring",
        over=(
            "model.n=2^11,2^15,2^20,2^27",
            "training.steps=10,100,1000",
            "carleman.order=1,3,5",
        ),
        sampled=(
            ("model.n=2048", "training.steps=1000", "carleman.order=1"),
            ("model.n=134217728", "training.steps=100", "carleman.order=3"),
            ("model.n=134217728", "training.steps=1000", "carleman.order=5"),
        ),
        headline=tuple(
            ("quartic ring, stencil", (f"model.n={n}", f"training.steps={steps}", "carleman.order=3"))
            for n, steps in ((2048, 100), (134217728, 100), (134217728, 1000))
        ),
    ),
    Entry(
        name="ring-observables",
        over=("model.n=2^12,2^20,2^27", "training.steps=10,100"),
        sampled=(("model.n=134217728", "training.steps=100"),),
        headline=(
            ("quartic ring, loss and squares", ("model.n=134217728", "training.steps=10")),
            ("quartic ring, loss and squares", ("model.n=134217728", "training.steps=100")),
        ),
        compared=False,
    ),
    Entry(
        name="ring-dense",
        over=("model.n=2^12,2^20,2^27", "training.steps=10,100"),
        sampled=(("model.n=1048576", "training.steps=10"),),
        headline=(
            ("linear ring, dense start, loss and squares", ("model.n=134217728", "training.steps=10")),
            ("linear ring, dense start, loss and squares", ("model.n=134217728", "training.steps=100")),
        ),
        compared=False,
    ),
    Entry(
        name="phi4-lattice",
        compared=False,
        over=(
            "model.dims=[16,16],[64,64],[512,512],[8192,8192]",
            "training.steps=10,100,1000",
        ),
        sampled=(
            ("model.dims=[64,64]", "training.steps=1000"),
            ("model.dims=[8192,8192]", "training.steps=1000"),
        ),
        headline=(("2-D phi^4, stencil", ("model.dims=[8192,8192]", "training.steps=100")),),
    ),
    Entry(
        name="digits-pruned-net",
        compared=False,
        over=("training.steps=10,30", "carleman.order=1,2"),
        sampled=(("training.steps=10", "carleman.order=1"),),
        headline=(
            ("digits network, lookup", ("training.steps=30", "carleman.order=2")),
            ("digits network, lookup", ("training.steps=30", "carleman.order=1")),
        ),
    ),
    _synthetic("synthetic-7m", "7 x 10^6 parameters", budgets=BUDGETS),
    _synthetic("synthetic-7m-dense-linear", "7 x 10^6, dense F_1"),
    _synthetic("synthetic-103m", "103 x 10^6 parameters"),
    _synthetic("synthetic-103m-dense-linear", "103 x 10^6, dense F_1"),
)
"""In the order of the headline table."""


def entry_named(name: str) -> Entry:
    """Return an entry. Raises KeyError."""
    return {entry.name: entry for entry in ENTRIES}[name]
