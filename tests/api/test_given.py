"""`carlemanc.given`: a system of arrays is the system of the same numbers in files, everywhere a spec is taken."""

import json
import tomllib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import carlemanc
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.sources.source import source_of
from carlemanc.sweeps.row import Job
from tests.fixed import fixed

RNG = np.random.default_rng(7)
A = np.eye(3) * 2 + np.triu(RNG.normal(size=(3, 3)), 1)
B = RNG.normal(size=3)
EPSILON = ["solver.epsilon=0.1"]


@pytest.fixture(scope="module")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    sp.save_npz(folder / "L.npz", sp.csr_array(A))
    np.save(folder / "b.npy", B)
    (folder / "given.toml").write_text('[system]\nmatrix = "L.npz"\nrhs = "b.npy"\n', encoding="utf-8")
    return folder / "given.toml"


def told(result: Document) -> str:
    return json.dumps(result.to_json())


def test_every_command_takes_it(in_files: Path) -> None:
    held, filed = fixed(carlemanc.given(A, B, overrides=EPSILON)), fixed(in_files, EPSILON)
    found = carlemanc.run(held)
    assert np.linalg.norm(found.x - np.linalg.solve(A, B)) <= 0.1 * np.linalg.norm(np.linalg.solve(A, B))
    for command in (carlemanc.solvers, carlemanc.verify):
        assert told(command(held)) == told(command(filed)).replace(str(in_files), "given")
    for stage in ("block-encoding", "full"):
        assert carlemanc.circuit(held, stage=stage).qasm() == carlemanc.circuit(filed, stage=stage).qasm()
    estimates = [told(carlemanc.estimate(spec, levers=False)) for spec in (held, filed)]
    assert estimates[0] == estimates[1]


def test_compile_writes_the_system(tmp_path: Path) -> None:
    carlemanc.compile(carlemanc.given(A, B), output=tmp_path, stage="state-preparation")
    written = sp.load_npz(tmp_path / "L.npz").toarray()
    np.testing.assert_array_equal(written[:3, :3], A)
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy")[:3], B)


@pytest.mark.parametrize(
    "same",
    [
        A.tolist(),
        np.asfortranarray(A),
        sp.csr_matrix(A),
        sp.csc_array(A),
        sp.coo_array(A),
        sp.lil_array(A),
        sp.dia_array(A),
    ],
    ids=lambda same: type(same).__name__,
)
def test_any_array_of_the_same_numbers_is_the_same_spec(same: Any) -> None:
    assert carlemanc.given(same, B.reshape(-1, 1)) == carlemanc.given(A, B)


def test_its_digest_follows_the_numbers() -> None:
    """What is found again, in a process or on disk, is found by content; overrides keep the numbers."""
    first, same, other = (
        carlemanc.given(A, B),
        carlemanc.given(A.copy(), B.copy()),
        carlemanc.given(A, B + 1e-12),
    )
    assert source_of(first) == source_of(same)
    assert source_of(first) != source_of(other)
    assert carlemanc.load_spec(first, EPSILON).held == first.held
    before = carlemanc.given(matrix := A.copy(), B)
    matrix[0, 0] = 5.0
    assert before == first

    def digest(spec: carlemanc.ModelSpec, base: Path, held: dict[str, bytes]) -> str:
        return Job(
            tables=spec.to_dict(), label="", base=str(base), overrides=(), options={}, held=held
        ).digest

    here = Path.cwd()
    assert digest(first, here, dict(first.held)) == digest(same, here, dict(same.held))
    assert digest(first, here, dict(first.held)) != digest(other, here, dict(other.held))


def test_a_directory_of_results_has_its_data(tmp_path: Path) -> None:
    """What a sweep wrote is a spec in files: read from there, it is the same system."""
    over = ["solver.epsilon=0.1,0.2"]
    spec = fixed(carlemanc.given(A, B, name="mine"))
    found = carlemanc.sweep(spec, over=over, output=tmp_path, processes=1)
    assert found.failure is None
    tables = tomllib.loads((tmp_path / "spec.toml").read_text(encoding="utf-8"))
    np.testing.assert_array_equal(sp.load_npz(tmp_path / tables["system"]["matrix"]).toarray(), A)
    again = carlemanc.sweep(tmp_path / "spec.toml", over=over, output=tmp_path, processes=1)
    assert again.computed == 0


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        carlemanc.given(np.ones((2, 3)), [0.0, 0.0])
    told = str(caught.value)
    assert "A: shape (2, 3)" in told
    assert "b: zeros alone" in told


@pytest.mark.parametrize(
    ("matrix", "rhs", "words"),
    [
        ([[1.0, np.nan], [0.0, 1.0]], [1.0, 1.0], "A: NaN or infinity at [0, 1]"),
        (sp.csr_array([[1.0, 0.0], [0.0, np.inf]]), [1.0, 1.0], "A, its entries: NaN or infinity"),
        (np.zeros((2, 2)), [1.0, 1.0], "A: zeros alone"),
        (np.eye(2) * 1j, [1.0, 1.0], "A: complex numbers"),
        (np.eye(2).astype(object), [1.0, 1.0], "A: values of type object"),
        ([[1.0], [1.0, 2.0]], [1.0, 1.0], "A: setting an array element"),
        (np.eye(2), [1.0, 1.0, 1.0], "3 numbers"),
        (np.eye(2), [[1.0, 1.0]], "b: shape (1, 2)"),
        (np.eye(2), [1.0, np.nan], "b: NaN or infinity at [1]"),
        (np.eye(2), "words", "b: values of type"),
    ],
)
def test_what_is_refused(matrix: Any, rhs: Any, words: str) -> None:
    with pytest.raises(InputError, match="the linear system cannot be used") as caught:
        carlemanc.given(matrix, rhs)
    assert words in str(caught.value)


def test_too_large() -> None:
    with pytest.raises(TooLarge, match="rows"):
        carlemanc.given(sp.eye_array(1 << 21), np.ones(2))


def test_a_singular_matrix_is_refused_where_it_is_solved() -> None:
    with warnings.catch_warnings(), pytest.raises(InputError, match="singular"):
        carlemanc.estimate(carlemanc.given(np.ones((2, 2)), [1.0, 1.0]))
