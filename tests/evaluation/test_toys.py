"""A method is one file and one line, and so is a goal: both join through the public registries alone."""

from pathlib import Path

import pytest

import carlemanc
from carlemanc.commands.solvers import solvers
from carlemanc.core.errors import InputError
from carlemanc.methods.registry import METHODS, Entry, Option
from carlemanc.present.estimate_directory import estimate_into
from carlemanc.readout.registry import GOALS
from tests.fixed import fixed

SMALL = ("solver.epsilon=0.05", "training.steps=2")


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    option = Option(title="how the toy tastes", values=("plain", "sweet"))
    monkeypatch.setitem(METHODS, "toy", Entry("tests.toys.method:Toy", {"flavor": option}))
    monkeypatch.setitem(GOALS, "toy", "tests.toys.goal:Toy")


@pytest.mark.usefixtures("toys")
def test_a_toy_method_is_counted_as_what_it_is() -> None:
    made = carlemanc.estimate(fixed("quartic-pair", ('solver.method="toy"', *SMALL)))
    like = carlemanc.estimate(fixed("quartic-pair", SMALL))
    assert made.plan.method == "toy"
    assert made.ledger.rows[-1].part == "toy phases"
    assert [row.part for row in made.ledger.rows[:-1]] == [row.part for row in like.ledger.rows[:-1]]
    assert (made.t_of_a_run, made.logical_qubits, made.runs) == (
        like.t_of_a_run,
        like.logical_qubits,
        like.runs,
    )
    assert sum(row.toffoli for row in made.ledger.rows) == made.toffoli_count


@pytest.mark.usefixtures("toys")
def test_a_toy_method_has_its_row_among_the_others() -> None:
    table = solvers(fixed("quartic-pair", SMALL))
    assert [row.method for row in table.rows][-1] == "toy"
    rows = {row["method"]: row for row in table.to_json()["methods"]}
    assert rows["toy"]["t_per_run"] == rows["qsvt"]["t_per_run"]
    assert rows["toy"]["formula"] is None
    assert "\ntoy " in table.to_text()


@pytest.mark.usefixtures("toys")
def test_a_toy_method_runs() -> None:
    found = carlemanc.run(fixed("quartic-pair", ('solver.method="toy"', *SMALL)), backend="matrix")
    assert found.failure is None
    assert found.method == "toy"


@pytest.mark.usefixtures("toys")
def test_a_toy_goal_sets_the_runs() -> None:
    made = carlemanc.estimate(fixed("quartic-pair", ('readout.target="toy"', *SMALL)))
    document = made.to_json()
    assert document["readout"]["method"] == "toy"
    assert document["readout"]["copies"] == made.readout.copies
    assert made.runs == made.readout.runs(made.plan.copy_probability)
    table = solvers(fixed("quartic-pair", ('readout.target="toy"', *SMALL)))
    assert {row.cost.runs for row in table.rows if row.cost and row.method == "qsvt"} == {made.runs}


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_toys_stand_in_the_report(tmp_path: Path) -> None:
    overrides = ('solver.method="toy"', 'readout.target="toy"', *SMALL)
    estimate_into(fixed("quartic-pair", overrides), tmp_path, command=("estimate",), compare=True)
    carlemanc.report(tmp_path, output=tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "toy phases" in page
    assert "ln(1/delta) copies" in page


def test_a_name_that_is_not_registered_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        carlemanc.estimate(fixed("quartic-pair", ('solver.method="toy"',)))
