"""Starts as functions of the site: the grammar, values, trains and norms against numpy's own evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError
from carlemanc.model.expression.parser import ExpressionError
from carlemanc.model.initial import initial_point
from carlemanc.model.starts.built import MOST_RANK, train_of
from carlemanc.model.starts.function_weights import FunctionWeights, function_weights
from carlemanc.model.starts.grammar import parse_start
from carlemanc.model.starts.train import Train, settled
from carlemanc.model.weights import NormalWeights, Weights, difference, point_norm
from tests.starts import DENSE, numpy_values

LARGE = 1 << 27


def start(text: str, *dims: int) -> FunctionWeights | Weights:
    return function_weights(text, parse_start(text), dims)


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("n", [16, 64, 1000, 1024])
def test_values_trains_and_norms(name: str, n: int) -> None:
    text, rank = DENSE[name]
    expected, found = numpy_values(name, n), start(text, n)
    assert isinstance(found, FunctionWeights | Weights)
    assert np.abs(found.at(np.arange(n)) - expected).max() < 1e-14
    assert found.norm() == pytest.approx(np.linalg.norm(expected), rel=1e-13)
    assert found.norm("inf") >= np.abs(expected).max() * (1 - 1e-15)
    assert np.abs(found.as_array() - expected).max() < 1e-14
    if isinstance(found, FunctionWeights):
        assert np.abs(found.train.at(np.arange(n)) - expected).max() < 1e-12 * np.linalg.norm(expected)
        beyond = np.arange(n, 1 << found.train.bits)
        assert np.abs(found.train.at(beyond)).max(initial=0.0) < 1e-12 * np.linalg.norm(expected)
        if n & n - 1 == 0:
            assert found.train.rank <= rank


@pytest.mark.parametrize("name", DENSE)
def test_at_any_size_the_rank_is_that_of_the_function(name: str) -> None:
    """2^27 sites: values at sampled sites, the rank, and the norm as an integral or a sum says."""
    text, rank = DENSE[name]
    found, sites = start(text, LARGE), np.random.default_rng(0).integers(LARGE, size=500)
    expected = numpy_values(name, LARGE, sites)
    assert np.abs(found.at(sites) - expected).max() < 1e-12
    if isinstance(found, FunctionWeights):
        assert np.abs(found.train.at(sites) - expected).max() < 1e-12 * found.norm()
        assert found.train.rank <= rank


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("0.4", 0.4 * 2**13.5),
        ("0.4*cos(2*pi*3*i/n)", 0.4 * 2**13),
        ("walsh(i, 77)", 2**13.5),
        ("bent(i)", 2**13.5),
        ("interval(i, 1000, 1000000)", 999_000**0.5),
        ("exp(-i/1000)", (1 / (1 - np.exp(-2e-3))) ** 0.5),
        ("i", (LARGE * (LARGE - 1) * (2 * LARGE - 1) / 6) ** 0.5),
        ("exp(-((i - n/2)/50)**2)", (50 * (np.pi / 2) ** 0.5) ** 0.5),
        ("1e200*exp(-i)", 1e200 * (1 / (1 - np.exp(-2))) ** 0.5),
    ],
)
def test_norms_in_closed_form(text: str, norm: float) -> None:
    assert start(text, LARGE).norm() == pytest.approx(norm, rel=1e-12)


def test_several_axes() -> None:
    dims = (6, 8, 4)
    i, j, k = np.meshgrid(*map(np.arange, dims), indexing="ij")
    text = "cos(2*pi*(i/n1 + 2*j/n2))*exp(-k/3) + 0.5*interval(j, 2, 7)*walsh(k, 3)"
    expected = np.cos(2 * np.pi * (i / 6 + j / 4)) * np.exp(-k / 3)
    expected += 0.5 * ((j >= 2) & (j < 7)) * np.array([1, -1, -1, 1])[k]
    found = start(text, *dims)
    assert isinstance(found, FunctionWeights)
    assert np.abs(found.at(np.arange(found.n)) - expected.reshape(-1)).max() < 1e-14
    assert np.abs(found.train.at(np.arange(found.n)) - expected.reshape(-1)).max() < 1e-12
    gauss = start("exp(-((i - 8)/3)**2 - ((j - 5)/2)**2)", 16, 16)
    assert isinstance(gauss, FunctionWeights)
    i, j = np.meshgrid(np.arange(16), np.arange(16), indexing="ij")
    expected = np.exp(-(((i - 8) / 3) ** 2) - ((j - 5) / 2) ** 2).reshape(-1)
    assert np.abs(gauss.train.at(np.arange(256)) - expected).max() < 1e-12


def test_narrow_parts_of_a_large_lattice_are_found() -> None:
    """A peak of width 10 among 2^27 sites, where no random sample falls."""
    text, center = "exp(-((i - 87654321)/10)**2) + 0.001*tanh((i - 1234567)/2)", 87_654_321
    found = start(text, LARGE)
    sites = np.concatenate([center + np.arange(-60, 60), 1_234_567 + np.arange(-20, 20)])
    expected = np.exp(-(((sites - center) / 10) ** 2)) + 0.001 * np.tanh((sites - 1_234_567) / 2)
    assert isinstance(found, FunctionWeights)
    assert np.abs(found.train.at(sites) - expected).max() < 1e-11


def test_plain_weights_where_they_say_the_same() -> None:
    assert start("0.1 + 0.3", 50).is_constant
    assert start("i - i", 50).is_zero
    assert start("i + 2", 1).fill == 2.0


def test_an_interval_of_few_sites_is_also_a_list() -> None:
    found = start("0.3*interval(i, 1000, 1010)*(i - 1004)", LARGE)
    few = found.sparse()
    assert few is not None
    assert few.sites.tolist() == [s for s in range(1000, 1010) if s != 1004]
    assert point_norm(found) == pytest.approx(few.norm(), rel=1e-13)
    assert start("interval(i, 0, n/2)", LARGE).sparse() is None
    assert start("cos(i)", LARGE).sparse() is None


def test_a_constant_center_is_taken_off() -> None:
    found = start("cos(2*pi*i/n)", 64)
    moved = difference(found, Weights.constant(64, 0.25))
    assert isinstance(moved, FunctionWeights)
    assert np.abs(moved.as_array() - (np.cos(2 * np.pi * np.arange(64) / 64) - 0.25)).max() < 1e-15
    assert moved.norm() == pytest.approx((32 + 64 / 16) ** 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cos(i**2*1.234567)", "rank 3[3-9]|rank [4-9][0-9]|rank [1-9][0-9][0-9]"),
        ("1/(i - 1234567)", "site 1234567"),
        ("exp(i)", "exp of up to"),
        ("exp(i**3)", "inf at site"),
        ("(-0.5)**i", "a base above 0"),
        ("walsh(i, n)", "w from 0 to"),
        ("interval(i, n/2, n/4)", "empty interval"),
        ("interval(i, 0, n + 1)", "interval from 0"),
        ("interval(i, 0.5, 2)", "0.5"),
        ("bit(i, 27)", "bits 0 to 26"),
        ("interval(i, i, 4)", "depends on the site"),
        ("j", "index j"),
        ("1/(n - n)", "division by zero"),
        ("1e200*1e200*i", "1e308"),
        ("1e300*i**64", "1e308|finite"),
    ],
)
def test_what_has_no_short_circuit_or_no_value_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        initial_point({"function": text}, LARGE, tmp_path)


def test_inner_axes_are_powers_of_two(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="powers of two"):
        initial_point({"function": "cos(i + j)"}, 60, tmp_path, dims=(10, 6))
    assert point_norm(initial_point({"function": "cos(i + j)"}, 80, tmp_path, dims=(10, 8))) > 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "inf",
        "1j",
        "0.4j*i",
        "True",
        "'a'",
        "i.real",
        "__import__",
        "().__class__",
        "exec(i)",
        "lambda: i",
        "[i for i in n]",
        "i if i else n",
        "theta[0]",
        "x",
        "m",
        "Sum(i, (i, 0, 3))",
        "i % 2",
        "i // 2",
        "i ^ 2",
        "i == 2",
        "i and n",
        "i**i",
        "i**0.5",
        "i**-1",
        "i**65",
        "1e400",
        "9" * 400,
        "1/0",
        "cos",
        "cos()",
        "cos(i, i)",
        "cos(i, base=2)",
        "cos(*i)",
        "walsh(i)",
        "walsh(3, i)",
        "walsh(2*i, 3)",
        "interval(i, 1)",
        "(" * 60 + "i" + ")" * 60,
        "+".join(["i"] * 600),
        "i" * 3000,
        "i;n",
        "i\\n",
        "\x00",
    ],
)
def test_the_grammar_refuses(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_start(text)


def test_bases_do_not_depend_on_the_one_they_are_given() -> None:
    rng = np.random.default_rng(1)
    space = np.linalg.qr(rng.normal(size=(9, 4)))[0].T
    turned = np.linalg.qr(rng.normal(size=(4, 4)))[0] @ space
    assert np.abs(settled(space) - settled(turned)).max() < 1e-13
    assert np.abs(settled(space) @ settled(space).T - np.eye(4)).max() < 1e-13


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 7), st.lists(st.integers(1, 5), min_size=6, max_size=6), st.integers(0, 2**31))
def test_rounding_and_algebra_of_trains(bits: int, ranks: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)

    def random() -> Train:
        shape = [1, *ranks[: bits - 1], 1]
        return Train(cores=tuple(rng.normal(size=(shape[k], 2, shape[k + 1])) for k in range(bits)))

    a, b, sites = random(), random(), np.arange(1 << bits)
    size = np.linalg.norm(a.at(sites))
    assert a.norm() == pytest.approx(size)
    assert np.abs(a.rounded().at(sites) - a.at(sites)).max() < 1e-12 * size
    assert np.abs(a.plus(b).at(sites) - a.at(sites) - b.at(sites)).max() < 1e-12
    assert np.abs(a.times(b).rounded().at(sites) - a.at(sites) * b.at(sites)).max() < 1e-11
    assert a.plus(a).rounded().ranks == a.rounded().ranks
    for core in a.rounded().cores[1:]:
        rows = core.reshape(len(core), -1)
        assert np.abs(rows @ rows.T - np.eye(len(rows))).max() < 1e-12


def test_ranks_up_to_the_limit_are_built() -> None:
    """Waves far from each other take rank 2 each; long ones share theirs, as smooth functions do."""
    waves = " + ".join(f"cos(2*pi*{1_000_003 * k}*i/n)" for k in range(1, MOST_RANK // 2 + 1))
    assert train_of(parse_start(waves), (LARGE,)).rank == MOST_RANK
    with pytest.raises(ValueError, match=f"rank {MOST_RANK + 2}"):
        train_of(parse_start(f"{waves} + cos(2*pi*99*i/n)"), (LARGE,))
    long = " + ".join(f"cos(2*pi*{k}*i/n)" for k in range(1, MOST_RANK // 2 + 1))
    assert train_of(parse_start(long), (LARGE,)).rank < MOST_RANK // 2


def test_a_site_that_stands_out() -> None:
    """Of a peak its top, to within its width; of waves a site of at least their root mean square."""
    peak = start("0.4*exp(-((i - 87654321)/10)**2) + 1e-9", LARGE)
    assert isinstance(peak, FunctionWeights)
    site, value = peak.prominent()
    assert abs(site - 87_654_321) < 20
    assert value == pytest.approx(float(peak.at(np.array([site]))[0]))
    wave = start("0.4*cos(2*pi*1234567*i/n)", LARGE)
    assert isinstance(wave, FunctionWeights)
    assert abs(wave.prominent()[1]) >= 0.4 / 2**0.5 * (1 - 1e-9)
    assert (
        abs(NormalWeights(n=50, deviation=1.0, seed=2).prominent()[1])
        == np.abs(np.random.default_rng(2).normal(0, 1, 50)).max()
    )
