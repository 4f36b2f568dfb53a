"""Random valid programs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from carlemanc.programs.program import ARITY, CODE, OPS, Program
from tests.reference import program_of

Op = tuple[object, ...]


def random_program(seed: int, *, ands: bool = True, size: int = 8) -> Program:
    """Return a program on 5 wires in scrambled order: system (2), ancilla (1), two work wires, `size` blocks.

    Every AND is undone, and in between only acted on so that it can be.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(5).tolist()
    named, work = order[:3], order[3:]
    ops: list[Op] = []
    for _ in range(size):
        ops += _free_gates(rng, named)
        if ands and rng.random() < 0.6:
            ops += _and_block(rng, named, work)
        if rng.random() < 0.3:
            ops.append(("gphase", float(rng.normal())))
    return program_of(5, ops, ancilla=(named[2],), system=(named[0], named[1]), metadata={"seed": seed})


def _free_gates(rng: np.random.Generator, wires: list[int]) -> list[Op]:
    ops: list[Op] = []
    for _ in range(3):
        name = str(rng.choice([op for op in OPS if op not in ("and", "and_dg", "gphase", "measure")]))
        on = rng.permutation(wires)[: ARITY[CODE[name]]].tolist()
        ops.append((name, *on, *([float(rng.normal())] if name in ("rz", "ry") else [])))
    return ops


def _and_block(rng: np.random.Generator, named: list[int], work: list[int]) -> list[Op]:
    a, b, c = rng.permutation(named).tolist()
    t, u = rng.permutation(work).tolist()
    inside: list[Op] = [
        ("rz", t, float(rng.normal())), ("cx", t, c), ("cz", t, c), ("t", t),
        ("ry", c, float(rng.normal())), ("s", a), ("cz", a, t),
    ]  # fmt: skip
    chosen = [inside[i] for i in rng.permutation(len(inside))[:3]]
    if rng.random() < 0.5:
        chosen += [("and", t, a, u), ("cz", u, c), ("and_dg", t, a, u)]
    return [("and", a, b, t), *chosen, ("and_dg", a, b, t)]


def joined(one: Program, other: Program) -> Program:
    """Return a program and another on the same wires after it."""
    return replace(
        one,
        codes=np.concatenate([one.codes, other.codes]),
        wires=np.concatenate([one.wires, other.wires]),
        angles=np.concatenate([one.angles, other.angles]),
    )


def clean_columns(program: Program) -> npt.NDArray[np.int64]:
    """Return the basis states in which every wire outside the registers is 0."""
    named = sum(1 << wire for wires in program.registers.values() for wire in wires)
    index = np.arange(1 << program.width)
    return index[index & ~named == 0]
