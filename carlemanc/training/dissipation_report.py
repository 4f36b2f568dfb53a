"""The dissipation report: spectrum, mode counts, error proxy and verdict, as JSON, text, arrays and a figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.document import Document
from carlemanc.core.json_text import json_text
from carlemanc.training.compiler_outlook import CompilerOutlook
from carlemanc.training.error_proxy import ErrorProxy
from carlemanc.training.hessian.checked import Checked
from carlemanc.training.hessian.figure import bell_width, density_svg
from carlemanc.training.hessian.spectrum import Spectrum
from carlemanc.training.hessian.step_log import FileLog
from carlemanc.training.mode_counts import ModeCounts, StepGains

SHOWN_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dissipation(Document):
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

    def to_text(self) -> str:
        """Return the report as text."""
        return "\n".join(
            [
                *self._spectrum_lines(),
                "",
                *self._count_lines(),
                "",
                *self._proxy_lines(),
                "",
                *self._verdict(),
            ]
        )

    def to_svg(self) -> str:
        """Return the density of a = -h as one SVG document."""
        return density_svg(self.spectrum, title=self.label, window=self.window[0])

    def save(self, directory: Path) -> None:
        """Write spectrum.json, spectrum.npz, dissipation.txt and density.svg."""
        nodes, weights = self.spectrum.rule()
        grid = self.spectrum.grid()
        density, band = self.spectrum.density(grid, bell_width(self.spectrum))
        (directory / "spectrum.json").write_text(f"{json_text(self.to_json())}\n", encoding="utf-8")
        (directory / "dissipation.txt").write_text(f"{self.to_text()}\n", encoding="utf-8")
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

    def _spectrum_lines(self) -> list[str]:
        found = self.spectrum
        low, high = found.extreme(-1), found.extreme(1)
        kinds = {
            "dense": "every eigenvalue, dense",
            "fourier": "every eigenvalue, from the Fourier symbol",
            "lanczos": f"{len(found.outliers)} eigenvalues counted one by one, {len(found.probes)} probes of "
            f"{max((len(probe.nodes) for probe in found.probes), default=0)} further nodes",
        }
        lines = [
            self.label,
            f"Hessian          {found.n} x {found.n} ({self.survivors} of {self.parameters} parameters)",
            *self.checked.lines(),
            f"spectrum         {kinds[found.method]}",
            f"smallest h       {low[0]:.6g}   (residual {low[1]:.1e})",
            f"largest h        {high[0]:.6g}   (residual {high[1]:.1e})",
            f"moments 1..4     {'   '.join(str(found.moment(order)) for order in range(1, 5))}",
        ]
        if len(found.outliers) and not found.is_exact:
            shown = ", ".join(f"{value:.4g}" for value in sorted(found.outliers, key=abs, reverse=True)[:12])
            lines.append(f"outliers         {shown}")
        if not found.complete:
            lines.append(
                "warning          a probe saw an eigenvalue beyond those counted: raise --outlier-steps"
            )
        for name in ("samples", "loss", "seconds", "peak_memory_gib"):
            if self.details.get(name) is not None:
                lines.append(f"{name.replace('_', ' '):<16} {self.details[name]:.6g}")
        return lines

    def _count_lines(self) -> list[str]:
        lines = ["modes                                 dissipative           near zero           divergent"]
        for item in self.counts:
            what = "a = -h" if item.unit == "hessian" else f"a = -eta h, eta = {self.learning_rate:g}"
            cells = [_counted(part) for part in (item.dissipative, item.near_zero, item.divergent)]
            lines.append(
                f"{what:<22} |a| > {item.threshold:<5g} {cells[0]:>16}    {cells[1]:>16}    {cells[2]:>16}"
            )
        gains = self.gains
        lines += [
            f"0 < eta h < 2    {_counted(gains.shrinking)} of {self.spectrum.n} modes shrink in a step"
            f" ({_counted(gains.unstable)} with eta h >= 2)",
            f"largest a        {gains.a_max:.6g}",
            f"largest gain     {gains.largest:.8g} a step, 10^{gains.log10_after(self.steps):.3g} after "
            f"T = {self.steps}",
        ]
        return lines

    def _proxy_lines(self) -> list[str]:
        names = list(self.proxies)
        heads = [f"{name} (eta_s = {self.proxies[name].eta_s:g})" for name in names]
        lines = [
            f"error proxy E(t), modes with {self.window[0]:g} <= |a| <= {self.window[1]:g} (eqs. 7-8 of the paper)",
            "     t" + "".join(f"{head:>32}" for head in heads),
        ]
        for t in [t for t in SHOWN_STEPS if t < self.steps] + [self.steps]:
            cells = [_power_text(float(self.proxies[name].log_values(t))) for name in names]
            lines.append(f"{t:>6}" + "".join(f"{cell:>32}" for cell in cells))
        rows = (("t_min", "t_min"), ("t_cross", "t_cross"), ("re-upload every", "period"))
        for label, attribute in rows:
            cells = [_or_none(getattr(self.proxies[name], attribute), self.proxies[name]) for name in names]
            lines.append(f"{label:<16}" + f"{cells[0]:>22}" + "".join(f"{cell:>32}" for cell in cells[1:]))
        return lines

    def _verdict(self) -> list[str]:
        within = self.gains.steps_within(self.order)
        limit = "any number of steps" if within is None else f"at most {within} steps"
        lines = [
            f"linear part      keeps the gain of level N = {self.order} below e for {limit} "
            "(necessary, from the Hessian alone)"
        ]
        if self.compiler is None:
            lines.append("circuits         need a polynomial loss: see `carlemanc analyze` of a spec")
            return lines
        found = self.compiler
        ratio = "none" if found.ratio is None else f"{found.ratio:.4g}"
        bound = "none" if found.truncation_bound is None else f"{found.truncation_bound:.3g}"
        lines.append(
            f"compiler         {found.regime} for T = {self.steps} (R = {ratio}), "
            f"certified truncation error {bound} at N = {self.order}"
        )
        if found.certified_steps is None:
            lines.append("circuits         make sense for any number of steps: the majorant contracts")
        elif found.certified_steps >= self.steps:
            lines.append(
                f"circuits         make sense for up to {found.certified_steps} steps between re-uploads"
            )
        else:
            lines.append(
                f"circuits         make sense for {found.certified_steps} of these {self.steps} steps; beyond, the "
                "majorant grows by more than e: re-upload"
            )
        return lines


def _counted(found: Any) -> str:
    text = f"{found.value:.0f}" if found.value >= 100 else f"{found.value:.3g}"
    if found.half_width is not None and found.half_width < 1e-6:
        return text
    return text + (" +- ?" if found.half_width is None else f" +- {found.half_width:.2g}")


def _power_text(log_value: float) -> str:
    if math.isnan(log_value):
        return "no mode in the window"
    if log_value == -math.inf or abs(log_value) < math.log(1e4):
        return f"{math.exp(log_value):.4g}"
    return f"10^{log_value / math.log(10):.2f}"


def _or_none(value: int | None, proxy: ErrorProxy) -> str:
    if value is not None:
        return str(value)
    return "none, E falls" if proxy.kept else "-"
