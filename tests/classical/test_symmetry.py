"""Sets of equal weights: derived from rules, never from looks; answers are those of all weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carlemanc.classical.dense import Dense
from carlemanc.classical.periods import periods_of
from carlemanc.classical.support import Support
from carlemanc.classical.symmetry import Symmetry
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.lattice.sites import Lattice, clip
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.starts.function_weights import function_weights
from carlemanc.model.starts.grammar import parse_start
from carlemanc.model.weights import Weights
from tests.classical.asking import asked, asked_of_map
from tests.classical.specs import CHAIN, CUBE, GRID, RING, lattice


@pytest.mark.parametrize(
    ("text", "dims", "periods"),
    [
        ("0.5", (24,), (1,)),
        ("cos(2*pi*3*i/n)", (24,), (8,)),
        ("cos(2*pi*5*i/n)", (24,), (24,)),
        ("cos(pi*i + 0.3) + sin(2*pi*i/6)", (24,), (6,)),
        ("cos(2*pi*i/5)", (24,), (24,)),
        ("cos(pi*i/3)", (24,), (6,)),
        ("cos(0.5*i)", (24,), (24,)),
        ("tanh(cos(2*pi*i/4))", (24,), (4,)),
        ("exp(0.1*i)", (24,), (24,)),
        ("walsh(i, 5) + 0.2*bit(i, 0)", (32,), (8,)),
        ("walsh(i, 5)", (24,), (8,)),
        ("walsh(i, 16)", (24,), (24,)),
        ("bent(i)", (32,), (32,)),
        ("interval(i, 3, 9)", (32,), (32,)),
        ("cos(2*pi*i/4) + walsh(j, 1)", (12, 8), (4, 2)),
        ("cos(2*pi*(i + 2*j)/8)", (16, 8), (8, 4)),
        ("cos(2*pi*i*3/n1)*0.3", (9, 4), (3, 1)),
        ("sign(cos(pi*j/2))", (6, 8), (1, 4)),
    ],
)
def test_periods_follow_from_the_rule(text: str, dims: tuple[int, ...], periods: tuple[int, ...]) -> None:
    """And the values come back after them: the rule is evaluated, site by site."""
    start = function_weights(text, parse_start(text), dims)
    assert periods_of(start, dims) == periods
    values = start.at(np.arange(int(np.prod(dims)))).reshape(dims)
    for axis, period in enumerate(periods):
        assert np.roll(values, -period, axis) == pytest.approx(values, abs=1e-12)


def test_numbers_that_only_look_equal_are_not() -> None:
    values = np.tile([0.1, 0.2, 0.3], 8)
    assert periods_of(values, (24,)) == (3,)
    assert periods_of(values.reshape(4, 6).reshape(-1), (4, 6)) == (1, 3)
    values[7] = np.nextafter(values[7], 1.0)
    assert periods_of(values, (24,)) == (24,)


DRIVEN = RING + " - 0.2*Sum(theta[i], (i, 0, n-1)) + 0.1*Sum(theta[i-2]*theta[i]*theta[i+1], (i, 0, n-1))"
SQUARES = "Sum(theta[i]**2, (i, 0, n-1))/n"
PART = "Sum(theta[i]*theta[i+2], (i, 3, n-5)) + theta[4]**3 - theta[n-1]"

CASES: dict[str, tuple[dict[str, Any], dict[str, str], int]] = {
    "constant": (lattice(RING, 32, {"function": "0.5"}), {"size": SQUARES, "part": PART}, 1),
    "wave": (lattice(RING, 48, {"function": "0.4*cos(2*pi*4*i/n)+0.1"}), {"size": SQUARES, "part": PART}, 12),
    "signs": (
        lattice(RING, 64, {"function": "0.3*walsh(i, 1)"}),
        {"loss": "loss", "slope": "gradient_norm"},
        2,
    ),
    "drive": (lattice(DRIVEN, 40, {"function": "0.3*cos(2*pi*i/8)"}), {"loss": "loss", "part": PART}, 8),
    "drive, slope": (lattice(DRIVEN, 40, {"function": "0.3*cos(2*pi*i/8)"}), {"slope": "gradient_norm"}, 8),
    "list": (lattice(RING, 18, [0.1, 0.3, -0.2] * 6), {"loss": "loss", "part": PART}, 3),
    "another center": (
        lattice(RING, 24, {"function": "0.4*walsh(i, 2)"}, center=[0.25] * 24),
        {"loss": "loss", "slope": "gradient_norm", "part": PART},
        4,
    ),
    "grid": (
        lattice(GRID, [8, 8], {"function": "0.3*cos(2*pi*i/4)*walsh(j, 1)"}),
        {"loss": "loss", "some": "Sum(theta[i,j]*theta[i+1,j+2], (i, 1, 4), (j, 2, 7)) + theta[3,5]"},
        8,
    ),
    "cube": (
        lattice(CUBE, [6, 4, 4], {"function": "0.2*cos(pi*i) + 0.1*bit(k, 0)"}),
        {"loss": "loss", "slope": "gradient_norm"},
        4,
    ),
    "open chain": (
        lattice(CHAIN, 40, {"function": "0.4"}, boundary="open"),
        {"loss": "loss", "slope": "gradient_norm", "part": PART, "end": "theta[38]*theta[39]"},
        15,
    ),
    "open chain, long offsets": (
        lattice(
            "Sum(theta[i]**2/2 + theta[i]*theta[i+3]/5 - theta[i]/10, (i, 1, n-2)) + 0.1*Sum(theta[i]**4, (i, 0, n-1))",
            61,
            {"function": "0.4"},
            boundary="open",
            steps=3,
        ),
        {"loss": "loss", "slope": "gradient_norm", "part": PART},
        41,
    ),
    "open grid": (
        lattice(GRID, [20, 16], {"function": "0.4"}, boundary="open", steps=3),
        {"loss": "loss", "some": "Sum(theta[i,j]*theta[i+1,j+2], (i, 1, 14), (j, 2, 11)) + theta[3,5]"},
        11 * 13,
    ),
    "open cube": (
        lattice(CUBE, [12, 16, 4], {"function": "0.3"}, boundary="open", steps=2),
        {"loss": "loss"},
        9 * 9 * 4,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_weight_of_each_kind_answers_for_all(name: str) -> None:
    spec, values, kinds = CASES[name]
    for asks in (None, values):
        question = asked(spec, values=asks)
        cost = Symmetry().cost(question)
        assert cost.flops is not None, cost.reason
        assert asks is None or cost.reason.startswith(f"{kinds} kinds of equal weights"), cost.reason
        found, wanted = Symmetry().run(question), Dense().run(question)
        if asks is None:
            assert found.theta == pytest.approx(wanted.theta, abs=1e-13)
        for key in asks or {}:
            assert found.values[key].value == pytest.approx(wanted.values[key].value, abs=1e-12), key
            assert found.values[key].error_bar == 0.0


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (lattice(RING, 32, {"normal": 0.3, "seed": 1}), "not known to come back"),
        (lattice(RING + " + theta[3]", 32, {"function": "0.5"}), "some rows of the map"),
        (lattice(RING, 32, {"function": "0.5"}, center=[0.1] * 31 + [0.2]), "some rows of the map"),
        (lattice(RING + " + Sum(theta[i], (i, 0, 9))", 32, {"function": "0.5"}), "some rows of the map"),
        (lattice(CHAIN, 64, {"function": "0.1*cos(pi*i)"}, boundary="open"), "not the same everywhere"),
        (lattice(CHAIN, 11, {"function": "0.1"}, boundary="open"), "reach every site"),
        (
            lattice(CHAIN + " + Sum(theta[i]**2, (i, 0, 31))", 64, {"function": "0.1"}, boundary="open"),
            "reach every site",
        ),
        (lattice(CHAIN, 64, {"sparse": {"3": 0.1}}, boundary="open"), "not the same everywhere"),
    ],
)
def test_what_breaks_a_symmetry_is_seen(spec: dict[str, Any], words: str) -> None:
    question = asked(spec)
    cost = Symmetry().cost(question)
    assert cost.flops is None
    assert words in cost.reason
    with pytest.raises(InputError, match=words):
        Symmetry().run(question)


def test_coefficients_of_their_own_break_it(tmp_path: Path) -> None:
    np.save(tmp_path / "J.npy", np.linspace(0.1, 0.2, 32))
    spec = lattice(RING + " + Sum(J[i]*theta[i]*theta[i+2], (i, 0, n-1))", 32, {"function": "0.5"})
    spec["loss"]["parameters"] = {"J": str(tmp_path / "J.npy")}
    assert Symmetry().cost(asked(spec)).flops is None
    question = asked(lattice(RING, 32, {"function": "0.5"}), values={"site": "Sum(theta[i], (i, 0, n-1))"})
    assert Symmetry().cost(question).flops is not None


@pytest.mark.parametrize("seed", range(40))
def test_random_stencils_about_open_ends_and_around(seed: int) -> None:
    """Any boxes that begin and end near the ends; one in four has a box whose end is far from both."""
    rng = np.random.default_rng(seed)
    dims = [(int(rng.integers(60, 90)),), (int(rng.integers(40, 60)), 41)][seed % 2]
    around = seed % 4 == 3
    whole = Lattice(dims=dims, periodic=around)
    tensors = {}
    for degree in (0, 1, 2):
        stencils = []
        for _ in range(2):
            offsets = tuple(
                tuple(int(step) for step in rng.integers(-2, 3, len(dims))) for _ in range(degree)
            )
            box = whole.full
            if not around:
                ends = rng.integers(0, 3, (len(dims), 2)).tolist()
                box = tuple((low, size - 1 - high) for (low, high), size in zip(ends, dims, strict=True))
                if rng.integers(3) == 0:
                    box = ((0, 1), *box[1:]) if rng.integers(2) else ((dims[0] - 2, dims[0] - 1), *box[1:])
                if seed % 4 == 0:
                    box = ((0, dims[0] // 2), *box[1:])
                clipped = clip(box, offsets, whole)
                if clipped is None:
                    continue
                box = clipped
            stencils.append(Stencil(offsets=offsets, box=box, coefficient=float(rng.normal(0, 0.1))))
        tensors[degree] = LatticeTensor.build(whole, degree, stencils)
    found = PolynomialMap(
        n=whole.n, center=Weights.constant(whole.n), tensors=tensors, learning_rate=1.0, source="test"
    )
    if found.lattice is None:
        return
    question = asked_of_map(found, Weights.constant(whole.n, 0.3), int(rng.integers(0, 6)))
    cost = Symmetry().cost(question)
    if seed % 4 != 0:
        assert cost.flops is not None, cost.reason
    if cost.flops is not None:
        u = question.lifted.sequence.iterate(np.full(whole.n, 0.3))[-1]
        assert Symmetry().run(question).theta == pytest.approx(u, abs=1e-13)


def test_full_size_is_a_recursion_of_one_number() -> None:
    """2^27 equal weights: T steps of u - .1 (u + .3 u^3 - .8 u), whose two terms take two and four flops."""
    question = asked(
        "quartic-ring",
        "model.n=134217728",
        "training.steps=100",
        'training.initial={function="0.5"}',
        values={"size": SQUARES, "loss": "loss"},
    )
    u = 0.5
    for _ in range(100):
        u = u - 0.1 * (u + 0.3 * u**3 - 0.8 * u)
    cost, answer = Symmetry().cost(question), Symmetry().run(question)
    assert cost.flops is not None
    assert 600 <= cost.flops <= 640
    assert answer.values["size"].value == pytest.approx(u**2, rel=1e-12)
    assert answer.values["loss"].value == pytest.approx(
        2**27 * (u**2 / 2 + 0.3 * u**4 / 4 - 0.4 * u**2), rel=1e-12
    )
    with pytest.raises(TooLarge):
        Symmetry().run(asked("quartic-ring", "model.n=134217728", 'training.initial={function="0.5"}'))


@pytest.mark.parametrize("dims", [2048, [64, 64]])
def test_a_uniform_drive_moves_all_but_a_few_as_one(dims: Any) -> None:
    """Sparse starts where F_0 moves every site, and local entries beside: followed where they differ, exactly."""
    if isinstance(dims, int):
        text = RING + " - 0.2*Sum(theta[i], (i, 0, n-1)) - 0.3*theta[40] + theta[700]*theta[1500]**2"
        values = {"loss": "loss", "size": SQUARES, "part": PART, "far": "theta[1200]"}
    else:
        text = GRID + " - 0.2*Sum(theta[i,j], (i, 0, n1-1), (j, 0, n2-1))"
        values = {"loss": "loss", "one": "theta[5,6]", "far": "theta[40,40]"}
    spec = lattice(text, dims, {"sparse": {"70": 0.4, "75": -0.2}}, steps=6)
    for asks in (None, values):
        question = asked(spec, values=asks)
        assert Support().cost(question).flops is None
        cost = Symmetry().cost(question)
        assert cost.flops is not None
        assert "move as one" in cost.reason
        sites = int(cost.reason.split("at most ")[1].split()[0])
        u = question.lifted.sequence.iterate(question.lifted.u_in)
        assert sites >= np.count_nonzero(np.abs(u[-1] - np.median(u[-1])) > 1e-15)
        found, wanted = Symmetry().run(question), Dense().run(question)
        if asks is None:
            assert found.theta == pytest.approx(wanted.theta, abs=1e-13)
        for key in asks or {}:
            assert found.values[key].value == pytest.approx(wanted.values[key].value, rel=1e-11), key


def test_a_uniform_drive_at_full_size() -> None:
    """10 flops for each of 2 t + 3 sites a step and 11 for F_0 in them: never n."""
    text = RING + " - 0.2*Sum(theta[i], (i, 0, n-1))"
    T = 50
    values = {"near": "theta[2]", "far": "theta[1000000]"}
    question = asked(lattice(text, 2**27, {"sparse": {"0": 0.4}}, steps=T), values=values)
    cost = Symmetry().cost(question)
    assert cost.flops is not None
    each = 10 + 1
    assert cost.flops <= each * sum(2 * t + 1 for t in range(T + 1)) + T * 20 + 100
    small = asked(
        lattice(text, 2048, {"sparse": {"0": 0.4}}, steps=T),
        values={"near": "theta[2]", "far": "theta[1000]"},
    )
    answer, wanted = Symmetry().run(question), Dense().run(small)
    for key in values:
        assert answer.values[key].value == pytest.approx(wanted.values[key].value, rel=1e-12)


def test_a_driven_ring_is_followed_alike_at_every_length() -> None:
    """Up to 1,024 weights a start is written out: its few sites are as few as they are on longer rings."""
    driven = RING + " + Sum(theta[i]/100000, (i, 0, n-1))"
    flops = {
        n: Symmetry().cost(asked(lattice(driven, n, {"sparse": {"5": 0.3}}))).flops for n in (256, 1024, 2048)
    }
    assert len(set(flops.values())) == 1
    assert None not in flops.values()
