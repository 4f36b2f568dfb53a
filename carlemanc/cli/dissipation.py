"""`carlemanc dissipation`: the Hessian spectrum and the error proxy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import note, show
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import atomic_directory, check_directory_place

if TYPE_CHECKING:
    from carlemanc.training.dissipation import ModelOptions
    from carlemanc.training.hessian.quadrature import Quadrature

_Method = Literal["auto", "dense", "lanczos"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class _Lanczos:
    """How a spectrum is estimated where it is not computed.

    Parameters
    ----------
    probes
        Random vectors; error bars need two.
    lanczos_steps
        Steps of each probe.
    outliers
        Most eigenvalues that are counted one by one.
    outlier_steps
        Lanczos steps that look for them; 0 counts what converges at the ends of every probe.
    tolerance
        Residual of a converged eigenvalue, relative to the spectral norm.
    seed
        Of the probes.
    """

    probes: int = 4
    lanczos_steps: int = 60
    outliers: int = 20
    outlier_steps: int = 80
    tolerance: float = 1e-3
    seed: int = 0

    def quadrature(self) -> Quadrature:
        """Return them as the estimate takes them."""
        from carlemanc.training.hessian.quadrature import Quadrature

        return Quadrature(
            probes=self.probes,
            steps=self.lanczos_steps,
            outliers=self.outliers,
            outlier_steps=self.outlier_steps,
            tolerance=self.tolerance,
            seed=self.seed,
        )


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    """Which weights of a PyTorch model the Hessian is of, and where it is computed.

    Parameters
    ----------
    sparsity
        Fraction of a module's weights that survives magnitude pruning.
    prune
        Whether each layer keeps this fraction, or all weights together.
    mask
        An .npy file of zeros and ones, one for each weight of a module, instead of --sparsity.
    device
        auto takes one GPU if there is one.
    threads
        PyTorch's threads in each process; 0 leaves its choice.
    keep_graphs
        Keep every batch's gradient graph between steps: faster, with more memory.
    processes
        Local processes that share the batches.
    scheduler
        Address of an existing Dask scheduler to use instead, such as tcp://127.0.0.1:8786.
    """

    sparsity: float = 1.0
    prune: Literal["layer", "global"] = "layer"
    mask: Annotated[str, Parameter(metavar="FILE")] = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    keep_graphs: Annotated[bool, Parameter(negative=())] = False
    processes: int = 1
    scheduler: Annotated[str | None, Parameter(metavar="ADDRESS")] = None

    def options(self, method: _Method, output: str | None) -> ModelOptions:
        """Return them as the report takes them; Lanczos steps are kept in the directory `output`."""
        from carlemanc.training.dissipation import ModelOptions

        return ModelOptions(
            method=method,
            sparsity=self.sparsity,
            scope=self.prune,
            mask=self.mask,
            device=self.device,
            threads=self.threads,
            keep_graphs=self.keep_graphs,
            processes=self.processes,
            scheduler=self.scheduler,
            directory=None if output is None else Path(output),
        )


_LANCZOS, _MODULE = _Lanczos(), _Module()


def dissipation(
    source: Annotated[str, Parameter(help="A TOML spec, an example's name, or MODULE:FUNCTION (PyTorch).")],
    /,
    *,
    learning_rate: float | None = None,
    steps: int | None = None,
    order: int | None = None,
    thresholds: Annotated[tuple[float, ...], Parameter(name="--threshold", negative=())] = (0.0, 0.4),
    window: tuple[float, float] = (0.4, 1.0),
    eta_s: float | None = None,
    method: _Method = "auto",
    lanczos: _Lanczos = _LANCZOS,
    module: _Module = _MODULE,
    common: Common = DEFAULTS,
) -> int:
    """Report the spectrum of the Hessian, dissipative and divergent modes, and the error proxy of the paper.

    With -o DIR also spectrum.json, spectrum.npz, dissipation.txt and density.svg; every Lanczos step is kept
    there until the end, and the same command again continues a run that was cut off. MODULE:FUNCTION returns
    (model, loss, batches) and takes --set KEY=VALUE as keyword arguments; carlemanc.training.presets has some.

    Parameters
    ----------
    learning_rate
        eta, instead of the spec's (of a module 0.1).
    steps
        T, instead of the spec's (of a module 100).
    order
        Carleman order N, instead of the spec's (of a module 3).
    thresholds
        tau of the mode counts; may be given several times.
    window
        Least and largest |a| that the error proxy keeps.
    eta_s
        A further reading of the proxy, with gain |1 + eta_s a|.
    method
        Exact dense spectrum (up to 6,000 weights of a module) or Lanczos quadrature; auto takes what is exact if small.
    """
    if common.output is not None:
        check_directory_place(common.output)
    from carlemanc.training.dissipation import dissipation as report

    with working():
        result = report(
            source,
            overrides=common.overrides,
            quadrature=lanczos.quadrature(),
            options=module.options(method, common.output),
            learning_rate=learning_rate,
            steps=steps,
            order=order,
            thresholds=thresholds,
            window=window,
            eta_s=eta_s,
        )
        if common.output is not None:
            with atomic_directory(common.output) as directory:
                result.save(directory)
            result.forget_steps()
            note(f"wrote {common.output}")
    return show(result, common)
