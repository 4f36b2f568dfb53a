"""The Hessian of a whole problem as an operator, its batches in this process, in others or on a Dask cluster.

A job is one batch and the vectors of all probes. Each process loads the source once and keeps it. Results are
added in the order of the batches, whoever computed them.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.engine import Engine, engine
from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.hessian.products import BatchProducts, Vectors, batch_products
from carlemanc.training.problem import refused
from carlemanc.training.source import ModuleSource

_LOST = "a worker process died (out of memory, or killed); the steps so far are kept"
Form = Literal["own", "fresh", "double"]
"""Products in the model's precision, the same with every graph made anew, or in double precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchDevice:
    """Where and how products are computed.

    Attributes:
        name: "cpu", "cuda" or "auto" (one GPU if there is one, else the CPU).
        threads: of PyTorch in each process; 0 leaves PyTorch's choice.
        keep_graphs: see `BatchProducts`.
    """

    name: str = "auto"
    threads: int = 0
    keep_graphs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKey:
    """Which problem a process has, or loads: the same one gives the same products.

    Attributes:
        source: what is loaded.
        device: where it is computed.
        fingerprint: of the problem as the first process loaded it.
    """

    source: ModuleSource
    device: TorchDevice
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchJob:
    """One batch and the vectors its part of the Hessian is applied to; `form` says how products are computed."""

    key: ProblemKey
    batch: int
    vectors: Vectors
    form: Form = "own"


def compute(job: BatchJob) -> Vectors:
    """Return one batch's share of the products."""
    products = _found(job.key)
    if job.form == "double":
        with products.doubled() as twice:
            return twice.product(job.batch, job.vectors)
    if job.form == "fresh":
        products = products.fresh()
    return products.product(job.batch, job.vectors)


_current: dict[ProblemKey, BatchProducts] = {}
"""The problem that this process loaded last."""


def loaded(source: ModuleSource, device: TorchDevice) -> BatchProducts:
    """Return the problem of a source on its device, loaded anew."""
    torch = require_torch()
    if device.threads:
        torch.set_num_threads(device.threads)
    problem, mask = source.load()
    products = batch_products(problem.on(chosen(device.name)), mask, keep_graphs=device.keep_graphs)
    _current.clear()
    _current[ProblemKey(source=source, device=device, fingerprint=products.fingerprint)] = products
    return products


def _found(key: ProblemKey) -> BatchProducts:
    """Return the problem of a key, loaded where this process does not have it.

    Raises InputError where a new call of the function returns other weights or data.
    """
    if key in _current:
        return _current[key]
    products = loaded(key.source, key.device)
    if products.fingerprint != key.fingerprint:
        found = "other weights or data in another process"
        allowed = "a function that returns the same each time: seed what it draws"
        raise refused(key.source.text, found, allowed)
    return products


def chosen(name: str) -> str:
    """Return the device that a name stands for: "cpu" or "cuda"."""
    if name == "auto":
        return "cuda" if require_torch().cuda.is_available() else "cpu"
    return name


def peak_gib(_: object = None) -> float:
    """Return the peak resident memory of this process, GiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / (2**30 if sys.platform == "darwin" else 2**20))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HessianOperator:
    """v -> H v over batches.

    Attributes:
        key: of the problem.
        engine: which processes compute.
        batches: which of them are summed.
        processes: local ones beside this, 0 where it computes itself or a cluster does.
        form: how products are computed.
    """

    key: ProblemKey
    engine: Engine
    batches: tuple[int, ...]
    processes: int = 0
    form: Form = "own"

    def peak_gib(self) -> float:
        """Return the peak memory of this process and its local workers, each at its own peak, GiB."""
        return peak_gib() + sum(self.engine.in_order(peak_gib, range(self.processes)))

    def __call__(self, vectors: Vectors) -> FloatArray:
        """Return H v for each row, (k, d) float64."""
        jobs = [
            BatchJob(key=self.key, batch=batch, vectors=vectors, form=self.form) for batch in self.batches
        ]
        total = np.zeros(vectors.shape)
        for part in self.engine.in_order(compute, jobs):
            total += part
        return total


@contextmanager
def hessian_operator(
    products: BatchProducts,
    source: ModuleSource,
    device: TorchDevice,
    *,
    processes: int = 1,
    scheduler: str | None = None,
) -> Iterator[HessianOperator]:
    """Yield the operator of what `loaded(source, device)` returned; its processes end with the block."""
    batches = len(products.problem.batches)
    workers = min(processes, batches)
    with engine(processes=workers, scheduler=scheduler, lost=_LOST) as found:
        yield HessianOperator(
            key=ProblemKey(source=source, device=device, fingerprint=products.fingerprint),
            engine=found,
            batches=tuple(range(batches)),
            processes=workers if workers > 1 and scheduler is None else 0,
        )
