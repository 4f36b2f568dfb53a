"""Tomography with amplitude estimation: what is read from exact odds, and the circuits that have these odds."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.core.errors import InputError
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.readout.estimators.tomography import outcome_odds, refined, tomography
from carlemanc.readout.estimators.tomography_circuit import Residual, round_circuit
from tests.bloqs.checks import check_counts, unitary_of

NORMS = (0.02, 0.085, 0.3, 0.6, 0.9, 1.0)


def vector(rng: np.random.Generator, dimension: int, norm: float) -> np.ndarray:
    """A vector whose entries are alike or decay, by chance."""
    found = rng.normal(size=dimension) * np.exp(-np.arange(dimension) / rng.choice([3.0, 1e9]))
    return norm * found / np.linalg.norm(found)


def errors(dimension: int, norm: float, relative: float, times: int, **how: float) -> np.ndarray:
    """Errors by delta of so many repetitions, the plan made for the norm times `guess`."""
    rng = np.random.default_rng(dimension)
    plan = tomography(dimension, min(1.0, norm * how.pop("guess", 1.0)), relative * norm, 0.05)
    found = []
    for _ in range(times):
        x = vector(rng, dimension, norm)
        read = plan.measured(x, rng, fault=how.get("faults", 0.0) * plan.fault_budget(), entry=dimension - 1)
        found.append(np.linalg.norm(read - x) / plan.delta)
    return np.array(found)


@pytest.mark.parametrize("norm", NORMS)
def test_coverage_of_95_percent(norm: float) -> None:
    for faults in (0.0, 1.0):
        found = errors(8, norm, 0.02, 1000, faults=faults)
        assert np.mean(found <= 1) >= 0.93
        assert found.max() < 3


@pytest.mark.parametrize("dimension", [1, 2, 8, 32, 201])
def test_coverage_at_every_number_of_entries(dimension: int) -> None:
    found = errors(dimension, 0.085, 0.003, 300, faults=1.0)
    assert np.mean(found <= 1) >= 0.93
    assert found.max() < 3


@pytest.mark.slow
@pytest.mark.parametrize("norm", [0.085, 1.0])
@pytest.mark.parametrize("dimension", [8, 32, 64, 201])
def test_no_run_goes_astray(dimension: int, norm: float) -> None:
    found = errors(dimension, norm, 1e-3, 600)
    assert found.max() < 1.5
    assert np.mean(found <= 1) >= 0.97


@pytest.mark.parametrize("guess", [0.55, 3.0])
def test_a_norm_that_is_guessed_badly_is_read_no_worse(guess: float) -> None:
    assert np.mean(errors(8, 0.2, 0.02, 300, guess=guess) <= 1) >= 0.93


def test_constants() -> None:
    """Uses * delta/d: half of what a flag of equal weights takes, where little is flagged."""
    for dimension, constant in ((8, 21.2), (32, 18.2), (64, 17.4), (201, 16.4)):
        for norm in (1.0, 0.085, 1e-3):
            plan = tomography(dimension, norm, 1e-3 * norm, 0.05)
            assert plan.uses * plan.delta / dimension == pytest.approx(constant * (1 + norm) / 2, rel=0.03)
            assert 0.99 * plan.uses < plan.loads <= plan.uses
            assert plan.depth * plan.delta < 0.7
    assert plan.fault_budget() == pytest.approx(0.05 * plan.delta / 2 / math.sqrt(201), rel=1e-2)


def test_the_ring_is_read_at_the_cost_that_is_claimed() -> None:
    """March, n = 2^27, T = 100, N = 3: 201 weights to 1e-3 within 1e13 T, loaders included."""
    support = [*range(101), *range(2**27 - 100, 2**27)]
    values = np.modf(1 + np.arange(201) * math.sqrt(2))[0] + 0.1
    loader = count(SparseAmplitudes(27, tuple(support), tuple(values.tolist())).controlled())
    load = 4 * loader.toffoli + 40 * loader.rotation_count
    plan = tomography(201, math.sqrt(7.2303e-3), 1e-3 * math.sqrt(7.2303e-3), 0.05)
    assert plan.uses * 1.336e5 + plan.loads * load < 5e12


def test_a_round_is_unbiased_and_as_good_as_its_counts() -> None:
    """Exact odds in place of frequencies: the residual is gone."""
    rng = np.random.default_rng(3)
    for uses in (1, 3, 7):
        x = vector(rng, 5, 0.15)
        estimate = x + vector(rng, 5, 0.1)
        odds = outcome_odds(x, estimate, uses) * 1e9
        assert refined(estimate, uses, 10**9, odds[:5], odds[5:]) == pytest.approx(x, abs=1e-12)


def test_bad_numbers_are_refused() -> None:
    for bad in ((0, 0.5, 0.1, 0.05), (3, 1.5, 0.1, 0.05), (3, 0.5, 0.0, 0.05), (3, 0.5, 0.1, 1.0)):
        with pytest.raises(InputError, match="a vector and an error"):
            tomography(*bad)


# --- circuits ----------------------------------------------------------------------------------------------


@attrs.frozen(cache_hash=True)
class Event(SequenceBloq):
    """A real state on two system wires and one ancilla (most significant), loaded from |0>."""

    values: tuple[float, ...] = (0.12, -0.1, 0.0, 0.2, 0.5, 0.3, -0.4, 0.65)
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": 2, "ancilla": 1}

    def build(self, circuit: BitCircuit) -> None:
        on = [place for place, value in enumerate(self.values) if value]
        values = [self.values[place] for place in on]
        loader = MergedAmplitudes(3, tuple(on), tuple(values), is_controlled=self.is_controlled)
        circuit.call(loader, ctrl=self.ctrl, target=[*self.bits("system"), *self.bits("ancilla")])

    @property
    def amplitudes(self) -> np.ndarray:
        return np.array(self.values[:4]) / np.linalg.norm(self.values)


INDICES = np.array([0, 1, 3])
ESTIMATE = np.array([0.09, -0.13, 0.15])
LOADER = SparseAmplitudes(2, (0, 1, 3), tuple(ESTIMATE.tolist()))


def amplitudes_of(bloq: SequenceBloq, **values: int) -> np.ndarray:
    """Amplitudes on the system, other registers as given, everything else |0>."""
    program = emit(bloq)
    named = {wire for name in ("system", *values) for wire in program.registers[name]}
    state = simulate(program, {0: 1.0 + 0j}).project([w for w in range(program.width) if w not in named])
    keep = np.ones(len(state), dtype=bool)
    for name, value in values.items():
        keep &= state.values(program.registers[name]) == value
    found = np.zeros(1 << len(program.registers["system"]), dtype=complex)
    np.add.at(found, state.values(program.registers["system"])[keep], state.amplitudes[keep])
    return found


def test_the_residual_is_what_is_left() -> None:
    found = amplitudes_of(Residual(Event(), LOADER))
    expected = Event().amplitudes.astype(complex)
    expected[INDICES] -= ESTIMATE
    assert found == pytest.approx(expected / (1 + np.linalg.norm(ESTIMATE)), abs=1e-12)


@pytest.mark.parametrize("uses", [1, 3, 5, 7])
@pytest.mark.parametrize("estimate", [np.zeros(3), ESTIMATE])
def test_rounds_have_the_odds_of_the_formula(uses: int, estimate: np.ndarray) -> None:
    bloq = round_circuit(Event(), INDICES, estimate, uses)
    odds = outcome_odds(Event().amplitudes[INDICES], estimate, uses)
    for flag in (0, 1):
        found = amplitudes_of(bloq, flag=flag)[INDICES]
        assert np.abs(np.abs(found) ** 2 - odds[3 * flag : 3 * flag + 3]).max() < 1e-12


@pytest.mark.parametrize("uses", [1, 5])
def test_copies_are_read_as_one_vector(uses: int) -> None:
    event = Event(values=(0.12, -0.1, 0.12, -0.1, 0.5, 0.3, -0.4, 0.65))
    estimate = np.array([0.2, -0.1])
    bloq = round_circuit(event, [[0, 1], [2, 3]], estimate, uses)
    odds = outcome_odds(event.amplitudes[:2] * math.sqrt(2), estimate, uses)
    for flag in (0, 1):
        square = np.abs(amplitudes_of(bloq, flag=flag)) ** 2
        assert np.abs(square[:2] + square[2:] - odds[2 * flag : 2 * flag + 2]).max() < 1e-12


@pytest.mark.parametrize(
    "bloq",
    [
        Residual(Event(), LOADER),
        round_circuit(Event(), INDICES, ESTIMATE, 1),
        round_circuit(Event(), INDICES, ESTIMATE, 5),
    ],
)
def test_counted_is_emitted(bloq: SequenceBloq) -> None:
    check_counts(bloq)


def test_adjoint_and_control() -> None:
    bloq, names = Residual(Event(), LOADER), ["system", "ancilla"]
    whole = unitary_of(emit(bloq), names)
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-12
    assert np.abs(unitary_of(emit(bloq.adjoint()), names) - whole.conj().T).max() < 1e-12
    controlled = unitary_of(emit(bloq.controlled()), ["ctrl", *names])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-12


def test_a_vector_is_read_through_emitted_circuits() -> None:
    """Every round's odds from its own circuit: the whole of the tomography at d = 3."""
    x, rng = Event().amplitudes[INDICES], np.random.default_rng(8)
    plan = tomography(3, float(np.linalg.norm(x)), 0.02, 0.05)
    estimate = np.zeros(3)
    for uses, shots in plan.rounds:
        bloq = round_circuit(Event(), INDICES, estimate, uses)
        odds = np.concatenate([np.abs(amplitudes_of(bloq, flag=flag)[INDICES]) ** 2 for flag in (0, 1)])
        drawn = rng.multinomial(shots, np.append(odds, 1 - odds.sum()))
        estimate = refined(estimate, uses, shots, drawn[:3], drawn[3:6])
    assert np.linalg.norm(estimate - x) <= 0.02


def test_the_deepest_circuit_has_the_depth_of_the_plan() -> None:
    plan = tomography(3, 0.25, 0.02, 0.05)
    single = count(Event().controlled()).rotation_count
    found = count(plan.circuit(Event(), INDICES)).rotation_count
    assert plan.depth > 5
    assert single * plan.depth <= found <= (single + 16) * (plan.depth + 1)
