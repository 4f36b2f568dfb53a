"""What the terminal says where observables are read, or theta(T) by circuits that hold many uses of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

import carlemanc
from carlemanc.commands.estimate_result import Estimate
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.estimate import explanation_text
from tests.fixed import fixed
from tests.present.test_observables_page import READ

MARCH = "solver.method=march"


@pytest.fixture(scope="module")
def found() -> Mapping[str, Estimate]:
    """Estimates by what they read."""
    more = {"observables": READ, "tomography": (MARCH, 'readout.method="tomography"'), "theta": (MARCH,)}
    return {key: carlemanc.estimate(fixed("quartic-pair", options)) for key, options in more.items()}


def whole(found: Estimate) -> str:
    """All there is, a sentence a line."""
    return found.to_text(all=True, width=10_000)


def test_no_line_speaks_of_copies_or_a_sign_circuit_that_is_not_there(found: Mapping[str, Estimate]) -> None:
    for key in ("observables", "tomography"):
        text = whole(found[key])
        assert "\n  uses of a run          " in text
        assert "\n  runs  " not in text
        assert f"in {found[key].runs} uses of a run\n" in text
        for words in ("sign circuit", "post-selection without", "copies"):
            assert words not in text
    plain = whole(found["theta"])
    assert "\n  runs                   " in plain
    assert plain.count("sign circuit") == 4
    assert "post-selection without amplitude amplification" in plain


def test_an_observable_takes_three_lines(found: Mapping[str, Estimate]) -> None:
    lines = [line.strip() for line in whole(found["observables"]).splitlines()]
    for one in found["observables"].observables:
        place = next(
            k for k, line in enumerate(lines) if line.startswith(f"observable             {one.name} = ")
        )
        cost, truncation = lines[place + 1 : place + 3]
        assert one.verdict == "no"
        assert cost.endswith(f"; pays: no, {amount(one.factor)} times {one.against}")
        assert duration(one.seconds) in cost
        assert cost.startswith(
            f"{amount(one.uses)} uses by {one.method} (the deepest circuit holds {one.depth}): "
        )
        assert truncation.endswith(
            "of its magnitude" + ("" if one.certified else ": more than the precision")
        )
    assert "each to within 1 % of its planned magnitude with probability 0.95" in "\n".join(lines)
    assert any(line.startswith("- no crossover in n: ") for line in lines)
    unsure = replace(
        found["observables"].observables[0], certificate=None, caveat="nothing is sure", verdict="open"
    )
    text = whole(replace(found["observables"], observables=(unsure,)))
    assert "pays: open" in text
    assert (
        "truncation: nothing finite is proved of what it changes\n                         nothing is sure"
        in text
    )


@pytest.mark.parametrize("key", ["observables", "tomography"])
def test_uses_are_explained_by_their_own_formula(key: str, found: Mapping[str, Estimate]) -> None:
    (entry,) = [one for one in found[key].explanations if one.name == "runs"]
    assert entry.value == found[key].runs
    assert entry.formula == found[key].readout.formula
    assert "copies" not in explanation_text(found[key])


def test_a_run_says_how_sure_each_value_is() -> None:
    run = carlemanc.run(fixed("quartic-pair", READ))
    lines = run.to_text(width=10_000).splitlines()
    after = lines[lines.index("truncation changes a value by at most") + 1 :]
    for one, line in zip(run.observables, after, strict=False):
        assert one.certificate is not None
        assert line.startswith(f"  {one.name}: {amount(one.certificate)} (")
        assert "certified" in line
    assert not any("drawn" in line for line in lines)
    drawn = carlemanc.run(fixed("quartic-pair", READ), shots=0)
    uses = sum(one.uses or 0 for one in drawn.observables)
    assert f"\ndrawn from {uses} uses of the run; each error bar holds" in drawn.to_text(width=10_000)
    unsure = replace(drawn.observables[0], certificate=None)
    assert "\n  loss: nothing finite is proved\n" in replace(drawn, observables=(unsure,)).to_text()
