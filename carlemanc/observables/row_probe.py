r"""The probe of one row of tensors, from levels l to level 1: R y, or y_1 + R y and y_1 - R y by a Hadamard test.

R = sum_l R_l acts on level l and gives level 1. Its block encoding is a step of one slot, made of the leaves of the
solver's own steps: a term of degree l takes l slots and l - 1 off the level, so that what comes from level l stands on
level 1 with every slot but the first empty, and nothing else does. With h in |+> and the step applied where h is 1,
level 1 holds (y_1 + R y / alpha) / 2 with h = 0 and (y_1 - R y / alpha) / 2 with h = 1: the two squares differ by
$<y_1, R y> / \alpha$ (derived here, checked against the matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from carlemanc.block_encoding.data_steps import DataSteps
from carlemanc.block_encoding.history.step_parts import AnySlotStep
from carlemanc.block_encoding.leaves import lattice_tensors, stride
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.stencil.stencil_terms import Sites, gather_units
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.linear_system.register_layout import bits_for
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.observables.event_circuit import Probe

Branch = Literal["plus", "minus", "alone"]
_MULTIPLEXED_SITES = 4096
"""Up to this many sites coefficients of their own are multiplexed rotations unless a loading is given."""


@attrs.frozen(cache_hash=True, kw_only=True)
class RowProbe(Probe):
    """R / alpha on level 1 alone, or (1 + R / alpha) / 2, or (1 - R / alpha) / 2; the event is flags |0>.

    Args:
        step: the block encoding of R (`row_step`), controlled.
        slot_count: N.
        branch: which of the three.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        flags: h, but for "alone", then the ancillas of the step.
        slots: all; level: the bits above level 1.
    """

    step: AnySlotStep
    slot_count: int
    branch: Branch
    is_controlled: bool = False

    @property
    def alpha(self) -> float:
        """Subnormalization of R."""
        return self.step.alpha

    @property
    def clears(self) -> int | None:
        """Slots from the second on: a mismatch, or a level above, leaves them occupied."""
        return 1

    @property
    def _own(self) -> dict[str, int | None]:
        """The ancilla registers of the step."""
        sizes = self.step.bit_registers().items()
        return {name: size for name, size in sizes if name not in ("slots", "level") and size != 0}

    @property
    def _level_bits(self) -> int:
        return self.step.bit_registers().get("level") or 0

    def bit_registers(self) -> dict[str, int | None]:
        flags = sum(1 if size is None else size for size in self._own.values())
        registers: dict[str, int | None] = {"flags": flags + (self.branch != "alone")}
        registers["slots"] = self.step.bit_registers()["slots"]
        if self._level_bits:
            registers["level"] = self._level_bits
        return registers

    def build(self, circuit: BitCircuit) -> None:
        flags = self.bits("flags")
        if self.branch == "alone":
            with circuit.active(self.ctrl) as here:
                self._act(circuit, here, flags)
            return
        test, own = flags[0], flags[1:]
        circuit.h(test)
        with circuit.conjunction([self.ctrl, test]) as here:
            self._act(circuit, here, own)
        circuit.h(test)
        if self.branch == "minus":
            circuit.cx(self.ctrl, test)

    def _act(self, circuit: BitCircuit, here: Bit, flags: list[Bit]) -> None:
        on: dict[str, Bit | list[Bit]] = {"slots": self.bits("slots")}
        first = 0
        for name, size in self._own.items():
            on[name] = flags[first] if size is None else flags[first : first + size]
            first += 1 if size is None else size
        if self._level_bits:
            on["level"] = self.bits("level")
        circuit.call(self.step, ctrl=here, **on)


def row_system(row: PolynomialMap, gamma: float, levels: Sequence[int]) -> CarlemanSystem:
    """Return the tensors R_l gamma^(l-1) of a row in the flattening that is encoded; its step is not used."""
    return CarlemanSystem(
        map=row, order=levels[-1], gamma=gamma, corrections=None, levels=tuple(levels), is_alone=True
    )


def row_step(
    row: PolynomialMap,
    gamma: float,
    levels: Sequence[int],
    *,
    eps: float = 0.0,
    loading: Loading | None = None,
) -> AnySlotStep:
    """Return the block encoding of sum_l R_l gamma^(l-1), l >= 1, on levels of the lift: stencils or loaded tables.

    Args:
        row: R_l as the F_l of a map.
        gamma: the unit of u.
        levels: those of the lift, 1 first; every l of the row is one of them.
        eps: synthesis precision of each rotation.
        loading: how tables are read, as in `encode`.
    """
    system = row_system(row, gamma, levels)
    slots, level_bits = levels[-1], len(levels) - 1
    stencils = lattice_tensors(system, with_identity=False)
    if stencils is None:
        tensors = {degree: tensor for degree, tensor in system.factor_tensors.items() if degree}
        maker = DataSteps([tensors], bits_for(row.n), loading, eps, row.samples)
        return maker.step(tuple(tensors), slots=slots, level_bits=level_bits, stride=stride(levels))
    lattice = next(iter(stencils.values())).lattice
    return StencilStep(
        sites=Sites(lattice.dims, lattice.periodic),
        units=gather_units(stencils, tuple(stencils)),
        slots=slots,
        level_bits=level_bits,
        stride=stride(levels),
        loading=loading or (DEFAULT_LOADING if row.n > _MULTIPLEXED_SITES else None),
        eps=eps,
        is_controlled=True,
    )
