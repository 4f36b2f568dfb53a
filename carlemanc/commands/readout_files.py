"""The circuits of a readout in files: one for each event and number of uses, with how often each runs.

Comes in: a design whose readout has circuits of its own. Goes out: the `readout` of a manifest. Depths that an
estimator draws are drawn with a seed; a circuit that is too long to be written, or that waits for what others read,
is listed without a file, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.backends.file_layout import canonical_wires
from carlemanc.backends.registry import export, file_name
from carlemanc.commands.backend_choice import gates_ahead
from carlemanc.commands.opening import measured
from carlemanc.core.progress import track
from carlemanc.evaluation.design import Design
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program
from carlemanc.readout.readout_circuit import ReadoutCircuit

MOST_GATES = 2_000_000
"""Gates that are written for a readout in all, shortest circuits first: 100 MB of text."""
FOLDER = "readout"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutFiles:
    """How the circuits of a readout are written.

    Args:
        directory: that of the manifest.
        format: name of the circuit format.
        uncompute: how ANDs are undone.
        dialect: of the format, None where it has none.
        synthesized: makes a program of a gate set of it.
    """

    directory: Path
    format: str
    uncompute: Uncompute
    dialect: str | None
    synthesized: Callable[[Program], Program]

    def write(self, design: Design, seed: int) -> dict[str, Any] | None:
        """Write the circuits and return their document; None where all circuits are plain runs."""
        circuits = design.readout.drawn(
            design.circuit, design.plan.copy_probability, design.setting, np.random.default_rng(seed)
        )
        if circuits is None:
            return None
        entries = list(self._entries(design, circuits))
        return {"seed": seed, "method": design.readout.method, "circuits": entries}

    def _entries(self, design: Design, circuits: tuple[ReadoutCircuit, ...]) -> Iterator[dict[str, Any]]:
        left, sizes = MOST_GATES, [gates_ahead(design, circuit.bloq) for circuit in circuits]
        order = sorted(range(len(circuits)), key=lambda number: (sizes[number], number))
        for place, number in enumerate(track(order, "readout circuits", total=len(order))):
            circuit, size = circuits[number], sizes[number]
            entry: dict[str, Any] = {
                "name": circuit.name,
                "uses": circuit.uses,
                "runs": int(circuit.times),
                "circuit": None,
            }
            if circuit.waits:
                yield entry | {"reason": circuit.waits}
            elif size > left:
                yield entry | {
                    "reason": f"about {size:,} gates more; {MOST_GATES:,} are written in all, shortest first"
                }
            else:
                left -= size
                yield entry | self._written(circuit, place)

    def _written(self, circuit: ReadoutCircuit, place: int) -> dict[str, Any]:
        program = self.synthesized(emit(circuit.bloq))
        folder = Path(FOLDER) / f"{place:04d}"
        (self.directory / folder).mkdir(parents=True)
        whole = replace(measured(program), metadata={"carlemanc": "program", "stage": "readout"})
        export(whole, self.format, self.directory / folder, uncompute=self.uncompute, dialect=self.dialect)
        return {
            "circuit": (folder / file_name(self.format)).as_posix(),
            "qubits": program.width,
            "registers": _registers(program),
            "t_in_file": tally(program, self.uncompute).t_in_file,
        }


def _registers(program: Program) -> dict[str, list[int]]:
    """Return the qubits of each register in the file; the event is `ancilla` all |0>."""
    return {name: list(wires) for name, wires in canonical_wires(program).registers.items()}


def drop_stale_files(directory: Path, document: Mapping[str, Any] | None) -> None:
    """Remove circuits that an earlier readout left beside those of a document."""
    kept = {entry["circuit"] for entry in document["circuits"]} if document else set()
    for path in (directory / FOLDER).glob("[0-9]*/circuit.*"):
        if path.relative_to(directory).as_posix() not in kept:
            path.unlink()
    for folder in (*(directory / FOLDER).glob("[0-9]*"), directory / FOLDER):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
