"""What one configuration costs: a value of its arguments, whatever was asked before."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import carlemanc
from carlemanc.access.access import Reading
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.core.memo import Memo
from carlemanc.evaluation.comparison import compare
from carlemanc.evaluation.design import evaluation_memo, opened
from carlemanc.evaluation.evaluate import Evaluation, evaluate
from carlemanc.methods.amplified import Amplified
from carlemanc.programs.bloq_counts import count
from carlemanc.sources.configuration import Configuration, Request, request_of
from tests.fixed import fixed

RING = ("model.n=134217728", "training.steps=100")
NEAR = 0.05
"""A search prices rotations by a fit, and queries of what exists only solved."""


def request(name: str, overrides: Iterable[str] = ()) -> Request:
    return request_of(fixed(name, overrides))


def drawn(asked: Request, seed: int, number: int) -> list[Configuration]:
    rng, found = np.random.default_rng(seed), []
    methods = list(asked.candidates.values())
    for _ in range(number):
        inner = methods[rng.integers(len(methods))]
        found.append(
            replace(
                asked.at,
                lift=replace(asked.at.lift, order=int(rng.integers(1, 5)), padding=int(rng.integers(0, 4))),
                method=Amplified(inner=inner) if rng.random() < 0.5 else inner,
                reading=Reading(ancilla_budget=int(rng.choice([0, 20, 300]))),
                goal=replace(asked.at.goal, method=str(rng.choice(["sampling", "amplitude-estimation"]))),
                synthesis=str(rng.choice(["gridsynth", "phase-gradient"])),
                epsilon=float(rng.choice([1e-2, 1e-3])),
            )
        )
    return found


def outcome(memo: Memo, at: Configuration) -> Evaluation | str:
    try:
        return evaluate(memo, at)
    except (InputError, TooLarge) as refusal:
        return str(refusal)


@pytest.mark.parametrize(("name", "overrides"), [("quartic-pair", ()), ("quartic-ring", RING)])
def test_what_was_asked_before_changes_nothing(name: str, overrides: tuple[str, ...]) -> None:
    found = drawn(request(name, overrides), 7, 12)
    shared = evaluation_memo()
    first = [outcome(shared, at) for at in found]
    again = [outcome(shared, at) for at in reversed(found)]
    assert first == again[::-1] == [outcome(Memo(), at) for at in found]


@pytest.mark.parametrize("method", ["qsvt", "lcu", "kernel", "march"])
def test_a_search_is_near_what_is_counted(method: str) -> None:
    asked = request("quartic-ring", (*RING, f'solver.method="{method}"'))
    searched = evaluate(evaluation_memo(), asked.at)
    counted = carlemanc.estimate(fixed("quartic-ring", (*RING, f'solver.method="{method}"')))
    assert searched.queries_L == counted.plan.queries_L
    assert searched.t_of_a_run == pytest.approx(counted.t_of_a_run, rel=NEAR)
    assert searched.runs == pytest.approx(counted.runs, rel=1e-3)


def test_a_long_march_is_priced_by_its_own_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many queries these are priced: of the encoding that is queried, not of that of L."""
    asked = request("quartic-pair")
    monkeypatch.setattr("carlemanc.evaluation.evaluate.COUNTED_QUERIES", 3)
    memo = evaluation_memo()
    row = {row.method: row for row in compare(memo, asked, "pair").rows}["march"]
    assert row.cost is not None, row.reason
    assert not row.cost.is_counted
    access = opened(memo, replace(asked.at, method=asked.candidates["march"]))
    step = count(access.encodings[0])
    assert row.cost.qubits < step.qubits + 8
    least = row.cost.queries_L * step.t_in_file
    words = 60 * (row.cost.queries_L * (step.rotation_count + 1) + 10)
    assert least <= row.cost.t_of_a_run <= least + 4 * row.cost.queries_L * (access.block_bits + 2) + words


SEARCH = """
from dataclasses import replace
from pathlib import Path
from carlemanc.access.access import Reading
from carlemanc.evaluation.design import evaluation_memo
from carlemanc.evaluation.evaluate import evaluate
from carlemanc.sources.configuration import request_of
from carlemanc.spec.loading import load_spec

keys = ("solver.method=qsvt", "solver.amplification=false", "compile.synthesis=gridsynth", "readout.method=sampling")
spec = load_spec("digits-pruned-net", ("training.steps=3", "carleman.order=1", *keys))
asked, memo = request_of(spec), evaluation_memo()
for number in range(50):
    at = replace(
        asked.at,
        epsilon=1e-2 / 2 ** (number % 10),
        reading=Reading(ancilla_budget=(0, 50, 200, 1000, 5000)[number % 5]),
        lift=replace(asked.at.lift, padding=number // 10),
    )
    evaluate(memo, at)
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
def test_a_long_search_stays_small() -> None:
    """Fifty configurations of a map that is loaded: what was encoded for some of them is let go."""
    if not Path("/proc/self/status").is_file():
        pytest.skip("the peak of a process is read from /proc")  # ru_maxrss would count the parent's memory
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 2e9
