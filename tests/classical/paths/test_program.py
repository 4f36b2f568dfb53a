"""The program `paths`: its answers beside the truncated system, how many walks, and where it does not apply."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.classical.paths.asked import march_quantities
from carlemanc.classical.paths.collisions import Collisions
from carlemanc.classical.paths.leaves import Leaves
from carlemanc.classical.paths.program import Paths, lattice_walk, plan_paths
from carlemanc.classical.paths.walk_count import WalkCount
from carlemanc.core.errors import InputError
from carlemanc.observables.observe import observe
from tests.classical.paths.histories import exact, lattice
from tests.classical.posing import posed
from tests.classical.specs import SPECS

VALUES = {
    "loss": "loss",
    "slope": "gradient_norm",
    "first": "theta[3]",
    "size": "Sum(theta[i]**2, (i, 0, n-1))",
}
WALKED = {
    "ring, one site": ["carleman.order=3"],
    "open chain, one site": ["carleman.order=3"],
    "products of neighbors": ["carleman.order=2"],
    "ring with a local drive": ["carleman.order=3"],
    "ring, wave": ["carleman.order=1"],
    "ring, random": ["carleman.order=1"],
    "ring, constant": ["carleman.order=1"],
    "open grid, corner": ["carleman.order=3"],
    "grid, signs": ["carleman.order=1"],
    "cube, wave": ["carleman.order=1"],
}


def _values(name: str) -> dict[str, str]:
    """Return what is asked of a spec: at order 1 nothing that needs more, on axes a site and the size."""
    dims = SPECS[name]["model"].get("dims")
    if dims is None:
        kept = ("first", "size") if "carleman.order=1" in WALKED[name] else VALUES
        return {key: VALUES[key] for key in kept}
    axes = "ijk"[: len(dims)]
    ranges = ", ".join(f"({axis}, 0, n{place}-1)" for place, axis in enumerate(axes, start=1))
    site = ",".join("1" for _ in dims)
    return {"first": f"theta[{site}]", "size": f"Sum(theta[{','.join(axes)}]**2, {ranges})"}


@pytest.mark.parametrize("name", WALKED)
def test_values_are_those_of_the_truncated_system(name):
    """And within the certificate of gradient descent."""
    precision = 0.1 if name == "ring with a local drive" else 0.04
    values = _values(name)
    question = posed(SPECS[name], *WALKED[name], values=values, precision=precision)
    assert Paths().cost(question).applies
    answer = Paths().run(question, seed=1)
    vocabulary = question.lifted.training.vocabulary
    assert set(answer.values) == set(values)
    for value in question.values:
        told = answer.values[value.name]
        true = observe(question.lifted, value.name, value.expression, vocabulary, precision=precision)
        assert 0 < told.error_bar <= value.error * (1 + 1e-9)
        assert abs(told.value - true.truncated) < 2 * told.error_bar, value.name
        assert abs(told.value - true.classical) < 2 * told.error_bar + true.certificate, value.name


def test_all_weights_are_those_of_the_truncated_system():
    question = posed(SPECS["ring, one site"], "carleman.order=3", precision=0.1)
    answer = Paths().run(question)
    lifted = question.lifted
    true = lifted.carleman_iterate()
    assert np.array_equal(answer.sites, lifted.read_sites)
    distance = np.linalg.norm(answer.theta - true[answer.sites])
    assert distance < 0.1 * np.linalg.norm(true - lifted.center)


@pytest.mark.parametrize(
    ("spec", "sets", "words"),
    [
        ("ridge-diabetes", [], "listed"),
        ("sgd-diabetes", [], "listed"),
        (SPECS["ring with a drive"], [], "F_0 has every weight"),
        (SPECS["ring, constant"], [], "no fewer walks than weights"),
    ],
)
def test_where_no_number_of_walks_is_known_it_does_not_apply(spec, sets, words):
    question = posed(spec, *sets)
    cost = Paths().cost(question)
    assert cost.flops is None
    assert words in cost.reason
    with pytest.raises(InputError, match="does not apply"):
        Paths().run(question)


def test_an_order_without_the_levels_does_not_apply():
    question = posed(SPECS["ring, one site"], "carleman.order=1", values=VALUES)
    assert "carleman.order = 3 or more" in Paths().cost(question).reason


@pytest.mark.parametrize("order", [1, 3])
def test_as_many_walks_as_counted_are_enough(order):
    """Forward by the bound and by the short run, backward by the formula."""
    spec = SPECS["ring, one site"] if order == 3 else SPECS["ring, wave"]
    values = {"size": VALUES["size"], "first": VALUES["first"]}
    question = posed(spec, f"carleman.order={order}", values=values, precision=0.05)
    plan = plan_paths(question)
    count = WalkCount(walk=plan.walk, n=question.lifted.n, end=_end(question))
    for asked, wanted in zip(plan.quantities, plan.deviations, strict=True):
        if plan.way == "forward":
            numbers, estimator = {"bound": count.forward(asked, wanted)}, Collisions()
        else:
            numbers, estimator = {"formula": count.backward(asked, wanted)}, Leaves(success=plan.success)
        for walks in numbers.values():
            found = estimator.sample(plan.walk, (asked,), math.ceil(walks), seed=4)[0]
            assert found.deviation < 1.15 * wanted
    assert plan.is_measured
    used = Collisions() if plan.way == "forward" else Leaves(success=plan.success)
    found = used.sample(plan.walk, plan.quantities, plan.walks, seed=5)
    for one, wanted in zip(found, plan.deviations, strict=True):
        assert one.deviation < 1.25 * wanted


def test_a_square_takes_four_over_p_forward_and_eight_backward():
    """PAYS 1.4 and 6: 4 / (p eps^2) and, where p is small, 8 / (p eps^2) walks."""
    text = "Sum(theta[i]**2/2 - theta[i]*theta[i+1]/3, (i, 0, n-1))"
    training = lattice(text, dims=[64], order=1, start={"sparse": {"3": 0.5}}, steps=30)
    walk = lattice_walk(training)
    state = exact(training.history, walk)[1]
    end = float(np.linalg.norm(state)) * math.exp(walk.log_alpha)
    count = WalkCount(walk=walk, n=64, end=end)
    p = float(state @ state) / walk.start.square
    assert count.copy_probability == pytest.approx(p)
    assert p < 0.2
    asked = march_quantities(walk, 64)[1]
    forward = count.forward(asked, 1e-4 * p)
    assert forward == pytest.approx(4 / p / 1e-8, rel=1e-3)
    assert count.backward(asked, 1e-4 * p) == pytest.approx(8 / p / 1e-8)


def test_forward_walks_cost_the_same_at_any_size():
    text = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
    costs = []
    for n in (1 << 12, 1 << 20):
        spec = {
            "loss": {"expression": text},
            "model": {"n": n},
            "training": {"learning_rate": 0.1, "steps": 20, "initial": {"sparse": {"0": 0.4}}},
            "carleman": {"order": 3, "rescaling": 0.6},
            "readout": {"target": "observables", "observables": {"loss": "loss"}},
        }
        costs.append(Paths().cost(_asked(spec)))
    assert costs[0] == costs[1]
    assert costs[0].flops % (10 * 3 * 20) < costs[0].flops / 1000
    assert "at most a square root" in costs[0].reason


def _asked(spec):
    from carlemanc.classical.question import question_of
    from carlemanc.readout.registry import goal_named
    from carlemanc.sources.systems import lifted_of
    from carlemanc.spec.loading import load_spec

    model = load_spec(spec)
    return question_of(lifted_of(model), goal_named(model.readout.target, model.readout), 1e-2)


def _end(question) -> float:
    lifted = question.lifted
    return float(np.linalg.norm(lifted.sequence.iterate(lifted.u_in)[-1])) / lifted.gamma
