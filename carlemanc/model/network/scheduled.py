"""Gradient descent on the true network over batches and with noise, and how far the polynomial maps are from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.remainder import FitUse, fit_uses, truncation_bound
from carlemanc.model.network.trained_network import descend


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproximationReport(Document):
    """What the maps of a network leave out, in 2-norms of the weights.

    Attributes:
        kept_degree: q.
        full_degree: the degree without truncation, None where it is infinite (taylor).
        truncation_bound: proved bound on the terms left out of one step, for ||u|| up to the largest on the
            path; zero where none is left out, None where the degree is infinite.
        step: the largest ||G_t(u(t)) - step of the true network|| along its path; measured.
        deviation: ||u(T) - u_true(T)|| after all T steps of each; measured, inf where one diverges.
        fits: polynomials in place of activations, with the arguments they met; their remainders are proved.
    """

    KEYS = (
        "exact=is_exact degree.kept=kept_degree degree.full=full_degree "
        "proved.truncation_of_a_step=truncation_bound proved.activations=fits "
        "measured.step=step measured.deviation=deviation measured.arguments=arguments"
    )

    kept_degree: int
    full_degree: int | None
    truncation_bound: float | None
    step: float
    deviation: float
    fits: tuple[FitUse, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the maps are gradient descent on the network, rounding apart."""
        return not self.fits and self.truncation_bound == 0.0

    @property
    def arguments(self) -> list[dict[str, object]]:
        """Which arguments each fitted function met; measured."""
        return [
            {"where": use.where, "low": use.low, "high": use.high, "inside": use.inside} for use in self.fits
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkTraining:
    """T steps of gradient descent on a network: what the user wants trained.

    Attributes:
        infos: of each batch; all with the same weights, mask and center.
        schedule: (T,) the batch of each step.
        noise: (T, n) xi in the indices of the map, zero at frozen weights; None where there is none.
    """

    infos: tuple[NetworkInfo, ...]
    schedule: tuple[int, ...]
    noise: FloatArray | None

    @property
    def info(self) -> NetworkInfo:
        """That of the first batch: layout, mask and center are the same in all."""
        return self.infos[0]

    def path(self) -> FloatArray:
        """Return u(0), ..., u(T) of the true network, (T + 1, n); inf or nan where it diverges."""
        first = self.info
        theta = np.array(first.start)
        path = np.empty((len(self.schedule) + 1, len(first.u_start)))
        path[0] = first.u_start
        with np.errstate(over="ignore", invalid="ignore"):
            for step, batch in enumerate(self.schedule):
                network = self.infos[batch].network
                theta = descend(network, theta, first.mask, first.learning_rate)
                if self.noise is not None:
                    theta = first.to_theta(first.from_theta(theta) + self.noise[step])
                path[step + 1] = first.from_theta(theta)
        return path

    def compare(self, sequence: MapSequence, path: FloatArray) -> ApproximationReport:
        """Return how far the maps are from the true network along its path.

        Args:
            sequence: the maps of all steps, noise included.
            path: what `path` returns.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            steps = [
                float(np.linalg.norm(sequence.at(t).step(path[t]) - path[t + 1]))
                for t in range(sequence.steps)
                if np.isfinite(path[t + 1]).all()
            ]
            deviation = float(np.linalg.norm(sequence.iterate(path[0])[-1] - path[-1]))
        remainders = [info.remainder for info in self.infos]
        finite = path[np.isfinite(path).all(axis=1)]
        radius = float(np.linalg.norm(finite, axis=1).max())
        bounds = [
            truncation_bound(
                item.fitted, item.center, item.mask, item.remainder.kept_degree, item.learning_rate, radius
            )
            for item in self.infos
        ]
        known = [bound for bound in bounds if bound is not None]
        return ApproximationReport(
            kept_degree=max(item.kept_degree for item in remainders),
            full_degree=remainders[0].full_degree,
            truncation_bound=max(known) if len(known) == len(bounds) else None,
            step=max(steps, default=0.0),
            deviation=deviation if np.isfinite(deviation) else float("inf"),
            fits=_merged(fit_uses(item.network, item.fitted, item.to_theta(finite)) for item in self.infos),
        )


def _merged(groups: Iterable[tuple[FitUse, ...]]) -> tuple[FitUse, ...]:
    """Return each fit once, with the arguments of all batches."""
    return tuple(
        replace(uses[0], low=min(use.low for use in uses), high=max(use.high for use in uses))
        for uses in zip(*groups, strict=True)
    )
