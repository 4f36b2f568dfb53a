"""What a Python session shows of results: one line, a small page, axes of matplotlib, DataFrames and plain fields."""

import html.parser
import importlib
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas
import pytest

import carlemanc
from carlemanc.commands.estimate_result import Estimate
from carlemanc.commands.optimize import Frontier, FrontierPoint
from carlemanc.core.shown import Shown
from carlemanc.evaluation.comparison import Comparison
from carlemanc.present import cell, text
from carlemanc.sweeps.driver import Sweep
from carlemanc.training.result import TrainingRun
from tests.fixed import fixed

SCALAR = "logistic-map-scalar"
LONGEST = 300
"""Characters of a repr."""
mpl.use("agg")


@pytest.fixture(scope="module")
def estimate() -> Estimate:
    return carlemanc.estimate(fixed(SCALAR), levers=False)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return carlemanc.solvers(fixed(SCALAR))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    place = tmp_path_factory.mktemp("sweep")
    over = ["training.steps=2,4", "training.learning_rate=0.1,0.2,-1"]
    return carlemanc.sweep(fixed(SCALAR), over=over, output=place, processes=1)


def kinds(base: type) -> list[type]:
    """Every result, the modules of those that are shown being imported."""
    for module in text.FAMILIES:
        importlib.import_module(module)
    found = [base]
    for kind in found:
        found += kind.__subclasses__()
    places = {(kind.__module__, kind.__name__): kind for kind in found}  # a class with slots is made twice
    named = [getattr(importlib.import_module(module), name) for module, name in places]
    return [kind for kind in named if kind.__module__ != "carlemanc.core.shown"]


@pytest.mark.parametrize("kind", kinds(Shown), ids=lambda kind: kind.__name__)
def test_every_result_is_brief(kind: type[Shown]) -> None:
    """No dataclass writes a repr of all its fields, and what the line tells first is an attribute."""
    assert kind.__repr__ is Shown.__repr__
    fields = {*dir(kind), *getattr(kind, "__dataclass_fields__", ())}
    assert {word.partition("=")[2].partition(".")[0] or word for word in kind.BRIEF.split()} <= fields


def test_plain_fields_are_those_of_the_document(estimate: Estimate) -> None:
    document = estimate.to_json()
    assert estimate.t_of_a_run == document["t_of_a_run"]
    assert estimate.t_in_all == document["total"]["t_in_all"]
    assert estimate.pays == document["verdict"]["pays"]
    assert estimate.method == document["method"]
    assert estimate.seconds == document["physical"]["seconds_of_all_runs"]
    assert estimate.physical_qubits == document["physical"]["qubits"]
    told = repr(estimate)
    assert told.startswith("Estimate(name='logistic-map-scalar', method='qsvt', pays='no', t_in_all=")
    assert str(estimate.logical_qubits) in told


def test_lines(estimate: Estimate, comparison: Comparison, sweep: Sweep) -> None:
    made = carlemanc.circuit(fixed(SCALAR), stage="state-preparation")
    results = [estimate, comparison, sweep, made, carlemanc.derive(SCALAR), carlemanc.analyze(SCALAR)]
    for result in results:
        assert len(repr(result)) <= LONGEST
        assert "\n" not in repr(result)
    assert repr(made) == (
        "Circuit(name='logistic-map-scalar', stage='state-preparation', gate_set='clifford+rz', uncompute=None)"
    )


class Parser(html.parser.HTMLParser):
    """Checks that tags are closed in order, and keeps what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data + "\n"


def parsed(result: Shown) -> Parser:
    parser = Parser()
    parser.feed(result._repr_html_())
    assert not parser.open
    assert not {"script", "style", "link", "img", "iframe"} & parser.tags
    return parser


def test_small_pages(comparison: Comparison, sweep: Sweep) -> None:
    words = parsed(comparison).words
    assert {row.method for row in comparison.rows} <= set(words.split("\n"))
    points = parsed(sweep)
    assert "6 of 6 points" in points.words
    assert "details" in points.tags
    assert "as text" in parsed(carlemanc.analyze(SCALAR)).words
    circuit = carlemanc.circuit(fixed(SCALAR), stage="state-preparation")
    assert "clifford" not in parsed(circuit).words.replace("clifford+rz", "")
    assert not circuit.is_emitted
    assert circuit.program.width
    assert "clifford" in parsed(circuit).words.replace("clifford+rz", "")


def test_the_page_of_an_estimate_has_the_answer_first(estimate: Estimate) -> None:
    page = parsed(estimate)
    lines = [line for line in page.words.split("\n") if line]
    assert lines[:2] == ["Estimate", SCALAR]
    answer = next(number for number, line in enumerate(lines) if line.startswith("It does not pay"))
    assert {"qsvt", "order 2"} <= set(lines[2:answer])
    times = lines.index("Time, on a logarithmic scale")
    assert answer < times < lines.index("T gates of all runs")
    programs = {one.name for one in estimate.baseline.programs if one.flops}
    assert programs & set(lines[times:])


def test_levers_are_shown_once_they_were_read() -> None:
    found = carlemanc.estimate(fixed(SCALAR))
    assert "found when it is read" in parsed(found).words
    assert "levers" not in vars(found.verdict)
    assert found.verdict.levers
    assert "What would change that" in parsed(found).words


def test_the_page_of_a_run_has_what_was_read() -> None:
    found = carlemanc.run(fixed(SCALAR))
    lines = parsed(found).words.split("\n")
    place = lines.index("theta(T), 1 of 1")
    assert lines[place + 1 : place + 5] == ["index", "circuit", "Carleman", "gradient descent"]
    shown = [float(line) for line in lines[place + 6 : place + 9]]
    expected = [found.theta[0], found.theta_carleman[0], found.theta_classical[0]]
    np.testing.assert_allclose(shown, expected, rtol=1e-7)
    system = carlemanc.run(fixed(carlemanc.given([[2.0, 0.0], [0.0, 1.0]], [1.0, 1.0])))
    lines = parsed(system).words.split("\n")
    place = lines.index("x, 2 of 2")
    assert float(lines[place + 5]) == pytest.approx(0.5, rel=1e-3)


def test_what_is_shown_is_escaped() -> None:
    spec = carlemanc.load_spec(SCALAR, ["name='<b>&'"])
    shown = carlemanc.circuit(spec, stage="state-preparation")._repr_html_()
    assert "&lt;b&gt;&amp;" in shown
    assert "<b>" not in shown
    with pytest.raises(TypeError, match="str"):
        cell.html("no result")  # type: ignore[arg-type]


def test_frame_of_a_sweep(sweep: Sweep) -> None:
    found = sweep.to_frame()
    assert isinstance(found, pandas.DataFrame)
    assert list(found.columns[:3]) == ["training.steps", "training.learning_rate", "status"]
    assert found["training.steps"].tolist() == [2, 2, 2, 4, 4, 4]
    assert found["status"].tolist() == [0, 0, 2, 0, 0, 2]
    written = pandas.read_csv(Path(sweep.directory) / "sweep.csv")
    assert found["t_of_a_run"].dropna().tolist() == written["t_of_a_run"].dropna().tolist()


def test_frame_of_methods(comparison: Comparison) -> None:
    found = comparison.to_frame()
    assert found["method"].tolist() == [row.method for row in comparison.rows]
    chosen = found[found["method"] == comparison.method].iloc[0]
    assert chosen["solver.method"] == comparison.method


def test_plots(estimate: Estimate, comparison: Comparison, sweep: Sweep) -> None:
    axes = estimate.plot()
    lengths = [bar.get_width() for bar in axes.patches]
    assert lengths == sorted(lengths)
    assert estimate.seconds in lengths
    assert axes.get_xscale() == "log"
    cost = estimate.plot(what="cost")
    assert sum(bar.get_width() for bar in cost.patches) == pytest.approx(estimate.t_of_a_run, rel=1e-3)
    assert sweep.plot(cost) is cost
    lines = {line.get_label(): line.get_xydata().tolist() for line in sweep.plot().get_lines()}
    row = next(row for row in sweep.rows if row["status"] == 0)
    assert [2, row["estimate"]["t_of_a_run"]] in lines["training.learning_rate = 0.1"]
    assert len(comparison.plot().patches) == sum(row.cost is not None for row in comparison.rows)
    with pytest.raises(carlemanc.InputError, match="t_gates"):
        sweep.plot(y="t_gates")


def test_plot_of_a_frontier() -> None:
    points = tuple(
        FrontierPoint(
            file=None,
            spec=fixed(SCALAR),
            choices={"solver.method": {"value": method, "by": "search"}},
            method=method,
            t_count=t_count,
            seconds=seconds,
            physical_qubits=1000,
            logical_qubits=10,
        )
        for method, t_count, seconds in (("march", 10**6, 3.0), ("qsvt", 10**7, 2.0))
    )
    found = Frontier(name="two", hardware="superconducting", points=points)
    axes = found.plot()
    assert axes.get_lines()[0].get_xydata().tolist() == [[1e6, 3.0], [1e7, 2.0]]
    assert [note.get_text().split(",")[0].strip() for note in axes.texts] == ["march", "qsvt"]
    assert found.to_frame()["solver.method"].tolist() == ["march", "qsvt"]
    assert {"march", "qsvt"} <= set(parsed(found).words.split("\n"))


def test_plots_of_training() -> None:
    """The density stands at the eigenvalues of the Hessian at 0; the loss is that of the record."""
    spectrum = carlemanc.dissipation("quartic-pair")
    place, density = spectrum.plot().get_lines()[0].get_xydata().T
    inner = (density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])
    hessian = np.array([[1.0, -0.3], [-0.3, 1.0]])
    np.testing.assert_allclose(np.sort(-place[1:-1][inner]), np.linalg.eigvalsh(hessian), atol=0.01)
    steps = [
        {"step": step, "phase": phase, "loss": 1 / (1 + step)}
        for step, phase in enumerate(("upload", "quantum", "download"))
    ]
    record = {
        "name": "net",
        "label": "run classically",
        "data": None,
        "weights": 4,
        "survivors": 2,
        "steps": steps,
        "reference": {"label": "gradient descent", "steps": [{"step": 0, "loss": 1.0}]},
        "final": {"loss": 1 / 3, "accuracy": None},
    }
    none = np.zeros(0)
    run = TrainingRun(
        name="net", evolution="classical", record=record, theta=none, uploads=none, masks=none > 0, cost=None
    )
    lines = {line.get_label(): line.get_ydata().tolist() for line in run.plot().get_lines()}
    assert lines == {"gradient descent": [1.0], "schedule": [1.0, 0.5, 1 / 3], "downloads": [1 / 3]}
    assert repr(run) == "TrainingRun(name='net', evolution='classical', loss=0.333333, accuracy=None)"
