"""Real amplitude vectors on a register, chosen by an address: the rotation tree."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import number_rows, numbers
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import fill_unused
from carlemanc.bloqs.nearly import SAME
from carlemanc.bloqs.rotations.indexed_ry import IndexedRy, indexed_ry, price
from carlemanc.core.arrays import FloatArray, Mask

Angles = FloatArray


@attrs.frozen(cache_hash=True)
class RotationTree(BitBloq):
    """Map |address>|0> to |address> sum_k amplitude[address, k] |k>; amplitudes are real and may be negative.

    Args:
        amplitudes: 2^a rows (one per address) of 2^b amplitudes; each row is normalized here and must not be
        zero.
        eps: synthesis precision of each rotation.
        is_controlled: where `ctrl` is 0 do nothing, or prepare `when_off` whatever the address.
        when_off: 2^b amplitudes, for a controlled tree only.
        loading: where given, a layer whose angles cost fewer T gates loaded than multiplexed is loaded
            (see `indexed_ry`), its angles rounded.

    Cost: at most 2^a (2^b - 1) rotations and no Toffoli; when controlled (2^a + 1) (2^b - 1) rotations and a
    Toffoli: the address is masked by the control, so that all angles at ctrl = 0 but one are free to follow
    those at ctrl = 1, and half of the rotations vanish. Address bits without influence cost nothing, and no
    mask is made where it would save no rotation.

    References:
        Grover and Rudolph, arXiv:quant-ph/0208112, with multiplexed rotations; the masking is derived here;
        checked numerically.
    """

    amplitudes: tuple[tuple[float, ...], ...] = attrs.field(converter=number_rows)
    eps: float = 0.0
    is_controlled: bool = False
    when_off: tuple[float, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(numbers)
    )
    loading: Loading | None = None

    @property
    def address_size(self) -> int:
        """Number of address bits a."""
        return (len(self.amplitudes) - 1).bit_length()

    @property
    def target_size(self) -> int:
        """Number of target bits b."""
        return (len(self.amplitudes[0]) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": self.target_size}

    @cached_property
    def _rows(self) -> tuple[list[int], Angles]:
        """The address bits that matter, and the rows addressed by them alone."""
        rows = np.array(self.amplitudes)
        if rows.shape != (1 << self.address_size, 1 << self.target_size):
            raise ValueError(f"amplitude table must be 2^a by 2^b, found {rows.shape}")
        matters: list[int] = []
        for bit in range(self.address_size):
            pairs = rows.reshape(-1, 2, 1 << len(matters), 1 << self.target_size)
            if np.abs(pairs[:, 0] - pairs[:, 1]).max() <= SAME:
                rows = pairs[:, 0].reshape(-1, 1 << self.target_size)
            else:
                matters.append(bit)
        return matters, rows

    @cached_property
    def _layers(self) -> tuple[bool, list[IndexedRy]]:
        """Whether the address is masked, and the rotations: layer d turns target bit b-1-d.

        They are multiplexed on the d bits above it, the address and, last, the control.
        """
        rows, off = self._rows[1], np.eye(1, 1 << self.target_size)
        if self.when_off is not None:
            off = np.array([self.when_off])
        table = np.concatenate([rows, off]) if self.is_controlled else rows
        plain, masked = [], []
        for depth in range(self.target_size):
            choices = _layer_angles(table, depth)
            if not self.is_controlled:
                plain.append(self._cheapest(choices))
                continue
            on_off = [(angles[:-1], angles[-1:]) for angles in choices]
            plain.append(
                self._cheapest(np.concatenate([np.repeat(off, len(on), 0), on]) for on, off in on_off)
            )
            masked.append(self._cheapest(np.concatenate([on + (off - on[0]), on]) for on, off in on_off))
        is_masked = self.is_controlled and self._price(masked) < self._price(plain)
        return is_masked, masked if is_masked else plain

    def _cheapest(self, choices: Iterable[Angles]) -> IndexedRy:
        layers = [indexed_ry(angles.reshape(-1), self.loading, self.eps) for angles in choices]
        return min(layers, key=lambda layer: price(layer, self.loading))

    def _price(self, layers: Iterable[IndexedRy]) -> float:
        return sum(price(layer, self.loading) for layer in layers)

    def build(self, circuit: BitCircuit) -> None:
        names = self.bits("address")
        address = [names[bit] for bit in self._rows[0]]
        if not self.is_controlled:
            self._rotate(circuit, address)
        elif not self._layers[0]:
            self._rotate(circuit, [*address, "ctrl"])
        else:
            masks = [circuit.and_("ctrl", bit) for bit in address]
            self._rotate(circuit, [*masks, "ctrl"])
            for bit, mask in zip(address[::-1], masks[::-1], strict=True):
                circuit.erase_and("ctrl", bit, mask)

    def _rotate(self, circuit: BitCircuit, address: list[Bit]) -> None:
        target = self.bits("target")
        for depth, layer in enumerate(self._layers[1]):
            bit = target[self.target_size - 1 - depth]
            above = [target[self.target_size - depth + i] for i in range(depth)]
            circuit.call(layer, address=[*above, *address], target=bit)


def _layer_angles(rows: Angles, depth: int) -> list[Angles]:
    """Angles of layer `depth`, (rows, 2^depth): 2 atan2 of the two half norms, signed at the leaves.

    Nodes without weight may turn by any angle. Two choices are returned where there are such nodes: those unused
    in every row completed for all rows at once, and those unused in one row copied from their neighbors there.
    """
    halves = rows.reshape(len(rows), 1 << depth, 2, -1)
    leaf = halves.shape[-1] == 1
    low, high = (
        halves[:, :, side, 0] if leaf else np.linalg.norm(halves[:, :, side], axis=-1) for side in (0, 1)
    )
    angles = 2 * np.arctan2(high, low)
    unused = (low == 0) & (high == 0)
    if not unused.any():
        return [angles]
    together, apart = angles.copy(), angles
    _complete(together, ~unused.all(axis=0))
    fill_unused(apart, unused)
    return [together, apart]


def _complete(angles: Angles, used: Mask) -> None:
    """Choose the angles of the nodes that no address uses, columns of (addresses, 2^d), to save rotations.

    A half with no used node repeats the half beside it; one with a single used node repeats it up to a constant,
    so that only that constant depends on the bit between them.
    """
    half = angles.shape[1] // 2
    if used.all() or not half:
        return
    parts = [(angles[:, :half], used[:half]), (angles[:, half:], used[half:])]
    counts = [int(on.sum()) for _, on in parts]
    fuller, other = sorted(range(2), key=lambda side: -counts[side])
    _complete(*parts[fuller])
    target, on = parts[other]
    if counts[other] > 1:
        _complete(target, on)
        return
    pattern, place = parts[fuller][0], int(np.argmax(on))
    shift = target[:, [place]] - pattern[:, [place]] if counts[other] else 0.0
    target[:] = pattern + shift
