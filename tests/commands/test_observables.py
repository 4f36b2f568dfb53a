"""Observables through the commands: what a run reads, what an estimate counts, what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import pytest

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import InputError
from carlemanc.evaluation.price import price
from carlemanc.evaluation.readout_cost import total_of
from carlemanc.methods.amplification_circuit import grover_rounds
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.readout.observables_plan import ObservablesPlan
from carlemanc.spec.loading import load_spec
from tests.fixed import fixed

READ = (
    'readout.target="observables"',
    'readout.observables={loss="loss", first="theta[0]", cross="theta[0]*theta[1]", grad="gradient_norm"}',
)
RING = (
    *READ[:1],
    'readout.observables={loss="loss", size="Sum(theta[i]**2, (i, 0, n-1))", first="theta[0]"}',
    "model.n=134217728",
    "training.steps=100",
    'training.initial={sparse={"0"=0.4}}',
    "solver.method=march",
    'readout.method="maximum-likelihood"',
)


def _values(theta: np.ndarray) -> dict[str, float]:
    """The observables of quartic-pair, written out by hand."""
    x, y = theta
    gradient = (x + x**3 - 0.3 * y, y + y**3 - 0.3 * x)
    loss = x**2 / 2 + x**4 / 4 + y**2 / 2 + y**4 / 4 - 0.3 * x * y
    return {"loss": loss, "first": x, "cross": x * y, "grad": math.hypot(*gradient)}


@pytest.mark.parametrize("method", ["march", "qsvt", "kernel"])
def test_a_run_reads_what_the_truncated_iterate_has(method: str) -> None:
    done = carlemanc.run(fixed("quartic-pair", (*READ, f"solver.method={method}")))
    assert done.theta is None
    assert done.failure is None
    by_hand = _values(done.theta_classical)
    for one in done.observables:
        assert one.classical == pytest.approx(by_hand[one.name], rel=1e-9)
        assert one.carleman is not None
        assert one.certificate is not None
        assert one.classical is not None
        assert abs(one.value - one.carleman) <= one.allowed <= 0.01 * one.scale
        assert abs(one.carleman - one.classical) <= one.certificate
        assert one.error_bar == 0.0
        assert one.uses is None
    document = json.loads(json.dumps(done.to_json()))
    assert document["theta"] is None
    assert [one["name"] for one in document["observables"]] == ["loss", "first", "cross", "grad"]


@pytest.mark.parametrize("method", ["sampling", "maximum-likelihood", "phase-estimation"])
def test_draws_cover_the_value(method: str) -> None:
    options = (*READ, "solver.method=march", f'readout.method="{method}"', "readout.precision=0.03")
    misses = total = 0
    for seed in range(5):
        done = carlemanc.run(fixed("quartic-pair", options), shots=0, seed=seed)
        for one in done.observables:
            assert one.carleman is not None
            assert one.uses
            assert 0 < one.error_bar <= 1.2 * 0.03 * one.scale
            misses += abs(one.value - one.carleman) > one.error_bar + one.allowed
            total += 1
    assert total == 20
    assert misses <= 4  # 95 % each: more has a probability of .3 %


def test_the_same_seed_draws_the_same() -> None:
    options = (*READ, "solver.method=march")
    first, again, other = (
        [one.value for one in carlemanc.run(fixed("quartic-pair", options), shots=0, seed=seed).observables]
        for seed in (3, 3, 4)
    )
    assert first == again != other


def test_an_estimate_of_the_headline_ring_keeps_its_bars() -> None:
    document = carlemanc.estimate(fixed("quartic-ring", RING)).to_json()
    found = {one["name"]: one for one in document["readout"]["observables"]}
    most = {"loss": 9e9, "size": 3.7e9, "first": 4e9}
    assert {name: one["t_count"] <= most[name] for name, one in found.items()} == dict.fromkeys(most, True)
    assert found["loss"]["classical"] == pytest.approx(2.99419e-5, rel=1e-5)
    assert found["size"]["classical"] == pytest.approx(2.66535e-4, rel=1e-5)
    assert found["first"]["classical"] == pytest.approx(7.32005e-3, rel=1e-6)
    uses = sum(one["uses"] for one in found.values())
    assert document["total"]["runs"] == pytest.approx(uses, rel=1e-3)
    assert document["total"]["t_in_all"] == pytest.approx(
        sum(one["t_count"] for one in found.values()), rel=2e-3
    )
    assert not any(one["certified"] for one in found.values())


@pytest.mark.parametrize(("order", "most"), [(3, 1e13), (5, 1.6e13)])
def test_all_weights_of_the_headline_ring_by_tomography(order: int, most: float) -> None:
    options = (*RING[2:-1], 'readout.method="tomography"', "solver.epsilon=1e-3", f"carleman.order={order}")
    document = carlemanc.estimate(fixed("quartic-ring", options)).to_json()
    assert document["readout"]["support"] == document["readout"]["dimension"] == 201
    assert document["total"]["t_in_all"] <= most
    assert document["total"]["t_in_all"] > document["total"]["runs"] * document["t_of_a_run"]  # the loaders


def test_auto_reads_theta_by_tomography_and_observables_by_the_fewest_uses() -> None:
    theta = carlemanc.estimate(fixed("quartic-pair", ('readout.method="auto"',))).to_json()
    assert theta["readout"]["method"] == "tomography"
    plans = {
        method: carlemanc.estimate(fixed("quartic-pair", (*READ, f'readout.method="{method}"'))).runs
        for method in ("auto", "sampling", "maximum-likelihood", "phase-estimation")
    }
    assert plans["auto"] == min(plans.values())


@pytest.mark.parametrize("precision", [0.5, 0.1, 0.01])
@pytest.mark.parametrize("method", ["sampling", "maximum-likelihood", "phase-estimation"])
def test_the_readout_has_a_share_of_any_precision(method: str, precision: float) -> None:
    """Coarse readings too, whose uses hardly fall: all causes together stay within the error of theta(T) they have."""
    options = (*READ, f'readout.method="{method}"', f"readout.precision={precision}")
    design = open_spec(fixed("quartic-pair", options)).designed()
    budget = carlemanc.estimate(fixed("quartic-pair", options)).to_json()["error_budget"]
    assert 0.3 < design.shares.readout < 1
    assert budget["readout"]["achieved"] == pytest.approx(design.shares.readout * design.at.epsilon)
    achieved = math.fsum(part["achieved"] for name, part in budget.items() if name != "carleman_truncation")
    assert achieved <= design.at.epsilon


def _plan(overrides: Sequence[str]):
    design = open_spec(fixed("quartic-pair", overrides)).designed()
    assert isinstance(design.readout, ObservablesPlan)
    return design, design.readout


@pytest.mark.parametrize("method", ["march", "qsvt", "kernel"])
def test_what_is_counted_is_emitted(method: str) -> None:
    """The circuits of every event, plain and with rounds: the counts of a readout are those of programs."""
    design, plan = _plan((*READ, f"solver.method={method}", 'readout.method="maximum-likelihood"'))
    for wanted in plan.wanted:
        reading = plan.reading(wanted, design.plan.copy_probability, design.setting)
        for event in wanted.observable.events:
            circuit = event.circuit(design.circuit, design.access)
            for uses in (1, 3) if method == "march" else (1,):
                bloq = grover_rounds(circuit, uses)
                counts, found = design.counter.count(bloq), tally(emit(bloq), "measure")
                assert (counts.t, counts.toffoli, counts.rotation_count) == (
                    found.t,
                    found.toffoli,
                    found.rotations,
                )
        assert reading.circuits(design.circuit, design.setting)


def test_the_total_is_that_of_all_circuits() -> None:
    """With rounds of every depth that was drawn, in place of the law that is linear in the rounds."""
    design, plan = _plan((*READ, "solver.method=march", 'readout.method="maximum-likelihood"'))
    wanted = plan.wanted[0]
    reading = plan.reading(wanted, design.plan.copy_probability, design.setting)
    priced = price(design, uncompute="measure", synthesized=False)
    found = total_of(
        design, reading.circuits(design.circuit, design.setting), priced, "measure", runs=reading.uses
    )
    toffoli = 0.0
    for event, part in zip(wanted.observable.events, reading.events.events, strict=True):
        circuit = event.circuit(design.circuit, design.access)
        drawn = []
        for seed in range(200):
            depths, shots = part.schedule(np.random.default_rng(seed))
            counts = [design.counter.count(grover_rounds(circuit, int(depth))).toffoli for depth in depths]
            drawn.append(float(np.dot(counts, shots)))
        toffoli += float(np.mean(drawn))
    assert found.toffoli_count == pytest.approx(toffoli, rel=0.01)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (('readout.target="observables"',), ["readout.observables", 'loss = "loss"']),
        ((READ[0], 'readout.observables={bad="theta[0"}'), ["readout.observables.bad"]),
        ((READ[0], 'readout.observables={bad="x[0,0]*theta[0]"}'), ["readout.observables.bad", "[data]"]),
        ((READ[0], 'readout.observables={bad="mu*theta[0]"}'), ["mu", "readout.observables.bad"]),
        ((READ[0], 'readout.observables={"a b"="theta[0]"}'), ["readout.observables.a b"]),
        ((READ[0], 'readout.observables={none="3"}'), ["no theta"]),
        ((*READ, "readout.precision=0.0"), ["readout.precision"]),
    ],
)
def test_a_faulty_observable_is_told_from_the_text(overrides: tuple[str, ...], words: list[str]) -> None:
    with pytest.raises(InputError) as told:
        load_spec("quartic-pair", overrides)
    assert [word for word in words if word not in str(told.value)] == []


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ((*READ, 'readout.method="tomography"'), ["readout.method", "maximum-likelihood"]),
        ((*READ, "readout.shots=10"), ["readout.shots", "readout.precision"]),
        ((*READ, "solver.amplification=true"), ["solver.amplification", "false"]),
        (('readout.method="maximum-likelihood"',), ["readout.method", "observables"]),
        (
            (READ[0], 'readout.observables={fourth="theta[0]**4"}', "carleman.order=2"),
            ["carleman.order", "3 or more"],
        ),
        (
            (READ[0], 'readout.observables={nothing="theta[0] - theta[0]"}'),
            ["readout.observables.nothing"],
        ),
        (
            (READ[0], 'readout.observables={tiny="1e-300*theta[0]**2"}'),
            ["readout.observables.tiny", "factor"],
        ),
        ((READ[0], 'readout.observables={huge="1e300*theta[0]"}'), ["readout.observables.huge", "factor"]),
        (
            (READ[0], 'readout.observables={far="theta[5]"}'),
            ["readout.observables.far\n", "theta[0] to theta[1]"],
        ),
    ],
)
def test_what_cannot_be_read_says_the_way_on(overrides: tuple[str, ...], words: list[str]) -> None:
    with pytest.raises(InputError) as told:
        carlemanc.estimate(fixed("quartic-pair", overrides))
    assert [word for word in words if word not in str(told.value)] == []


def test_observables_that_are_not_asked_for_are_told() -> None:
    with pytest.warns(UserWarning, match="readout.observables .* is not read"):
        carlemanc.estimate(fixed("quartic-pair", READ[1:]))


def test_observables_are_no_matter_of_a_linear_system_or_the_loss_of_a_map() -> None:
    with pytest.raises(InputError, match="x itself is read"):
        load_spec("tridiagonal-system", READ)
    with pytest.raises(InputError, match="a map comes without a loss"):
        load_spec("burgers-map", READ)


def test_a_back_end_without_circuits_reads_none() -> None:
    with pytest.raises(InputError, match="sparse, aer or cirq"):
        carlemanc.run(fixed("quartic-pair", READ), backend="matrix")
    with pytest.raises(InputError, match="--shots"):
        carlemanc.run(fixed("quartic-pair", READ), shots=100)


@pytest.mark.parametrize("backend", ["aer", "cirq"])
def test_other_simulators_read_the_same(backend: str) -> None:
    options = (READ[0], 'readout.observables={size="theta[0]**2"}', "solver.method=march")
    small = ("training.steps=1", "carleman.order=1")
    ours, theirs = (
        carlemanc.run(fixed("quartic-pair", (*options, *small)), backend=name).observables[0].value
        for name in ("sparse", backend)
    )
    assert theirs == pytest.approx(ours, rel=1e-9)
