"""kappa of a spec: computed where its workload fits, cached without a trace, a bound that says it is one."""

from __future__ import annotations

import math

import pytest

from carlemanc import estimate
from carlemanc.linear_system import computed_norms, kappa_bound
from carlemanc.linear_system import inverse_norm as module
from carlemanc.linear_system.singular_values import ComputedNorms
from tests.commands.lifting import lifted
from tests.fixed import fixed

DIGITS = ("digits-pruned-net", ["training.steps=30"])


def has_four_digits(value: float) -> bool:
    return value == float(f"{value:.3e}")


@pytest.mark.parametrize("example", ["quartic-pair", "cubic-pair", "sgd-diabetes", "burgers-map"])
def test_small_systems_are_computed_and_rounded_up(example):
    stages = lifted(example)
    found, exact, bound = (
        stages.inverse_norm,
        computed_norms(stages.history),
        kappa_bound(stages.history),
    )
    assert found.source == "computed"
    assert found.reason == ""
    for told, value in (
        (found.inverse_norm, exact.inverse_norm),
        (found.norm, exact.norm),
        (stages.bound.inverse_norm, bound.inverse_norm),
        (stages.bound.norm, bound.norm),
    ):
        assert has_four_digits(told)
        assert value * (1 - 1e-8) <= told <= value * (1 + 1e-3)


@pytest.mark.slow
def test_a_pruned_network_of_two_million_unknowns_is_computed(monkeypatch, tmp_path):
    monkeypatch.setenv("CARLEMANC_CACHE", str(tmp_path))
    found = lifted(*DIGITS).inverse_norm
    assert found.source == "computed"
    assert found.inverse_norm == 34.49  # ARPACK with a tolerance of 1e-9 finds 34.4805
    assert found.norm == 2.048
    monkeypatch.setattr(module, "computed_norms", None)
    assert lifted(*DIGITS).inverse_norm == found  # found again


def test_the_cache_changes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("CARLEMANC_CACHE", str(tmp_path))
    plain = lifted("quartic-pair").inverse_norm
    assert list(tmp_path.rglob("*.json")) == []  # too little work to be kept
    monkeypatch.setattr(module, "REMEMBERED_WORK", 0)
    asked = []

    def counted(history, bound) -> ComputedNorms:
        asked.append(history)
        return computed_norms(history, bound)

    monkeypatch.setattr(module, "computed_norms", counted)
    assert [lifted("quartic-pair").inverse_norm for _ in range(3)] == [plain] * 3
    assert len(asked) == 1
    assert len(list(tmp_path.rglob("*.json"))) == 1
    for change in (
        "training.steps=5",
        "carleman.padding=1",
        "carleman.rescaling=0.9",
        "training.learning_rate=0.11",
    ):
        lifted("quartic-pair", [change]).inverse_norm  # noqa: B018
    assert len(asked) == 5
    lifted("quartic-pair", ["training.initial=[0.5,-0.2]", "carleman.rescaling=0.9"]).inverse_norm  # noqa: B018
    assert len(asked) == 5  # the start is no part of L


def test_a_bound_says_that_it_is_one():
    found = estimate(fixed("quartic-ring", ["model.n=1024"]))
    kappa = found.to_json()["kappa"]
    assert kappa["source"] == "bound"
    assert "unknowns; the limit is" in kappa["reason"]
    text = found.to_text(all=True, width=10_000).splitlines()
    first = next(place for place, line in enumerate(text) if line.strip().startswith("kappa"))
    said = next(place for place, line in enumerate(text) if line.strip().startswith("bound or computed"))
    assert said <= 6
    assert "bound" in text[said].removeprefix("  bound or computed")
    assert "a proved upper bound" in text[first + 1]
    assert "not computed" in text[first + 2]


def test_the_lower_bound_beside_it_holds(monkeypatch):
    for example in ("quartic-pair", "cubic-pair", "tanh-neuron", "double-well-chain"):
        stages = lifted(example)
        low = stages.norms.kappa_at_least
        assert low is not None
        assert 1.0 <= low <= stages.inverse_norm.inverse_norm
        assert math.isfinite(stages.inverse_norm.kappa)
