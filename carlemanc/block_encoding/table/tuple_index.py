"""Numbering a sparse set of index tuples: a perfect hash whose circuit is CNOTs and one small lookup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs
import numpy as np

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import integer_rows
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import LookupData, LookupShape, LookupTable
from carlemanc.bloqs.lookups.table_load import TableXor
from carlemanc.core.arrays import IntArray

_BUCKET = 4
"""Mean number of tuples that share a displacement."""


@attrs.frozen(cache_hash=True, kw_only=True)
class TupleIndex:
    """The map c -> A c XOR displacement[B c] over GF(2), one-to-one on the tuples it was made for.

    Args:
        size: p, bits of the result.
        address_masks: p rows of A, each one mask per slot.
        bucket_masks: rows of B.
        displacement: 2^q entries of p bits; None where A alone is one-to-one.

    References:
        Hash and displace: Pagh, WADS 1999; linear maps so that hashing costs no Toffoli (derived here).
    """

    size: int
    address_masks: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    bucket_masks: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    displacement: LookupData | None

    def of(self, tuples: IntArray) -> IntArray:
        """Return the numbers of tuples, (count, l) -> (count,)."""
        numbers = _linear(self.address_masks, tuples)
        if self.displacement is None:
            return numbers
        assert isinstance(self.displacement, LookupTable)
        return np.asarray(numbers ^ self.displacement.entries[_linear(self.bucket_masks, tuples)])

    @contextmanager
    def computed(
        self, circuit: BitCircuit, slots: Sequence[Sequence[Bit]], loading: Loading
    ) -> Iterator[list[Bit]]:
        """Yield bits that hold the number of the tuple in `slots`, any number where the tuple is not one of them."""
        with circuit.work(self.size) as number:
            self._write(circuit, slots, number, loading)
            yield number
            self._write(circuit, slots, number, loading)

    def _write(
        self, circuit: BitCircuit, slots: Sequence[Sequence[Bit]], number: list[Bit], loading: Loading
    ) -> None:
        _apply(circuit, self.address_masks, slots, number)
        if self.displacement is None or not self.size:
            return
        with circuit.work(len(self.bucket_masks)) as bucket:
            _apply(circuit, self.bucket_masks, slots, bucket)
            circuit.call(TableXor(self.displacement, self.size, loading), address=bucket, target=number)
            _apply(circuit, self.bucket_masks, slots, bucket)


def _apply(
    circuit: BitCircuit,
    masks: tuple[tuple[int, ...], ...],
    slots: Sequence[Sequence[Bit]],
    target: Sequence[Bit],
) -> None:
    for row, bit in zip(masks, target, strict=True):
        for mask, slot in zip(row, slots, strict=True):
            for position, source in enumerate(slot):
                if mask >> position & 1:
                    circuit.cx(source, bit)


def _linear(masks: tuple[tuple[int, ...], ...], tuples: IntArray) -> IntArray:
    numbers = np.zeros(len(tuples), dtype=np.int64)
    for place, row in enumerate(masks):
        ones = np.bitwise_count(tuples & np.array(row, dtype=np.int64)).sum(axis=1)
        numbers |= (ones.astype(np.int64) & 1) << place
    return numbers


def tuple_index(tuples: IntArray, slot_bits: int, seed: int = 0) -> TupleIndex:
    """Return a one-to-one numbering of distinct tuples, (count, l), below 2^p with p about log2(count / 0.8).

    Structured sets may need more than one bit more: p grows after 64 attempts, at last to all bits of a tuple,
    which need no hash.
    """
    count, degree = tuples.shape
    width = slot_bits * degree
    for size in range(_bits(count), width):
        if width > size + 1 and (found := _hashed(tuples, slot_bits, size, seed)) is not None:
            return found
    rows = [
        [(1 << i) * (s == slot) for s in range(degree)] for slot in range(degree) for i in range(slot_bits)
    ]
    return TupleIndex(size=width, address_masks=rows, bucket_masks=(), displacement=None)


def _hashed(tuples: IntArray, slot_bits: int, size: int, seed: int) -> TupleIndex | None:
    """Return a numbering by p = `size` bits, None where 64 attempts found no displacement."""
    degree = tuples.shape[1]
    rng = np.random.default_rng(seed)
    buckets = max(0, size - _BUCKET.bit_length() + 1)
    for _ in range(64):
        address = _rows(rng, size, degree, slot_bits)
        bucket = _rows(rng, buckets, degree, slot_bits)
        found = _displace(_linear(address, tuples), _linear(bucket, tuples), size, buckets, rng)
        if found is not None:
            return TupleIndex(size=size, address_masks=address, bucket_masks=bucket, displacement=found)
    return None


def tuple_index_shape(count: int, degree: int, slot_bits: int) -> TupleIndex:
    """Return the numbering of `count` tuples known by their number: counted and not emitted."""
    width, size = slot_bits * degree, _bits(count)
    if width <= size + 1:
        return tuple_index(np.zeros((count, degree), dtype=np.int64), slot_bits)
    buckets = max(0, size - _BUCKET.bit_length() + 1)
    every = (1 << slot_bits) - 1
    return TupleIndex(
        size=size,
        address_masks=((every,) * degree,) * size,
        bucket_masks=((every,) * degree,) * buckets,
        displacement=LookupShape(1 << buckets),
    )


def _bits(count: int) -> int:
    """Enough bits for a load of at most 0.8."""
    return 0 if count == 1 else max(1, int(np.ceil(np.log2(count / 0.8))))


def _rows(rng: np.random.Generator, number: int, degree: int, slot_bits: int) -> tuple[tuple[int, ...], ...]:
    return integer_rows(rng.integers(0, 1 << slot_bits, (number, degree)).tolist())


def _displace(
    address: IntArray, bucket: IntArray, size: int, buckets: int, rng: np.random.Generator
) -> LookupTable | None:
    """Give every bucket, largest first, a displacement that sends its addresses to free places."""
    order = np.argsort(bucket, kind="stable")
    starts = np.searchsorted(bucket[order], np.arange((1 << buckets) + 1))
    sizes = np.diff(starts)
    taken = np.zeros(1 << size, dtype=bool)
    displacement = np.zeros(1 << buckets, dtype=np.int64)
    for number in np.argsort(-sizes, kind="stable").tolist():
        members = address[order[starts[number] : starts[number + 1]]]
        if not len(members):
            break
        if len(np.unique(members)) < len(members):
            return None
        for attempt in range(8):
            few = min(1 << size, 64 << attempt)
            trials = np.arange(1 << size) if few == 1 << size else rng.integers(0, 1 << size, few)
            fits = ~taken[members[None, :] ^ trials[:, None]].any(axis=1)
            if fits.any():
                break
        else:
            return None
        chosen = int(trials[np.argmax(fits)])
        taken[members ^ chosen] = True
        displacement[number] = chosen
    return LookupTable(displacement, sizes == 0)
