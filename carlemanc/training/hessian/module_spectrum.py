"""The spectrum of the Hessian of a PyTorch model: exact where it is small, else by Lanczos quadrature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.progress import track
from carlemanc.spec.inputs import Inputs
from carlemanc.training.hessian.checked import Checked
from carlemanc.training.hessian.model_check import check_model
from carlemanc.training.hessian.operator import TorchDevice, hessian_operator, loaded
from carlemanc.training.hessian.probe_lanczos import Operator
from carlemanc.training.hessian.products import BatchProducts
from carlemanc.training.hessian.quadrature import Quadrature, estimated_spectrum
from carlemanc.training.hessian.spectrum import Spectrum, SpectrumMethod, exact_spectrum
from carlemanc.training.hessian.step_log import FileLog, digest_of
from carlemanc.training.source import ModuleSource

DENSE_AT_ONCE = 500
"""Survivors up to which "auto" takes the exact dense spectrum."""
DENSE_LIMIT = 6000
"""Survivors up to which an exact dense spectrum is computed: a matrix of 288 MB and d products."""
_BLOCK = 64
"""Columns of a dense Hessian computed together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModuleSpectrum:
    """A spectrum with what it is of.

    Attributes:
        label: model and data.
        parameters, survivors: all weights and those the Hessian is of.
        spectrum: of the Hessian.
        checked: what was compared before it was taken.
        details: samples and loss; seconds of all Lanczos steps, those of earlier runs too; peak_memory_gib of this
            process and its workers, None where every step was there already; resumed_steps, which an earlier run,
            cut off, had left behind.
        logs: the Lanczos steps on disk.
    """

    label: str
    parameters: int
    survivors: int
    spectrum: Spectrum
    checked: Checked
    details: dict[str, float | None]
    logs: tuple[FileLog, ...]


def module_spectrum(
    source: ModuleSource,
    quadrature: Quadrature,
    *,
    method: SpectrumMethod = "auto",
    device: TorchDevice | None = None,
    processes: int = 1,
    scheduler: str | None = None,
    directory: Path | None = None,
) -> ModuleSpectrum:
    """Return the spectrum of a model's Hessian on its survivors, after `check_model`.

    A dense spectrum is computed in double precision; Lanczos in that of the model.

    Args:
        source: names the model.
        quadrature: probes, steps, outliers, seed.
        method: "dense" is exact, up to `DENSE_LIMIT` survivors; "auto" takes it up to `DENSE_AT_ONCE`.
        device: where products are computed.
        processes: local processes that share the batches.
        scheduler: address of a Dask scheduler to use instead.
        directory: keeps every Lanczos step, so that a run that was cut off goes on; None keeps nothing.

    Raises InputError for a model that cannot be used, TooLarge for a dense spectrum beyond the limit.
    """
    device = device or TorchDevice()
    products = loaded(source, device)
    logs: list[FileLog] = []
    with hessian_operator(products, source, device, processes=processes, scheduler=scheduler) as operator:
        checked = check_model(products, operator)
        if method == "dense" or (method == "auto" and products.size <= DENSE_AT_ONCE):
            exact = replace(operator, form="double" if checked.precision == "float64" else "own")
            spectrum = exact_spectrum(dense_eigenvalues(exact, products.size), "dense")
        else:
            make = partial(_log, logs, directory, source, products, quadrature)
            spectrum = estimated_spectrum(operator, products.size, quadrature, log=make)
        peak = operator.peak_gib()
    computed = not logs or any(log.written for log in logs)
    return ModuleSpectrum(
        label=products.problem.label,
        parameters=products.weights.n,
        survivors=products.size,
        spectrum=spectrum,
        checked=checked,
        details={
            "samples": products.problem.samples,
            "loss": products.problem.value(),
            "seconds": sum(log.seconds for log in logs),
            "peak_memory_gib": peak if computed else None,
            "resumed_steps": sum(log.resumed for log in logs),
        },
        logs=tuple(logs),
    )


def dense_eigenvalues(operator: Operator, size: int) -> FloatArray:
    """Return all eigenvalues, ascending, of a symmetric operator on `size` numbers.

    Raises TooLarge beyond `DENSE_LIMIT`.
    """
    if size > DENSE_LIMIT:
        raise TooLarge(
            "the dense Hessian",
            size=f"{size:,} parameters",
            limit=f"{DENSE_LIMIT:,}",
            instead="--method lanczos estimates the spectrum.",
        )
    matrix = np.empty((size, size))
    for start in track(range(0, size, _BLOCK), "dense Hessian", total=-(-size // _BLOCK)):
        rows = np.eye(min(_BLOCK, size - start), size, start, dtype=np.float32)
        matrix[start : start + _BLOCK] = operator(rows)
    return np.asarray(np.linalg.eigvalsh(0.5 * (matrix + matrix.T)))


def _log(
    logs: list[FileLog],
    directory: Path | None,
    source: ModuleSource,
    products: BatchProducts,
    quadrature: Quadrature,
    name: str,
    deflated: npt.NDArray[np.float32],
) -> FileLog | None:
    """Return where the steps of a run are kept, under the digest of all that decides them; None: nowhere."""
    if directory is None:
        return None
    problem = products.problem
    digest = digest_of(
        {
            "run": name,
            "probes": quadrature.probes if name == "probes" else 1,
            "seed": quadrature.seed,
            "deflated": deflated,
            "sources": Inputs.of({"module": source.text}, Path(source.base), {}).files,
            "model": str(problem.model),
            "state": problem.model.state_dict(),
            "mask": products.mask,
            "loss": getattr(problem.loss, "__qualname__", str(problem.loss)),
            "batches": problem.batches,
        }
    )
    logs.append(FileLog(directory, digest))
    return logs[-1]
