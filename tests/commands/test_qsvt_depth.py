"""The depth by parts against the depth of the emitted circuit, and against itself at other degrees."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qualtran.symbolics import HasLength

from carlemanc.commands.opening import open_spec
from carlemanc.methods.inversion_circuit import InversionCircuit
from carlemanc.methods.qsvt_depth import qsvt_depth
from carlemanc.programs.counts import tally
from carlemanc.programs.depth_map import DepthFront
from carlemanc.programs.emitter import Placement, emit
from carlemanc.programs.fragment import Fragment, FragmentBuilder
from carlemanc.programs.lowering import Uncompute, lower
from carlemanc.programs.program import Program
from tests.fixed import fixed

GATES = ("h", "t", "cx", "cz", "and", "and_dg", "rz")


@st.composite
def fragments(draw: st.DrawFn) -> Fragment:
    """Gates on four wires."""
    builder = FragmentBuilder(4)
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(GATES))
        wires = draw(st.permutations(range(4)))
        arity = {"h": 1, "t": 1, "rz": 1, "cx": 2, "cz": 2}.get(name, 3)
        builder.add(name, *wires[:arity], angle=0.3 if name == "rz" else 0.0)
    return builder.finish([0, 1, 2, 3])


def flat_depth(parts: list[Placement], width: int, uncompute: Uncompute) -> int:
    places = [np.array([*part.wires, -1], dtype=np.int32)[part.fragment.wires] for part in parts]
    program = Program(
        width=width,
        registers={},
        codes=np.concatenate([part.fragment.codes for part in parts]),
        wires=np.concatenate(places),
        angles=np.concatenate([part.fragment.angles for part in parts]),
    )
    return lower(program, uncompute).depth()


@settings(max_examples=60, deadline=None)
@given(
    made=st.lists(st.tuples(fragments(), st.permutations(range(6))), min_size=1, max_size=4),
    times=st.integers(1, 30),
    uncompute=st.sampled_from(["measure", "unitary"]),
)
def test_layers_of_repeated_parts_are_those_of_the_flat_circuit(
    made: list[tuple[Fragment, list[int]]], times: int, uncompute: Uncompute
) -> None:
    parts = [Placement(fragment=fragment, wires=tuple(wires[:4])) for fragment, wires in made]
    front = DepthFront(6, uncompute)
    front.add(parts[0])
    assert front.depth == flat_depth(parts[:1], 6, uncompute)
    assert front.repeat(parts, times)
    assert front.depth == flat_depth([parts[0], *parts * times], 6, uncompute)


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("quartic-pair", []),
        ("cubic-pair", []),
        ("ridge-diabetes", []),
        ("quartic-ring", ["model.n=12", "training.steps=2"]),
        ("sgd-diabetes", []),
        ("tridiagonal-system", []),
    ],
)
def test_depth_is_that_of_the_emitted_circuit(name: str, overrides: list[str], uncompute: Uncompute) -> None:
    solver = open_spec(fixed(name, overrides)).design.circuit
    assert qsvt_depth(solver, uncompute) == tally(emit(solver), uncompute).depth


def test_any_degree_grows_by_the_same_layers() -> None:
    solver = open_spec(fixed("logistic-map-scalar")).design.circuit
    assert isinstance(solver, InversionCircuit)

    def depth(degree: int) -> int:
        unknown = attrs.evolve(solver.transform, phases=HasLength(degree + 1))
        found = qsvt_depth(attrs.evolve(solver, transform=unknown), "measure")
        assert found is not None
        return found

    assert depth(4001) - depth(2001) == depth(6001) - depth(4001)
    assert (depth(6001) - depth(4001)) * 10**20 == depth(6001 + 2000 * 10**20) - depth(6001)
    phases = (0.3,) * 10
    at = attrs.evolve(solver, transform=attrs.evolve(solver.transform, phases=phases))
    assert depth(9) == tally(emit(at)).depth


def test_clifford_phases_and_other_circuits_are_left_to_emission() -> None:
    solver = open_spec(fixed("logistic-map-scalar")).design.circuit
    assert isinstance(solver, InversionCircuit)
    phases = (0.3, np.pi / 4, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3)
    clifford = attrs.evolve(solver, transform=attrs.evolve(solver.transform, phases=phases))
    assert qsvt_depth(clifford, "measure") is None
    other = open_spec(fixed("logistic-map-scalar", ["solver.method=lcu"]))
    assert qsvt_depth(other.design.circuit, "measure") is None
