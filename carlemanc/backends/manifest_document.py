"""`manifest.json`: what a reader needs to use a circuit file without carlemanc (CONTRACT section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from carlemanc.backends.file_layout import canonical_wires
from carlemanc.core.json_text import plain
from carlemanc.programs.program import Program

FORMAT: Final = "carlemanc.manifest/1"
COUNTS: Final = ("t", "toffoli", "t_in_file", "rotations", "clifford", "two_qubit", "depth", "measurements")


def manifest(
    stage: str,
    program: Program,
    counts: object,
    *,
    circuit: str,
    alpha: float | None = None,
    epsilon: float | None = None,
    layout: Mapping[str, object] | None = None,
    matrix: str | None = None,
    rhs: str | None = None,
    solution: Mapping[str, object] | None = None,
    state_scale: float | None = None,
    success_probability: float | None = None,
    readout_probability: float | None = None,
    **extra: object,
) -> dict[str, Any]:
    """Return the manifest of one circuit file.

    Args:
        stage: `block-encoding`, `state-preparation`, `solver` or `full`.
        program: the program that was exported; its wires need not be canonical, the file's are.
        counts: a mapping or an object with the names of `COUNTS`, of the file as written.
        circuit: name of the circuit file.
        layout: parts of the system register, as positions inside it (least significant first): `time`,
        `level`
            and `slots`. The system register is qubits 0.. of the file, so these are also qubit indices.
        solution: `{"indices", "scale", "offset"}`.
        state_scale: s, where amplitudes with all ancillas |0> are s * x; None where the method loses the
        norm.
        extra: further fields (options of the compilation, for example).

    `registers.ancilla` is every qubit outside `system`: the ancillas proper, then the work qubits, which
    start and end in |0> and are listed again as `registers.work`; other registers of the program are listed
    under their own names.
    """
    canonical = canonical_wires(program)
    registers = _registers(canonical)
    return {
        "format": FORMAT,
        "stage": stage,
        "circuit": circuit,
        "qubits": program.width,
        "alpha": alpha,
        "epsilon": epsilon,
        "registers": registers,
        "layout": plain(layout) if layout is not None else None,
        "matrix": matrix,
        "rhs": rhs,
        "solution": plain(solution) if solution is not None else None,
        "state": {"ancilla_zero": registers["ancilla"], "scale": state_scale},
        "success_probability": success_probability,
        "readout_probability": readout_probability,
        "counts": manifest_counts(counts),
        **{key: plain(value) for key, value in extra.items()},
    }


def manifest_counts(counts: object) -> dict[str, int]:
    """Return the counts of the manifest from a mapping or an object with attributes of the same names."""
    if isinstance(counts, Mapping):
        return {name: int(counts[name]) for name in COUNTS}
    return {name: int(getattr(counts, name)) for name in COUNTS}


def _registers(canonical: Program) -> dict[str, list[int]]:
    system = list(canonical.registers.get("system", ()))
    named = {wire for wires in canonical.registers.values() for wire in wires}
    others = {
        name: list(wires)
        for name, wires in canonical.registers.items()
        if name not in ("system", "ancilla", "work")
    }
    inside = set(system)
    return {
        "system": system,
        "ancilla": [wire for wire in range(canonical.width) if wire not in inside],
        "work": [wire for wire in range(canonical.width) if wire not in named],
        **others,
    }
