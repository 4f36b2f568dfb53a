"""`estimate -o DIR`: a directory that makes itself again, and what is not in it is said."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from carlemanc import analyze, estimate
from carlemanc.commands.solvers import solvers
from carlemanc.core.errors import InputError
from carlemanc.present.estimate_directory import estimate_into
from carlemanc.spec.loading import load_spec
from tests.fixed import fixed

WORDS = ["carlemanc", "estimate", "logistic-map-scalar"]


def test_the_files_are_those_of_the_commands(tmp_path: Path) -> None:
    model = fixed("logistic-map-scalar", ["solver.epsilon=0.1"])
    estimate_into(model, tmp_path / "out", command=WORDS)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    spec = tmp_path / "out" / "spec.toml"
    assert about["absent"] == {}
    assert about["command"] == WORDS
    assert about["spec_sha256"] == sha256(spec.read_bytes()).hexdigest()
    again = load_spec(spec)
    assert again.to_dict() == model.to_dict()
    for name, made in (("estimate", estimate), ("analysis", analyze), ("solvers", solvers)):
        written = json.loads((tmp_path / "out" / f"{name}.json").read_text())
        assert written == json.loads(json.dumps(made(again).to_json()))  # type: ignore[operator]


def test_a_system_has_no_analysis(tmp_path: Path) -> None:
    model = fixed("tridiagonal-system")
    estimate_into(model, tmp_path / "out", command=WORDS, compare=False)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert "nothing to derive" in about["absent"]["analysis.json"]
    assert "--no-compare-solvers" in about["absent"]["solvers.json"]
    assert load_spec(tmp_path / "out" / "spec.toml").base == tmp_path / "out"
    assert (tmp_path / "out" / "tridiagonal-system.npz").is_file()


def test_the_spec_of_a_user_is_not_replaced(tmp_path: Path) -> None:
    text = (
        '# mine\nname = "mine"\n[loss]\nexpression = "theta[0]**2"\n[model]\nn = 1\n[training]\nsteps = 1\n'
    )
    (tmp_path / "spec.toml").write_text(text)
    with pytest.raises(InputError, match="another spec"):
        estimate_into(fixed("logistic-map-scalar"), tmp_path, command=WORDS, compare=False)
    assert [path.name for path in tmp_path.iterdir()] == ["spec.toml"]
    assert (tmp_path / "spec.toml").read_text() == text
