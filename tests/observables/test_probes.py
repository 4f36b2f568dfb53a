"""Probes and event circuits: counted = emitted in every form, shifts against their matrices."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from carlemanc.block_encoding.stencil.stencil_terms import Sites
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size
from carlemanc.observables.box_probe import BoxProbe
from carlemanc.observables.observe import observe
from carlemanc.observables.shift_probe import ShiftProbe
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import check_action, check_counts, columns_of, with_register
from tests.observables.questions import asked_of, spec_of
from tests.observables.runs import loaded_run, probability

LATTICES = [
    ((2,), True, (1,)),
    ((4,), True, (1,)),
    ((8,), True, (-3,)),
    ((5,), True, (2,)),
    ((4,), False, (1,)),
    ((8,), False, (-3,)),
    ((5,), False, (2,)),
    ((2, 4), True, (1, -1)),
    ((3, 2), True, (1, 1)),
    ((3, 3), True, (0, 1)),
    ((4, 4), False, (1, -1)),
    ((3, 4), False, (-1, 2)),
]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("dims", "periodic", "offset"), LATTICES)
def test_shifts_interfere_as_their_matrices(dims, periodic, offset, sign):
    """||(1 + sign S) y||^2 / 4 for every pair of sites: the Gram matrix of what the event keeps, junk included."""
    sites = Sites(dims, periodic)
    probe = ShiftProbe(sites=sites, offset=offset, sign=sign)
    check_counts(probe)
    found = _kept(probe, sites.n)
    grid = np.arange(sites.n).reshape(dims)
    shift = np.zeros((sites.n, sites.n))
    for place in np.ndindex(*dims):
        beyond = tuple(a + b for a, b in zip(place, offset, strict=True))
        if periodic:
            beyond = tuple(a % size for a, size in zip(beyond, dims, strict=True))
        elif not all(0 <= a < size for a, size in zip(beyond, dims, strict=True)):
            continue
        shift[grid[place], grid[beyond]] = 1.0
    overlaps = (shift + shift.T) / 2
    expected = (np.eye(sites.n) + sign * overlaps) / 2
    assert np.abs(found.T @ found - expected).max() < 1e-12


def _kept(probe, n):
    """What the event keeps of each site as a start, junk and slot as rows: flags projected on |0>."""
    program = emit(probe)
    wires = [wire for name in ("slots", "junk") for wire in program.registers.get(name, ())]
    slots = program.registers["slots"][::-1]
    order = [*slots, *(wire for wire in wires if wire not in slots)]
    return columns_of(with_register(program, order), "all", range(n))


@pytest.mark.parametrize(
    ("dims", "box"),
    [
        ((8,), ((2, 5),)),
        ((5,), ((0, 2),)),
        ((8,), ((3, 3),)),
        ((3, 4), ((1, 2), (1, 3))),
        ((3, 3), ((0, 1), (1, 1))),
    ],
)
def test_a_box_keeps_its_sites(dims, box):
    sites = Sites(dims, True)
    inside = np.zeros(1 << sites.bits)
    for number, place in enumerate(np.ndindex(*dims)):
        inside[number] = all(low <= at <= high for at, (low, high) in zip(place, box, strict=True))
    probe = BoxProbe(sites=sites, box=box)
    check_counts(probe)
    program = emit(probe)
    found = columns_of(with_register(program, program.registers["slots"][::-1]), "all", range(sites.n))
    assert np.array_equal(found[:, : sites.n], np.diag(inside)[:, : sites.n])


def test_a_shift_in_all_its_forms():
    sites = Sites((4,), True)
    probe = ShiftProbe(sites=sites, offset=(1,), sign=1)
    shift = np.roll(np.eye(4), 1, axis=0)  # site i goes to i + 1
    check_action(probe, (np.eye(4) + shift) / 2, ["slots"])


SPECS = {
    "ring": {"n": 4, "order": 3, "steps": 2, "start": [0.4, 0.0, 0.1, 0.0], "padding": 1},
    "driven chain": {
        "n": 3,
        "order": 2,
        "steps": 2,
        "start": [0.1, 0.2, 0.0],
        "periodic": False,
        "center": "initial",
    },
}
PARAMETERS = {
    "ring": {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0},
    "driven chain": {"lam": 0.0, "J": 0.4, "g": 0.2, "h": 0.1},
}
ASKED = ["theta[0]", "loss", "gradient_norm", "Sum(theta[i]*theta[i+1], (i, 0, n-2))", "theta[0]*theta[1]"]


@pytest.mark.parametrize("marches", [False, True])
@pytest.mark.parametrize("expression", ASKED)
@pytest.mark.parametrize("name", SPECS)
def test_event_circuits_count_what_they_emit_and_have_their_forms(name, expression, marches):
    lifted, vocabulary = asked_of(spec_of(**SPECS[name], parameters=PARAMETERS[name]))
    run, access, scale = loaded_run(lifted, marches)
    found = observe(lifted, "it", expression, vocabulary, precision=1e-9)
    for event in found.events:
        circuits = [event.circuit(run, access)]
        if event.sign is not None:
            circuits.append(event.sign.circuit(run, access, scale=scale))
        for circuit in circuits:
            check_counts(circuit)
            _check_forms(circuit)


def _check_forms(circuit):
    """The adjoint undoes it; the controlled form is the same where the control is 1 and nothing where it is 0."""
    plain = probability(circuit)
    assert probability(_Twice(circuit, circuit.adjoint())) == pytest.approx(1.0, abs=1e-12)
    assert probability(_Controlled(circuit, 1)) == pytest.approx(plain, abs=1e-12)
    assert probability(_Controlled(circuit, 0)) == pytest.approx(1.0, abs=1e-12)


@attrs.frozen(cache_hash=True)
class _Twice(SequenceBloq):
    """One circuit after the other; all wires are ancillas."""

    first: object
    second: object
    is_controlled: bool = False

    def bit_registers(self):
        return {"ancilla": register_size(self.first, "system") + register_size(self.first, "ancilla")}

    def build(self, circuit):
        size = register_size(self.first, "system")
        bits = self.bits("ancilla")
        for part in (self.first, self.second):
            call_query(circuit, part, bits[:size], bits[size:])


@attrs.frozen(cache_hash=True)
class _Controlled(SequenceBloq):
    """The controlled form under a bit that is `value`."""

    inner: object
    value: int
    is_controlled: bool = False

    def bit_registers(self):
        return {name: register_size(self.inner, name) for name in ("system", "ancilla")}

    def build(self, circuit):
        with circuit.work(1) as (control,):
            circuit.xor(self.value, [control])
            call_query(circuit, self.inner, self.bits("system"), self.bits("ancilla"), control)
            circuit.xor(self.value, [control])
