"""What a spec becomes, from each of the four ways to write one."""

from pathlib import Path

import pytest

from carlemanc.core.errors import InputError
from carlemanc.spec import ModelSpec, load_spec

TEXT = """
[loss]
expression = "Sum(theta[i]**2/2, (i, 0, n-1))"
[model]
n = 4
[training]
learning_rate = 0.1
steps = 8
initial = { sparse = { "0" = 0.4 } }
"""
TABLES = {
    "loss": {"expression": "theta[0]**2 + lam*theta[1]", "parameters": {"lam": 2}},
    "model": {"n": 2},
    "training": {"learning_rate": 1, "steps": 3, "initial": [0.5, 0.25]},
}


@pytest.fixture
def spec_file(tmp_path: Path) -> Path:
    path = tmp_path / "ring.toml"
    path.write_text(TEXT)
    return path


def test_file(spec_file: Path) -> None:
    spec = load_spec(spec_file)
    assert (spec.name, spec.model.n, spec.training.steps) == ("ring", 4, 8)
    assert spec.training.learning_rate == 0.1
    assert spec.base == spec_file.parent
    assert spec.origin == str(spec_file)


def test_defaults_are_those_of_the_contract(spec_file: Path) -> None:
    spec = load_spec(spec_file)
    assert spec.loss is not None
    assert spec.loss.boundary == "periodic"
    assert spec.training.center == "zero"
    assert (spec.carleman.order, spec.carleman.corrections) == (3, "exact")
    assert (spec.carleman.rescaling, spec.carleman.padding) == ("auto", "auto")
    assert (spec.solver.method, spec.solver.epsilon, spec.solver.amplification) == ("auto", 1e-3, "auto")
    assert spec.solver.objective == "seconds"
    assert (spec.compile.memory, spec.compile.ancilla_budget, spec.compile.synthesis) == (
        "lookup",
        "auto",
        "auto",
    )
    assert spec.compile.max_qubits == 10_000
    assert spec.readout.method == "auto"
    assert (spec.readout.shots, spec.readout.failure_probability) == (0, 0.05)


def test_dictionary_and_keywords_agree() -> None:
    assert load_spec(TABLES) == ModelSpec(**TABLES) == ModelSpec.from_dict(TABLES)


def test_round_trip() -> None:
    spec = load_spec("quartic-pair", ["training.initial={normal=0.1}"])
    assert ModelSpec.from_dict(spec.to_dict()) == spec
    assert load_spec(spec) is spec


def test_overrides_on_a_spec_object_keep_its_directory() -> None:
    spec = load_spec(load_spec("burgers-map"), ["training.steps=2"])
    assert spec.training.steps == 2
    assert (spec.base / "burgers-map.npz").is_file()


def test_specs_are_frozen() -> None:
    spec = load_spec(TABLES)
    with pytest.raises(ValueError, match="frozen"):
        spec.training.steps = 5  # type: ignore[misc]


def test_the_last_override_wins() -> None:
    spec = load_spec(
        "quartic-ring", ["model.n=8", "model.n = 134217728", "name=plain text", 'solver.epsilon="x"'][:3]
    )
    assert (spec.model.n, spec.name) == (2**27, "plain text")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("training.initial=[0.1, 0.2, 0.3, 0.4]", [0.1, 0.2, 0.3, 0.4]),
        ("training.initial={ normal = 0.1, seed = 7 }", {"normal": 0.1, "seed": 7}),
        ("training.initial={ normal = 0.1 }", {"normal": 0.1, "seed": 0}),
        ('training.initial.sparse."1"=2', {"sparse": {"0": 0.4, "1": 2.0}}),
        ("training.initial.sparse.1=2", {"sparse": {"0": 0.4, "1": 2.0}}),
    ],
)
def test_initial_values(spec_file: Path, override: str, value: object) -> None:
    assert load_spec(spec_file, [override]).training.initial_value == value


def test_normal_start_takes_the_training_seed(spec_file: Path) -> None:
    spec = load_spec(spec_file, ["training.initial={normal=0.1}", "training.seed=5"])
    assert spec.training.initial_value == {"normal": 0.1, "seed": 5}


@pytest.mark.parametrize("text", ["model.n", "=3", "model..n=3", "a\nb=3", "model.n#=3", ""])
def test_overrides_that_are_none(spec_file: Path, text: str) -> None:
    with pytest.raises(InputError, match="KEY=VALUE"):
        load_spec(spec_file, [text])


def test_override_through_a_value(spec_file: Path) -> None:
    with pytest.raises(InputError, match=r"training\.steps, which is no table"):
        load_spec(spec_file, ["training.steps.a=1"])


def test_a_bad_override_is_named_as_one(spec_file: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_spec(spec_file, ["training.steps=-3", "model.m=4"])
    assert [problem.where for problem in caught.value.problems] == ["--set model.m", "--set training.steps"]


def test_an_override_cannot_smuggle_tables_in(spec_file: Path) -> None:
    spec = load_spec(spec_file, ["name=x\n[model]\nn = 1"])
    assert spec.model.n == 4


def test_unknown_spec_names_the_nearest_example() -> None:
    with pytest.raises(InputError, match='did you mean "quartic-ring"'):
        load_spec("quartic-rings")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = [" * 5_000, b"", b"a = 1", b"[[training]]\nsteps=1\n"])
def test_hostile_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        load_spec(path)


def test_directory_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a directory"):
        load_spec(tmp_path)


@pytest.mark.parametrize("name", ["\0", "a" * 5_000, ""])
def test_odd_names(name: str) -> None:
    with pytest.raises(InputError):
        load_spec(name)


def test_problems_of_keywords_are_input_errors_too() -> None:
    with pytest.raises(InputError) as caught:
        ModelSpec(loss={"expression": "theta[0]**2"}, training={"steps": True, "initial": ["a"]})
    places = {problem.where.removeprefix("ModelSpec: ") for problem in caught.value.problems}
    assert places == {"training.steps", "training.initial[0]", "model.n", "training.learning_rate"}
