"""Loaders of functions of the site: the emitted circuit against numpy's values, as unitaries, and counted = emitted."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.bloqs.amplitudes.interval_amplitudes import IntervalAmplitudes
from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.point_loader import load_point
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.amplitudes.train_amplitudes import TrainAmplitudes
from carlemanc.bloqs.amplitudes.train_layers import train_layers
from carlemanc.model.starts.built import train_of
from carlemanc.model.starts.function_weights import FunctionWeights, function_weights
from carlemanc.model.starts.grammar import parse_start
from carlemanc.model.starts.train import Train
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import prepared_amplitudes
from tests.bloqs.checks import action, check_counts, wires_of, with_register
from tests.starts import DENSE, numpy_values


def loader(name: str, n: int) -> TrainAmplitudes:
    return TrainAmplitudes.of(train_of(parse_start(DENSE[name][0]), (n,)))


def state(name: str, n: int) -> np.ndarray:
    values = numpy_values(name, n)
    return np.pad(values, (0, (1 << (n - 1).bit_length()) - n)) / np.linalg.norm(values)


@pytest.mark.parametrize("n", [16, 32, 64, 100, 128, 256, 512, 1000, 1024])
@pytest.mark.parametrize("name", DENSE)
def test_the_circuit_makes_the_function(name: str, n: int) -> None:
    bloq, expected = loader(name, n), state(name, n)
    size = len(expected)
    assert np.abs(action(bloq, ["target"], [0])[:, 0] - expected).max() < 1e-12
    controlled = action(bloq.controlled(), ["target", "ctrl"], [0, 1, size])
    assert np.abs(controlled[size:, 2] - expected).max() < 1e-12
    assert np.abs(controlled[:, :2] - np.eye(2 * size)[:, :2]).max() < 1e-12


@pytest.mark.parametrize("name", DENSE)
def test_every_variant_is_the_same_unitary(name: str) -> None:
    """On 16 sites: the adjoint, the control that is off, and the counts of each."""
    bloq, size = loader(name, 16), 16
    check_counts(bloq)
    matrix = action(bloq, ["target"])
    assert np.abs(matrix[:, 0] - state(name, 16)).max() < 1e-12
    assert np.abs(matrix.T @ matrix - np.eye(size)).max() < 1e-12
    assert np.abs(action(bloq.adjoint(), ["target"]) - matrix.T).max() < 1e-12
    guarded = np.eye(2 * size)
    guarded[size:, size:] = matrix
    assert np.abs(action(bloq.controlled(), ["target", "ctrl"]) - guarded).max() < 1e-12
    assert np.abs(action(bloq.controlled().adjoint(), ["target", "ctrl"]) - guarded.T).max() < 1e-12


@pytest.mark.parametrize("name", [name for name in DENSE if name != "power"])
def test_amplitudes_at_2_to_the_27(name: str) -> None:
    """<i|U|0> of the emitted circuit, as <0|U^dag|i>: each bit is projected on 0 once it is done with."""
    n = 1 << 27
    bloq, sites = loader(name, n), np.random.default_rng(3).integers(n, size=12)
    if name in ("box", "interval"):
        sites[:3] = [3, n // 4, n // 2 - 1]
    undone = emit(bloq.adjoint())
    program = with_register(undone, wires_of(undone, bloq.adjoint(), "target"))
    found = prepared_amplitudes(program, "all", sites.tolist())
    norm = train_of(parse_start(DENSE[name][0]), (n,)).norm()
    assert np.abs(found * norm - numpy_values(name, n, sites)).max() < 1e-11


@pytest.mark.parametrize("seed", range(8))
def test_any_train(seed: int) -> None:
    """Random cores of random ranks, no structure to help."""
    rng = np.random.default_rng(seed)
    bits = int(rng.integers(1, 9))
    shape = [1, *rng.integers(1, 12, size=bits - 1).tolist(), 1]
    train = Train(cores=tuple(rng.normal(size=(shape[k], 2, shape[k + 1])) for k in range(bits))).rounded()
    expected = train.at(np.arange(1 << bits)) / train.norm()
    assert np.abs(action(TrainAmplitudes.of(train), ["target"], [0])[:, 0] - expected).max() < 1e-12


def test_costs_are_those_of_the_rank() -> None:
    """Signs and boxes are Clifford; a product takes a rotation a bit, rank 2^b at most 4^b."""
    n = 1 << 27
    rotations = {name: count(loader(name, n)).rotation_count for name in DENSE}
    assert all(rotations[name] == 0 for name in ("constant", "walsh", "bent", "box"))
    assert rotations["exponential"] <= 27
    assert rotations["bits"] == 1
    assert max(rotations["cosine"], rotations["sine"]) <= 4 * 27
    assert rotations["polynomial"] <= 16 * 27
    assert rotations["gauss"] <= 256 * 27
    for name in DENSE:
        assert count(loader(name, n)).toffoli == count(loader(name, n).controlled()).toffoli == 0
        assert count(loader(name, n).controlled()).rotation_count <= 2 * rotations[name] + 30


def test_layers_take_what_they_must() -> None:
    train = train_of(parse_start("cos(2*pi*3*i/n)"), (1024,))
    for layer in train_layers(train):
        assert len(layer.angles) == 1 << len(layer.address)
        assert layer.target not in layer.address


@pytest.mark.parametrize(
    ("size", "low", "high", "sign"),
    [
        (4, 3, 11, 1),
        (4, 0, 16, -1),
        (4, 8, 12, 1),
        (4, 15, 16, -1),
        (4, 1, 16, 1),
        (3, 2, 3, 1),
        (1, 1, 2, -1),
    ],
)
def test_interval_amplitudes(size: int, low: int, high: int, sign: int) -> None:
    bloq, place = IntervalAmplitudes(size, low, high, sign), np.arange(1 << size)
    expected = np.where((place >= low) & (place < high), sign / np.sqrt(high - low), 0.0)
    check_counts(bloq)
    matrix, half = action(bloq, ["target"]), 1 << size
    assert np.abs(matrix[:, 0] - expected).max() < 1e-12
    assert np.abs(matrix.T @ matrix - np.eye(half)).max() < 1e-12
    guarded = np.eye(2 * half)
    guarded[half:, half:] = matrix
    assert np.abs(action(bloq.controlled(), ["target", "ctrl"]) - guarded).max() < 1e-12
    assert np.abs(action(bloq.controlled().adjoint(), ["target", "ctrl"]) - guarded.T).max() < 1e-12


def test_the_cheapest_loader_of_a_function_is_taken() -> None:
    def loaded(text: str, n: int) -> object:
        point = function_weights(text, parse_start(text), (n,))
        assert isinstance(point, FunctionWeights)
        return load_point(point, (n - 1).bit_length(), 0.0).loader

    n = 1 << 27
    assert isinstance(loaded("0.3*interval(i, 12345, 98765432)", n), IntervalAmplitudes)
    assert isinstance(loaded("cos(2*pi*i/n)", n), TrainAmplitudes)
    assert isinstance(loaded("interval(i, 1000, 1001) + 2*interval(i, 2005, 2006)", n), SparseAmplitudes)
    assert isinstance(loaded("interval(i, 0, 3)*cos(i)", n), TrainAmplitudes | MergedAmplitudes)
