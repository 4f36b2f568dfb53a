"""`dissipation`: the Hessian spectrum of a spec or a PyTorch model, and what it says about a training run.

Comes in: a spec (polynomial loss, no PyTorch) or `module:function`. Goes out: the spectrum with error bars, mode
counts in both units, the error proxy in both readings, and for how many steps the circuits make sense.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.option_check import MOST_PROCESSES, check_options
from carlemanc.model.network.torch_module import MODULE_NAME
from carlemanc.sources.source import loaded_training
from carlemanc.sources.systems import lifted_of
from carlemanc.training.dissipation_report import Dissipation, compiler_outlook
from carlemanc.training.error_proxy import WINDOW, error_proxy
from carlemanc.training.flat_weights import Scope
from carlemanc.training.hessian.quadrature import Quadrature
from carlemanc.training.hessian.spectrum import Spectrum, SpectrumMethod
from carlemanc.training.mode_counts import mode_counts, step_gains

MODEL_RATE, MODEL_STEPS, MODEL_ORDER = 0.1, 100, 3
"""Learning rate, steps (the paper's re-upload period) and Carleman order where no spec gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """How the Hessian of a PyTorch model is computed.

    Attributes:
        method: "dense" is exact, "lanczos" an estimate, "auto" exact where it is small.
        base: the folder searched first for the module and the mask.
        seed: of PyTorch's generator while the module is called.
        sparsity, scope, mask: which weights survive (see `ModuleSource`).
        device, threads, keep_graphs: see `TorchDevice`.
        processes: local processes that share the batches.
        scheduler: address of a Dask scheduler to use instead.
        directory: keeps every Lanczos step until `forget_steps`.
    """

    method: SpectrumMethod = "auto"
    base: str = "."
    seed: int = 0
    sparsity: float = 1.0
    scope: Scope = "layer"
    mask: str = ""
    device: str = "auto"
    threads: int = 0
    keep_graphs: bool = False
    processes: int = 1
    scheduler: str | None = None
    directory: Path | None = None


def dissipation(
    source: object,
    *,
    overrides: Iterable[str] = (),
    quadrature: Quadrature | None = None,
    options: ModelOptions | None = None,
    learning_rate: float | None = None,
    steps: int | None = None,
    order: int | None = None,
    thresholds: Iterable[float] = (0.0, WINDOW[0]),
    window: tuple[float, float] = WINDOW,
    eta_s: float | None = None,
) -> Dissipation:
    """Report on the Hessian of a spec or a PyTorch model.

    Args:
        source: a spec (path, example name, ModelSpec), or "package.module:function" as text.
        overrides: `KEY=VALUE` texts: keys of the spec, or keyword arguments of the function.
        quadrature: probes, Lanczos steps, outliers, seed.
        options: of a PyTorch model; a spec does not use them.
        learning_rate, steps, order: eta, T, N instead of the spec's (of a model: 0.1, 100, 3).
        thresholds: tau of the mode counts, in either unit.
        window: least and largest |a| of the error proxy.
        eta_s: a further reading of the proxy, beside 1 and the learning rate.

    Raises InputError, TooLarge or CheckFailed, as the stages do.
    """
    quadrature, thresholds = quadrature or Quadrature(), tuple(thresholds)
    options = options or ModelOptions()
    _check_whole(quadrature, options)
    _check(
        tolerance=quadrature.tolerance,
        sparsity=options.sparsity,
        learning_rate=learning_rate,
        steps=steps,
        order=order,
        thresholds=list(thresholds),
    )
    if isinstance(source, str) and re.fullmatch(MODULE_NAME, source, flags=re.ASCII):
        parts = _of_module(source, tuple(overrides), quadrature, options)
        rate, count, level = MODEL_RATE, MODEL_STEPS, MODEL_ORDER
    else:
        parts, (rate, count, level) = _of_spec(source, tuple(overrides), quadrature, steps, order)
    eta = rate if learning_rate is None else learning_rate
    spectrum: Spectrum = parts["spectrum"]
    nodes, weights = spectrum.rule()
    readings = {"literal": 1.0, "learning rate": eta} | ({} if eta_s is None else {"eta_s": eta_s})
    units = (("hessian", 1.0), ("learning rate", eta))
    return Dissipation(
        **parts,
        learning_rate=eta,
        steps=count if steps is None else steps,
        order=level if order is None else order,
        counts=tuple(
            mode_counts(spectrum, tau, scale=scale, unit=unit) for unit, scale in units for tau in thresholds
        ),
        gains=step_gains(spectrum, eta),
        proxies={
            name: error_proxy(-nodes, weights, eta_s=value, window=window) for name, value in readings.items()
        },
        window=window,
    )


def _of_module(
    text: str, overrides: tuple[str, ...], quadrature: Quadrature, options: ModelOptions
) -> dict[str, Any]:
    from carlemanc.training.hessian.module_spectrum import module_spectrum
    from carlemanc.training.hessian.operator import TorchDevice
    from carlemanc.training.source import ModuleSource, parsed_arguments

    source = ModuleSource(
        text=text,
        base=options.base,
        arguments=parsed_arguments(overrides),
        seed=options.seed,
        sparsity=options.sparsity,
        scope=options.scope,
        mask=options.mask,
    )
    found = module_spectrum(
        source,
        quadrature,
        method=options.method,
        device=TorchDevice(name=options.device, threads=options.threads, keep_graphs=options.keep_graphs),
        processes=options.processes,
        scheduler=options.scheduler,
        directory=options.directory,
    )
    return {**{name: getattr(found, name) for name in found.__slots__}, "compiler": None}


def _of_spec(
    source: Any, overrides: tuple[str, ...], quadrature: Quadrature, steps: int | None, order: int | None
) -> tuple[dict[str, Any], tuple[float, int, int]]:
    from carlemanc.training.hessian.spec_spectrum import map_spectrum

    extra = [] if steps is None else [f"training.steps={steps}"]
    model = loaded_training(source, (*overrides, *extra))
    lifted = lifted_of(model)
    training, level = lifted.training, lifted.order if order is None else order
    sizes = [stop - start for start, stop in training.rows] or [1] * len(training.batches)
    shares = tuple(size / sum(sizes) for size in sizes)
    spectrum, checked = map_spectrum(training.batches, shares, quadrature, where=model.origin)
    network = training.network
    parts = {
        "label": f"{model.name}, Hessian at the center",
        "parameters": lifted.n if network is None else len(network.info.mask),
        "survivors": lifted.n,
        "spectrum": spectrum,
        "checked": checked,
        "compiler": compiler_outlook(lifted, level),
        "details": {},
    }
    return parts, (training.batches[0].learning_rate, lifted.steps, level)


def _check_whole(quadrature: Quadrature, options: ModelOptions) -> None:
    check_options(
        {
            "--probes": (quadrature.probes, 1, None),
            "--lanczos-steps": (quadrature.steps, 1, None),
            "--outliers": (quadrature.outliers, 0, None),
            "--outlier-steps": (quadrature.outlier_steps, 0, None),
            "--seed": (quadrature.seed, 0, None),
            "--threads": (options.threads, 0, None),
            "--processes": (options.processes, 1, MOST_PROCESSES),
        }
    )


def _check(
    *,
    tolerance: float,
    sparsity: float,
    learning_rate: float | None,
    steps: int | None,
    order: int | None,
    thresholds: list[float],
) -> None:
    rules: tuple[tuple[str, object, bool, str], ...] = (
        ("--tolerance", tolerance, 0 < tolerance < 1, "a number between 0 and 1"),
        ("--sparsity", sparsity, 0 < sparsity <= 1, "a number above 0, at most 1"),
        (
            "--learning-rate",
            learning_rate,
            learning_rate is None or 0 < learning_rate < math.inf,
            "a number above 0",
        ),
        ("--steps", steps, steps is None or steps >= 1, "an integer, at least 1"),
        ("--order", order, order is None or order >= 1, "an integer, at least 1"),
        ("--threshold", thresholds, all(tau >= 0 for tau in thresholds), "numbers, at least 0"),
    )
    problems = [
        Problem(where=name, found=str(value), allowed=allowed)
        for name, value, fits, allowed in rules
        if not fits
    ]
    if problems:
        raise InputError("The dissipation report cannot be made.", problems)
