"""Data blocks: how many patches hold the logical qubits, and how fast they take up magic states.

Whatever the block, a magic state enters by lattice surgery: patches are merged for d cycles, so that the outcome is as
reliable as the patches are (Litinski, Quantum 3, 128 (2019): a time step is d cycles). The blocks of Litinski count the
steps of Beverland et al., eq. D3: one a T gate, a rotation and a measurement, three a Toffoli. Of the simple block its
authors say only how many patches it has, as their computations wait for the factory. It is taken to do one after the
other what the next gate may depend on: T gates, Toffoli and the measurements that undo ANDs, each in the same steps, or
in a reaction time where that is longer (derived here).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.core.formula import Status
from carlemanc.costs.physical.code import BEVERLAND, GIDNEY_FOWLER, SurfaceCode
from carlemanc.costs.physical.hardware import Hardware
from carlemanc.costs.physical.job import LogicalJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A data block.

    Attributes:
        name: key of LAYOUTS.
        steps_per_gate: logical time steps a step of the job takes.
        waits: whether a gate takes a reaction time where that is longer; a rotation is then its T gates alone.
        code: the error model the layout is priced with.
        sources: keys of `CITATIONS`, that of the error model among them.
        where: what of them.
        status: of its times.
    """

    name: str
    steps_per_gate: int
    waits: bool = False
    code: SurfaceCode
    sources: tuple[str, ...]
    where: str
    status: Status = "published"

    def patches(self, qubits: int) -> int:
        """Return the number of patches for so many logical qubits."""
        match self.name:
            case "fast":
                return 2 * qubits + _ceil_sqrt(8 * qubits) + 1
            case "intermediate":
                return 2 * qubits + 4
            case _:  # compact, simple
                return -(-3 * qubits // 2) + (3 if self.name == "compact" else 0)

    def consumption(self, job: LogicalJob, distance: int, hardware: Hardware) -> Fraction:
        """Return the seconds the data block needs for a job, magic states being at hand: at least one step."""
        step = distance * hardware.cycle
        if self.waits:
            single, triple = (max(steps * step, hardware.reaction) for steps in (1, 3))
            return max((job.t_gates + job.measurements) * single + job.toffoli * triple, step)
        return max(1, job.time_steps) * self.steps_per_gate * step


def _ceil_sqrt(value: int) -> int:
    root = math.isqrt(value)
    return root if root * root == value else root + 1


_BLOCKS = ("litinski2019game", "beverland2022")

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            name="fast",
            steps_per_gate=1,
            code=BEVERLAND,
            sources=_BLOCKS,
            where="data blocks; eqs. D1-D3",
        ),
        Layout(name="intermediate", steps_per_gate=5, code=BEVERLAND, sources=_BLOCKS, where="data blocks"),
        Layout(name="compact", steps_per_gate=9, code=BEVERLAND, sources=_BLOCKS, where="data blocks"),
        Layout(
            name="simple",
            steps_per_gate=1,
            waits=True,
            status="derived here",
            code=GIDNEY_FOWLER,
            sources=("gidney2019", "fowler2018", "litinski2019game"),
            where="50 % routing; steps, or a reaction time, for each gate",
        ),
    )
}
