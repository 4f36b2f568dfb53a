"""The dissipation report: spectrum, mode counts, error proxy and verdict, as JSON, text, arrays and a figure.

Beside it, what the compiler certifies about the training of a spec, and for how many steps. The regimes are carlemanc's
definitions (THEORY section 4), from the norms of the map alone: within them the majorant of the Carleman system grows
by at most e over the steps, which is where the condition number, so the cost of a circuit, stays a polynomial in T.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.carleman.map_norms import largest_norms, norms_of_each, symmetrized_norms
from carlemanc.carleman.regime import classify_norms
from carlemanc.core.document import Document
from carlemanc.core.json_text import json_text
from carlemanc.core.search import first_where
from carlemanc.core.shown import Drawn, Plotted
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import point_norm
from carlemanc.sources.source import MAX_STEPS
from carlemanc.training.error_proxy import ErrorProxy
from carlemanc.training.hessian.checked import Checked
from carlemanc.training.hessian.spectrum import Spectrum
from carlemanc.training.hessian.step_log import FileLog
from carlemanc.training.mode_counts import ModeCounts, StepGains


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerOutlook(Document):
    """What the compiler certifies about a spec.

    Attributes:
        regime: by carlemanc's definitions (THEORY section 4).
        ratio: R, below 1 where the majorant contracts; None where it does not exist.
        certified_steps: the most steps for which the regime is not divergent; None for any number.
        truncation_bound: certified truncation error at the spec's order and steps; None where it overflows.
    """

    regime: str
    ratio: float | None
    certified_steps: int | None
    truncation_bound: float | None

    KEYS = "regime R=ratio certified_steps truncation_bound"


def compiler_outlook(lifted: Lifted, order: int) -> CompilerOutlook:
    """Return what is certified of a spec at a Carleman order."""
    bound = lifted.truncation_bounds([order])[order]
    return CompilerOutlook(
        regime=lifted.regime.name,
        ratio=lifted.regime.R if math.isfinite(lifted.regime.R) else None,
        certified_steps=_certified_steps(lifted),
        truncation_bound=bound if math.isfinite(bound) else None,
    )


def _certified_steps(lifted: Lifted) -> int | None:
    """Return the most steps T for which the regime is fully or almost dissipative; None for any T."""
    norms = largest_norms(norms_of_each(lifted.sequence.maps, symmetrized_norms)).steps
    size = point_norm(lifted.displacement)

    def is_divergent(steps: int) -> bool:
        return classify_norms(norms, size, steps).name == "divergent"

    if classify_norms(norms, size, 1).name == "fully dissipative":
        return None
    return (first_where(is_divergent, 1, MAX_STEPS + 1) or MAX_STEPS + 1) - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dissipation(Drawn, Plotted, Document):
    """The report.

    Attributes:
        label: model, data and the point in weight space.
        parameters, survivors: all weights and those the Hessian is of.
        learning_rate, steps, order: eta, T, N.
        spectrum: of the Hessian.
        checked: what was compared before the spectrum was taken.
        counts: in Hessian units and in units of the learning rate, at each threshold.
        gains: of one step.
        proxies: the error proxy, by reading.
        window: the |a| that the proxy keeps.
        compiler: what the compiler certifies; None without a spec.
        details: what else is known of the run: samples, loss, seconds, peak memory.
        logs: the Lanczos steps that are on disk.
    """

    label: str
    parameters: int
    survivors: int
    learning_rate: float
    steps: int
    order: int
    spectrum: Spectrum
    checked: Checked
    counts: tuple[ModeCounts, ...]
    gains: StepGains
    proxies: dict[str, ErrorProxy]
    window: tuple[float, float]
    compiler: CompilerOutlook | None
    details: dict[str, Any]
    logs: tuple[FileLog, ...] = ()

    BRIEF = "label parameters survivors learning_rate steps order"
    KEYS = """
        label parameters survivors learning_rate steps order spectrum checked counts gains.*=gains
        gains.log10_largest_gain_after_T=log10_gain gains.steps_within_e=steps_within_e window error_proxy
        compiler details
    """

    @property
    def log10_gain(self) -> float:
        """log10 of the largest factor of a mode after T steps."""
        return self.gains.log10_after(self.steps)

    @property
    def steps_within_e(self) -> int | None:
        """The most steps whose gain the Carleman system keeps below e; None for any T."""
        return self.gains.steps_within(self.order)

    @property
    def error_proxy(self) -> dict[str, Any]:
        """The documents of the proxies, over T steps."""
        return {name: proxy.to_json(self.steps) for name, proxy in self.proxies.items()}

    def forget_steps(self) -> None:
        """Remove the Lanczos steps on disk, once the report is saved."""
        for log in self.logs:
            log.remove()

    def save(self, directory: Path) -> None:
        """Write spectrum.json, spectrum.npz, dissipation.txt and density.svg."""
        nodes, weights = self.spectrum.rule()
        grid = self.spectrum.grid()
        density, band = self.spectrum.density(grid, self.spectrum.bell_width)
        (directory / "spectrum.json").write_text(f"{json_text(self.to_json())}\n", encoding="utf-8")
        (directory / "dissipation.txt").write_text(f"{self.to_text(all=True)}\n", encoding="utf-8")
        (directory / "density.svg").write_text(self.to_svg(), encoding="utf-8")
        np.savez_compressed(
            directory / "spectrum.npz",
            nodes=nodes,
            weights=weights,
            deflated=self.spectrum.outliers,
            grid=grid,
            density=density,
            half_width=np.full(len(grid), np.nan) if band is None else band,
        )
