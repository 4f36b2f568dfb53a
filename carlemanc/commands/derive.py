"""`derive`: the polynomial map of a spec and the blocks of A by powers of the learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from carlemanc.core.shown import Drawn
from carlemanc.model.lattice.update_rules import lattice_json
from carlemanc.model.map_text import latex
from carlemanc.model.network.scheduled import ApproximationReport, NetworkTraining
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.training import Training
from carlemanc.sources.source import SpecLike, loaded_training
from carlemanc.sources.systems import lifted_of, with_entries

LISTED_WEIGHTS = 64
"""`F` is listed in the JSON up to this n (CONTRACT section 2)."""
SHOWN_ORDER = 8
"""Blocks of A are written out up to this order: a row has up to q^j terms."""
LISTED_CENTER = 4096
"""The center of a lattice is a list up to this n, then a constant and the sites that differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation(Drawn):
    """The map F_0..F_q of each batch about the center and the block structure they give A at order N."""

    training: Training
    order: int
    corrections: int | None
    approximation: ApproximationReport | None = None
    """What the map of a network leaves out; None without a [network]."""

    BRIEF = "n=training.sequence.n degree=training.sequence.degree order corrections"

    @property
    def map(self) -> PolynomialMap:
        """The map of the first batch, without noise: of every step where there are no batches."""
        return self.training.batches[0]

    def to_json(self) -> dict[str, Any]:
        """Return the document of CONTRACT section 2; `F` is that of step 0, noise apart."""
        document = (
            {**_document(self.map), "degree": self.training.sequence.degree} | self._batches() | self._noise()
        )
        if self.training.addresses is not None:
            document["addresses"] = self.training.addresses.tolist()
        if self.network is not None:
            info = self.network.info
            document["network"] = {
                "weights": len(info.mask),
                "trained": int(info.mask.sum()),
                "layout": list(info.layout()),
            }
        if self.approximation is not None:
            document["approximation"] = self.approximation.to_json()
        return document

    @property
    def network(self) -> NetworkTraining | None:
        """Gradient descent on the network itself, where there is one."""
        return self.training.network

    def _batches(self) -> dict[str, Any]:
        """Return, where the spec has batches, each with its rows and its map, and which of them each step takes."""
        training = self.training
        if not training.rows:
            return {}
        count = training.batch_count
        return {
            "batches": [
                {"rows": list(rows), **_document(item)}
                for rows, item in zip(training.rows, training.batches, strict=True)
            ],
            "schedule": [step % count for step in range(training.sequence.steps)],
        }

    def _noise(self) -> dict[str, Any]:
        """Return xi, which step t adds to F_0, where there is noise."""
        noise = self.training.noise
        if noise is None or self.map.n > LISTED_WEIGHTS:
            return {}
        return {"noise": noise.tolist()}

    def to_latex(self) -> str:
        """Return the update of each weight as LaTeX, batch by batch."""
        batches = self.training.batches
        if len(batches) == 1:
            return latex(self.map)
        return "\n".join(f"% batch {index}\n{latex(item)}" for index, item in enumerate(batches))


def _document(map: PolynomialMap) -> dict[str, Any]:
    """Return one map as in CONTRACT section 2: F where it is listed, stencils for a lattice."""
    if map.n <= LISTED_WEIGHTS:
        return map.to_json() | lattice_json(map)
    listed = map.lattice is None or map.n <= LISTED_CENTER
    center = map.center.tolist() if listed else map.point.to_json()
    return {"n": map.n, "degree": map.degree, "center": center} | lattice_json(map)


def derive(spec: SpecLike, *, overrides: Iterable[str] = ()) -> Derivation:
    """Derive the map of a spec.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.

    Raises InputError or TooLarge as the model stage does.
    """
    lifted = lifted_of(loaded_training(spec, overrides))
    with_entries(lifted, "derive")
    return Derivation(
        training=lifted.training,
        order=lifted.order,
        corrections=lifted.lift.corrections,
        approximation=lifted.approximation,
    )
