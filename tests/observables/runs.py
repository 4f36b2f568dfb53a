"""Runs without a solver: the exact state of a lift on its register, beside an ancilla that fails."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from qualtran import Bloq

from carlemanc.access.access import Access, Reading
from carlemanc.access.inversion import inversion
from carlemanc.access.steps import steps
from carlemanc.block_encoding.step_encoding import step_indices
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.linear_system.lifted import Lifted
from carlemanc.observables.event import Event, copies_of
from carlemanc.observables.observable import Observable
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate

ANGLE = 1.1
"""Of the ancilla: the run succeeds with amplitude cos(ANGLE / 2)."""


@attrs.frozen(cache_hash=True)
class LoadedRun(SequenceBloq):
    """cos|0>|x> + sin|1>|x>, x a vector over its norm."""

    loader: SparseAmplitudes
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": self.loader.size, "ancilla": 1}

    def build(self, circuit: BitCircuit) -> None:
        (ancilla,) = self.bits("ancilla")
        with circuit.conjunction([self.ctrl]) as here:
            if here is None:
                circuit.ry(ANGLE, ancilla, 0.0)
            else:
                circuit.ry(ANGLE / 2, ancilla, 0.0)
                circuit.cx(here, ancilla)
                circuit.ry(-ANGLE / 2, ancilla, 0.0)
                circuit.cx(here, ancilla)
        loader = attrs.evolve(self.loader, is_controlled=self.is_controlled)
        circuit.call(loader, ctrl=self.ctrl, target=self.bits("system"))


def loaded_run(lifted: Lifted, marches: bool) -> tuple[Bloq, Access[Any], float]:
    """Return a run that leaves the exact solution, the access it belongs to and the scale s of its amplitudes."""
    history = lifted.history
    if marches:
        access, extended = steps(lifted, Reading(), None), ExtendedSteps(history=history)
        places, values = step_indices(history, level_zero=extended.level_zero), extended.end()
        width = sum(map(len, access.answer.layout["slots"])) + len(access.answer.layout["level"])
    else:
        access, solution = inversion(lifted, Reading(), None), history.solve()
        times = range(history.times)
        places = np.concatenate([history.layout.packed_indices(time, history.n) for time in times])
        values, width = solution.reshape(-1), history.layout.width
    order = np.argsort(places)
    order = order[values[order] != 0]
    loader = SparseAmplitudes(width, tuple(places[order].tolist()), tuple(values[order].tolist()))
    scale = np.cos(ANGLE / 2) / np.linalg.norm(values)
    return LoadedRun(loader), access, float(scale)


def probability(circuit: Bloq) -> float:
    """Return the probability that all ancillas of an emitted circuit are |0>."""
    program = emit(circuit)
    return simulate(program).project(program.registers["ancilla"]).norm() ** 2


def size_of(event: Event, run: Bloq, access: Access[Any], scale: float) -> float:
    """Return m of an event from its emitted circuit."""
    return probability(event.circuit(run, access)) / (scale**2 * copies_of(access))


def read(found: Observable, run: Bloq, access: Access[Any], scale: float) -> float:
    """Return the value that the exact probabilities of all event circuits give."""
    sizes, signs = [], []
    for event in found.events:
        sizes.append(size_of(event, run, access, scale))
        sign = 1
        if event.sign is not None:
            told = probability(event.sign.circuit(run, access, scale=scale)) / (scale**2 * copies_of(access))
            is_planned = told**0.5 > event.sign.gap(access)
            sign = int(np.sign(event.sign.planned)) * (1 if is_planned else -1)
        signs.append(sign)
    return found.value(sizes, signs)
