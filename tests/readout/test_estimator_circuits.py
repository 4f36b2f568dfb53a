"""Circuits of the estimators: outcomes on the simulator against formulas, counted = emitted, control and adjoint."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.methods.amplification_circuit import AmplitudeAmplification, grover_rounds
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import simulate
from carlemanc.readout.estimators import phase_estimation
from carlemanc.readout.estimators.maximum_likelihood import MaximumLikelihood
from carlemanc.readout.estimators.phase_circuit import PhaseCircuit
from carlemanc.readout.estimators.phase_estimation import PhaseEstimation
from carlemanc.readout.estimators.registry import ESTIMATORS
from tests.bloqs.checks import check_counts, unitary_of


@attrs.frozen(cache_hash=True)
class Event(SequenceBloq):
    """A real state on one system wire and two ancillas (more significant), loaded from |0>."""

    values: tuple[float, ...] = (0.2, -0.3, 0.5, 0.4, -0.1, 0.6, 0.3, 0.7)
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": 1, "ancilla": 2}

    def build(self, circuit: BitCircuit) -> None:
        loader = MergedAmplitudes(3, tuple(range(8)), self.values, is_controlled=self.is_controlled)
        circuit.call(loader, ctrl=self.ctrl, target=[*self.bits("system"), *self.bits("ancilla")])

    @property
    def probability(self) -> float:
        square = np.square(self.values)
        return float(square[:2].sum() / square.sum())


def odds_of(program: Program, register: str) -> np.ndarray:
    """Probabilities of the values of a register at the end, from |0>."""
    state = simulate(program, {0: 1.0 + 0j})
    wires = program.registers[register]
    return np.bincount(state.values(wires), np.abs(state.amplitudes) ** 2, 1 << len(wires))


@pytest.mark.parametrize("uses", [1, 3, 5, 9])
def test_rounds_show_the_event_as_often_as_the_formula(uses: int) -> None:
    bloq = grover_rounds(Event(), uses)
    found = odds_of(emit(bloq), "ancilla")[0]
    assert found == pytest.approx(math.sin(uses * math.asin(math.sqrt(Event().probability))) ** 2, abs=1e-12)
    assert bloq == Event() or (isinstance(bloq, AmplitudeAmplification) and 2 * bloq.rounds + 1 == uses)


@pytest.mark.parametrize(
    ("delta", "steps"),
    [(0.5, 4096), (0.35, 4096), (0.2, 4096), (0.12, 4096), (0.12, 8), (0.12, 1)],
)
def test_the_phase_register_has_the_odds_of_the_plan(
    delta: float, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of iterates that are and are no power of two, windows of steps of one and of several iterates."""
    monkeypatch.setattr(phase_estimation, "STEPS", steps)
    plan = PhaseEstimation().plan(0.2, delta, 0.05)
    bloq = plan.circuit(Event())
    found = odds_of(emit(bloq), "phase")
    assert np.abs(found - plan.odds(Event().probability)).max() < 1e-9
    assert 2 * bloq.iterates - 1 == plan.uses


@pytest.mark.parametrize(
    "values", [(1.0, 0, 0, 0, 0, 0, 0, 0), (0.6, 0.8, 0, 0, 0, 0, 0, 0), (0, 0, 1.0, 1, 0, 0, 1, 0)]
)
def test_events_that_are_certain_or_never_happen(values: tuple[float, ...]) -> None:
    """One eigenvector, of phase pi or 0."""
    event = Event(values=tuple(value + 1e-300 for value in values))
    plan = PhaseEstimation().plan(event.probability, 0.35, 0.05)
    assert np.abs(odds_of(emit(plan.circuit(event)), "phase") - plan.odds(event.probability)).max() < 1e-9


WINDOWS = {
    (1, 0): (1.0,),
    (2, 0): (0.6, 0.8),
    (3, 0): (0.5, 0.7, 0.4),
    (3, 1): (0.5, 0.7, 0.4),
    (1, 1): (1.0,),
}
SIZES = pytest.mark.parametrize("size", WINDOWS)


@SIZES
def test_counted_is_emitted(size: tuple[int, int]) -> None:
    check_counts(PhaseCircuit(Event(), WINDOWS[size], size[1], 4))


@SIZES
def test_adjoint_and_control(size: tuple[int, int]) -> None:
    bloq = PhaseCircuit(Event(), WINDOWS[size], size[1], 3)
    names = ["phase", "system", "ancilla"]
    whole = unitary_of(emit(bloq), names)
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-12
    assert np.abs(unitary_of(emit(bloq.adjoint()), names) - whole.conj().T).max() < 1e-12
    controlled = unitary_of(emit(bloq.controlled()), ["ctrl", *names])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    on = controlled[1::2, 1::2]
    assert np.abs(on.conj().T @ on - np.eye(len(whole))).max() < 1e-12
    assert np.abs(on[:, 0] - whole[:, 0]).max() < 1e-12  # from |0...0>, as its loaders are specified


def test_a_use_costs_the_event_and_two_reflections() -> None:
    """One event and one adjoint in an iterate; window, adders and Fourier transform stand beside them."""
    single, plan = count(Event()), PhaseEstimation().plan(0.2, 2e-3, 0.05)
    found = count(plan.circuit(Event()))
    extra = found.rotation_count - plan.uses * single.rotation_count
    bits = plan.phase_bits
    assert 0 < extra <= 2 ** (plan.steps - 1).bit_length() + bits**2
    reflections = (plan.iterates - 1) * (1 + 2)  # ANDs of 2 ancillas, and of 3 wires
    others = found.toffoli - plan.uses * single.toffoli - reflections
    assert 0 <= others <= 3 * bits


def test_counts_do_not_walk_the_iterates() -> None:
    """The counts of 2^50 iterates are those of the fewer, one power after the other."""
    few, many = (count(PhaseCircuit(Event(), (1.0,), halvings, 60)) for halvings in (49, 50))
    less = count(PhaseCircuit(Event(), (1.0,), 48, 60))
    assert many.toffoli - few.toffoli == 2 * (few.toffoli - less.toffoli)
    assert many.toffoli > 2**50


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_deepest_circuit_has_the_depth_of_the_plan(name: str) -> None:
    """As many rotations as uses of the event's, but for those of a phase register."""
    plan = ESTIMATORS[name].plan(0.3, 0.05, 0.05)
    single, found = count(Event()).rotation_count, count(plan.circuit(Event())).rotation_count
    assert found // single >= plan.depth
    if name != "phase-estimation":
        assert found == plan.depth * single


def test_likelihood_reads_what_its_circuits_show() -> None:
    """Odds from emitted circuits in place of the formula: the estimate is that of the event."""
    plan = MaximumLikelihood().plan(0.2, 0.04, 0.05)
    rng = np.random.default_rng(1)
    depths, shots = plan.schedule(rng)
    odds = [odds_of(emit(grover_rounds(Event(), int(uses))), "ancilla")[0] for uses in depths]
    truth = math.asin(math.sqrt(Event().probability))
    assert plan.angle(depths, shots, rng.binomial(shots, odds)) == pytest.approx(truth, abs=0.04)
