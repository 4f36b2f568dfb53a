r"""One step of a lattice map on a slot: every term a shift and a check, with no list over sites."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from functools import cached_property

import attrs

from carlemanc.block_encoding.slot_routing import close_up, flag_underflow
from carlemanc.block_encoding.stencil.selector_state import SelectorState
from carlemanc.block_encoding.stencil.slot_walk import SlotWalk
from carlemanc.block_encoding.stencil.stencil_terms import Sites, StencilUnit
from carlemanc.block_encoding.stencil.unit_tree import UnitTree
from carlemanc.block_encoding.stencil.unit_weights import UnitWeights
from carlemanc.block_encoding.stencil.vacancy import Shift, chain_axes, step_or_check
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading


@attrs.frozen(cache_hash=True, kw_only=True)
class StencilStep(BitBloq):
    r"""Block-encode $\sum_l G_l\gamma^{l-1}$ of a lattice on the first of the given slots.

    A term maps (c_1..c_l) = (r + o_1, ..., r + o_l) to r: slot 1 walks over the offsets, is XORed into the slots
    that must equal it (a mismatch leaves them nonzero, for the junk check) and ends at r; then later slots move
    l - 1 places forward. Subnormalization: the sum of the weights. A pair of mirrored terms needs one shift,
    S^dagger = X S X under a direction bit in |+>.

    Registers:
        selector: prefix code of the units, then the direction bit if there is one.
        underflow: flag, where a term has degree >= 2 and the slot has no `dirty` flag of its own.
        outside: flag of values, where some term does not have one coefficient on all slot values.
        dirty: flag, with `checks`: set where the slot is vacant and not clean.
        live, or vacant: with `checks`: live = occupied or vacant (it turns `ctrl` into vacant by a CNOT).
        slots, level: as for `SlotStep`.

    Args:
        sites: the lattice.
        units: see `gather_units`; not empty.
        slots, level_bits, stride: as for `SlotStep`.
        checks: "" (slot always occupied, or checked elsewhere), "live" or "vacant": which bit is given.
        ends_group: with `checks`: a vacant slot needs level bit 0 to be 0.
        shares_flag: `underflow` is the dirty flag of the slot after, see `flag_underflow`.
        slack: factor <= 1 on the block where the slot is occupied; below 1 with two units only.
        loading: how coefficients that depend on the site are read; None: multiplexed rotations.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0 (but for the vacancy check).

    References:
        CONSTRUCTION.md lines 10-15; the vacancy check inside the increment, patches, prefix code and pairs of
        terms of degree >= 2 are derived here, checked numerically.
    """

    sites: Sites
    units: tuple[StencilUnit, ...]
    slots: int
    level_bits: int
    stride: int
    checks: str = ""
    ends_group: bool = False
    shares_flag: bool = False
    slack: float = 1.0
    loading: Loading | None = None
    eps: float = 0.0
    is_controlled: bool = False

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def alpha(self) -> float:
        """Subnormalization: the sum of the weights over the slack."""
        return sum(unit.weight for unit in self.units) / self.slack

    @property
    def degree_weights(self) -> dict[int, float]:
        """alpha split by degree."""
        found: Counter[int] = Counter()
        for unit in self.units:
            found[unit.degree] += unit.weight  # type: ignore[assignment]
        return {degree: weight / self.slack for degree, weight in found.items()}

    @property
    def batch_bits(self) -> int:
        """All batches share the stencils."""
        return 0

    @cached_property
    def _tree(self) -> UnitTree:
        return UnitTree(tuple(unit.weight for unit in self.units))

    @property
    def _has_direction(self) -> bool:
        return any(unit.is_pair for unit in self.units)

    @property
    def contracts(self) -> bool:
        """Whether some term has degree >= 2."""
        return any(unit.degree > 1 for unit in self.units)

    @cached_property
    def _is_uniform(self) -> bool:
        """Whether all terms have one coefficient on all sites: one check of the index does for all."""
        return all(term.uniform_sign(self.sites) for unit in self.units for term in unit.terms)

    @property
    def has_values(self) -> bool:
        """Whether the step has the flag `outside`."""
        return not (self._is_uniform and self.sites.is_full)

    def bit_registers(self) -> dict[str, int | None]:
        registers: dict[str, int | None] = {"selector": self._tree.bits + self._has_direction}
        if self.contracts and not self.checks:
            registers["underflow"] = None
        if self.has_values:
            registers["outside"] = None
        if self.checks:
            registers |= {"dirty": None, self.checks: None}
        registers["slots"] = self.slots * self.sites.bits
        if self.contracts or (self.checks and self.ends_group):
            registers["level"] = self.level_bits
        return registers

    def _slot(self, number: int) -> list[Bit]:
        m = self.sites.bits
        return self.bits("slots")[number * m : (number + 1) * m]

    @property
    def _direction(self) -> Bit:
        return ("selector", self._tree.bits)

    @property
    def _path(self) -> list[Bit]:
        return self.bits("selector")[: self._tree.bits]

    @property
    def _state(self) -> SelectorState:
        return SelectorState(tree=self._tree, slack=self.slack, eps=self.eps)

    @property
    def _walk(self) -> SlotWalk:
        slots = [self._slot(number) for number in range(self.slots)]
        return SlotWalk(sites=self.sites, slots=slots, direction=self._direction)

    @property
    def _weights(self) -> UnitWeights:
        return UnitWeights(
            sites=self.sites,
            slot=self._slot(0),
            direction=self._direction,
            loading=self.loading,
            eps=self.eps,
        )

    # --- the circuit ----------------------------------------------------------------------------------------

    def build(self, circuit: BitCircuit) -> None:
        with circuit.active(self.ctrl) as control:
            if self._path:
                self._state.prepare(circuit, self._path)
            if self._has_direction:
                circuit.h(self._direction)
            self._apply(circuit, control)
            if self._has_direction:
                circuit.h(self._direction)
            if self._path:
                self._state.unprepare(circuit, self._path, control)

    def _apply(self, circuit: BitCircuit, control: Bit) -> None:
        in_chain, walk = self._chain_axes, self._walk
        shared = [degree for degree, count in self._contracting.items() if count > 1]
        chosen = {degree: circuit.allocate() for degree in shared}

        def act(number: int, here: Bit) -> None:
            unit = self.units[number]
            if number not in in_chain:
                walk.columns(circuit, unit, here)
            if unit.degree > 1:
                if unit.degree in chosen:
                    circuit.cx(here, chosen[unit.degree])
                else:
                    self._contract(circuit, unit.degree, here)

        tree = self._tree
        tree.visit(circuit, self._path, control, lambda k: k not in in_chain and self._has_columns(k), act)
        for degree, here in chosen.items():
            self._contract(circuit, degree, here)
        if chosen:
            tree.visit(
                circuit,
                self._path,
                control,
                lambda k: self.units[k].degree in chosen,
                lambda k, here: circuit.cx(here, chosen[self.units[k].degree]),
            )
            for bit in chosen.values():
                circuit.free(bit)
        self._chain(circuit, control)
        if not self._is_uniform:
            tree.visit(
                circuit,
                self._path,
                control,
                self._has_weighing,
                lambda k, here: self._weights.weigh_unit(circuit, self.units[k], here),
            )
            return
        if not self.sites.is_full:
            self._weights.weigh(circuit, self.units[0].terms[0], control, is_signed=False)
        tree.visit(
            circuit,
            self._path,
            control,
            lambda k: (
                self.units[k].terms[0].uniform_sign(self.sites) < 0
                or self.units[k].terms[-1].uniform_sign(self.sites) < 0
            ),
            lambda k, here: self._weights.sign(circuit, self.units[k], here),
        )

    @cached_property
    def _contracting(self) -> dict[int, int]:
        """Number of units of each degree >= 2."""
        return dict(Counter(unit.degree for unit in self.units if unit.degree > 1))

    def _has_columns(self, number: int) -> bool:
        unit = self.units[number]
        return unit.degree > 1 or unit.terms[0].moves

    def _contract(self, circuit: BitCircuit, degree: int, chosen: Bit) -> None:
        """Check the level, move the later slots forward, lower the level."""
        drop = (degree - 1) // self.stride
        level = self.bits("level")
        target: Bit = "dirty" if self.checks else "underflow"
        flag_underflow(circuit, target, chosen, level, drop, is_shared=self.shares_flag)
        close_up(circuit, chosen, [self._slot(k) for k in range(self.slots)], degree, level, drop)

    @cached_property
    def _chain_axes(self) -> dict[int, int]:
        return chain_axes(self.sites, self.units) if self.checks else {}

    def _chain(self, circuit: BitCircuit, control: Bit) -> None:
        if not self.checks:
            return
        with ExitStack() as stack:
            steps = []
            rest = list(self._slot(0))
            for number, axis in self._chain_axes.items():
                unit, bits = self.units[number], self._slot(0)[self.sites.field(axis)]
                here = stack.enter_context(self._tree.selected(circuit, self._path, control, number))
                downward = unit.terms[0].offsets[0][axis] > 0
                steps.append(Shift(here, bits, downward, self._direction if unit.is_pair else None))
                rest = [bit for bit in rest if bit not in bits]
            if self.ends_group and self.level_bits:
                rest.append(("level", 0))
            vacant: Bit = "vacant" if self.checks == "vacant" else control
            if self.checks == "live":
                circuit.cx("live", control)
            circuit.cx(vacant, "dirty")
            step_or_check(circuit, vacant, vacant, steps, rest, "dirty")
            if self.checks == "live":
                circuit.cx("live", control)

    def _has_weighing(self, number: int) -> bool:
        unit = self.units[number]
        return not self.sites.is_full or any(term.uniform_sign(self.sites) != 1 for term in unit.terms)
