"""Each verb: what it passes on, what it prints where, which status it gives."""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.cli._verbs import VERBS
from carlemanc.core.errors import CheckFailed, InputError, InternalError, TooLarge
from carlemanc.spec.examples import DIRECTORY

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("verb", ["derive", "analyze", "run", "estimate", "verify"])
def test_text_and_json(verb: str, fake: Any, capsys: Capture) -> None:
    assert main([verb, "quartic-pair", "--set", "model.n=2", "--set", "training.steps=3"]) == 0
    assert capsys.readouterr() == ("value 1.5\n", "")
    assert main([verb, "quartic-pair", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"value": 1.5, "n": 2**70, "bound": None, "theta": [1.0, 2.0]}
    assert err == ""
    assert [name for name, _, _ in fake.calls] == [verb, verb]
    assert fake.calls[0][1].training.steps == 3


@pytest.mark.parametrize("verb", ["derive", "analyze", "run", "verify"])
def test_output_file(verb: str, fake: Any, capsys: Capture, tmp_path: Path) -> None:
    for name, expected in (("a.txt", "value 1.5\n"), ("b.json", None)):
        path = tmp_path / "new" / name
        assert main([verb, "quartic-pair", "-o", str(path)]) == 0
        assert capsys.readouterr() == ("", f"wrote {path}\n")
        text = path.read_text()
        assert text == expected if expected else json.loads(text)["value"] == 1.5
    path = tmp_path / "c"
    assert main([verb, "quartic-pair", "--json", "-o", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(path.read_text())


def test_estimate_directory(
    fake: Any, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from carlemanc.present import estimate_directory

    stand_in = fake.function("estimate into")
    monkeypatch.setattr(
        estimate_directory,
        "estimate_into",
        lambda model, directory, **options: stand_in(model, directory=directory, **options),
    )
    arguments = [
        "--set",
        "model.n=2",
        "--hardware",
        "ion",
        "--no-compare-solvers",
        "-o",
        str(tmp_path / "out"),
    ]
    assert main(["estimate", "quartic-pair", "--json", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == 1.5
    ((_, model, options),) = fake.calls
    assert model.name == "quartic-pair"
    assert options["compare"] is False
    assert options["options"]["hardware"] == "ion"
    command = "carlemanc estimate quartic-pair --set model.n=2 --hardware ion"
    assert options["command"] == command.split()


def test_derive_forms(fake: Any, capsys: Capture, tmp_path: Path) -> None:
    assert main(["derive", "quartic-pair", "--latex", "--diagram", str(tmp_path / "a.svg")]) == 0
    assert capsys.readouterr().out == "\\theta\n"
    assert (tmp_path / "a.svg").read_text() == "<svg/>\n"


def test_options_reach_the_pipeline(fake: Any, tmp_path: Path) -> None:
    options = ["--stage", "solver", "--format", "qasm2", "--uncompute", "unitary", "--gate-set", "clifford+t"]
    assert main(["compile", "quartic-pair", "-o", str(tmp_path), *options, "--rotation-epsilon", "1e-6"]) == 0
    assert main(["run", "quartic-pair", "--backend", "aer", "--uncompute", "measure"]) == 0
    assert main(["system", "quartic-pair", "-o", str(tmp_path)]) == 0
    assert main(["verify", "quartic-pair", "--columns", "9", "--seed", "4", "--tolerance", "1e-6"]) == 0
    (_, _, compiled), (_, _, ran), (_, _, written), (_, _, verified) = fake.calls
    assert compiled == {
        "output": tmp_path,
        "stage": "solver",
        "format": "qasm2",
        "dialect": None,
        "uncompute": "unitary",
        "gate_set": "clifford+t",
        "rotation_epsilon": 1e-6,
    }
    device = dict.fromkeys(("layout", "optimization_level", "decoupling", "twirling"))
    asked = {"backend": "aer", "uncompute": "measure", "shots": None, "seed": 0}
    assert ran == asked | device | {"mitigation": False}
    assert written == {"output": tmp_path}
    assert verified == {"columns": 9, "seed": 4, "tolerance": 1e-6}


@pytest.mark.parametrize("verb", ["system", "compile"])
def test_a_directory_is_needed(verb: str, fake: Any, capsys: Capture) -> None:
    assert main([verb, "quartic-pair"]) == 2
    assert f"carlemanc {verb} SPEC -o DIR" in capsys.readouterr().err
    assert not fake.calls


@pytest.mark.parametrize("verb", ["derive", "analyze", "system", "compile", "run", "estimate", "verify"])
def test_a_bad_output_path_is_refused_before_the_work(
    verb: str, fake: Any, capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert main([verb, "quartic-pair", "-o", str(tmp_path / "file" / "under")]) == 2
    assert "inside the file" in capsys.readouterr().err
    assert not fake.calls


def test_shots_reach_the_pipeline(fake: Any) -> None:
    assert main(["run", "quartic-pair", "--shots", "20000", "--seed", "1"]) == 0
    assert (fake.calls[0][2]["shots"], fake.calls[0][2]["seed"]) == (20000, 1)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (InputError("bad data"), 2, "error: bad data\n"),
        (CheckFailed("too far off"), 1, "error: too far off\n"),
        (TooLarge("L", size="9 rows", limit="8", instead="Use less."), 3, "error: L is too large"),
        (MemoryError(), 3, "error: out of memory"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (InternalError("lost\na wire"), 1, "internal error, please report it"),
        (ValueError("odd"), 1, "internal error, please report it"),
    ],
)
def test_exit_status(error: BaseException, status: int, message: str, fake: Any, capsys: Capture) -> None:
    fake.outcome = error
    assert main(["run", "quartic-pair"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_a_failed_check_still_prints_its_result(fake: Any, capsys: Capture) -> None:
    fake.outcome = type(fake.outcome)(failure="error 0.2 exceeds the bound 0.1")
    assert main(["run", "quartic-pair"]) == 1
    assert capsys.readouterr() == ("value 1.5\n", "check failed: error 0.2 exceeds the bound 0.1\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["rn", "quartic-pair"],
        ["run"],
        ["run", "quartic-pair", "extra"],
        ["run", "quartic-pair", "--unknown", "3"],
        ["compile", "quartic-pair", "--stage", "all"],
        ["compile", "quartic-pair", "--rotation-epsilon", "small"],
        ["run", "quartic-pair", "--set"],
        ["run", "quartic-pair", "--set", "model.n"],
        ["sweep", "quartic-pair"],
    ],
    ids=" ".join,
)
def test_usage_errors(arguments: list[str], fake: Any, capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert not fake.calls


def test_warnings_are_one_line_on_stderr(fake: Any, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:

    result = fake.outcome

    def noisy(spec: Any, **options: Any) -> Any:
        sys.stdout.write("chatter of a library\n")
        warnings.warn("the system is divergent", stacklevel=1)
        warnings.warn("old function", DeprecationWarning, stacklevel=1)
        return result

    monkeypatch.setattr(carlemanc, "analyze", noisy)
    assert main(["analyze", "quartic-pair"]) == 0
    out, err = capsys.readouterr()
    assert out == "value 1.5\n"
    assert err == "chatter of a library\nwarning: the system is divergent\n"


def test_help_lists_every_verb(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f" {verb} " in out for verb in VERBS)
    assert {"report", "dissipation", "train"} <= VERBS.keys()


def test_examples(capsys: Capture) -> None:
    assert main(["examples", "--json"]) == 0
    names = {row["name"] for row in json.loads(capsys.readouterr().out)["examples"]}
    assert {"quartic-pair", "burgers-map"} <= names
    assert main(["examples", "quartic-pair"]) == 0
    assert "[loss]" in capsys.readouterr().out
    assert main(["examples", "quartic-pair", "--json", "--set", "training.steps=9"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["training"]["steps"] == 9
    assert main(["examples", "quartic-pear"]) == 2
    assert 'did you mean "quartic-pair"' in capsys.readouterr().err


def test_a_saved_example_is_a_spec(capsys: Capture, tmp_path: Path, fake: Any) -> None:
    assert main(["examples", "quartic-pair", "-o", str(tmp_path / "mine.toml")]) == 0
    assert main(["run", str(tmp_path / "mine.toml")]) == 0
    assert fake.calls[0][1].name == "mine"


def test_an_example_is_written_with_what_it_reads(capsys: Capture, tmp_path: Path, fake: Any) -> None:
    assert main(["examples", "digits-pruned-net", "-o", str(tmp_path / "new" / "d")]) == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "d").iterdir()}
    assert written == {
        f"digits-pruned-net{end}": (DIRECTORY / f"digits-pruned-net{end}").read_bytes()
        for end in (".toml", ".npy")
    }
    assert main(["run", str(tmp_path / "new" / "d" / "digits-pruned-net.toml")]) == 0
    assert main(["examples", "tridiagonal-system", "-o", str(tmp_path / "mine.toml")]) == 0
    assert {path.name for path in tmp_path.glob("*.*")} == {
        "mine.toml",
        "tridiagonal-system.npz",
        "tridiagonal-system.npy",
    }
    capsys.readouterr()
    assert main(["examples", "tridiagonal-system"]) == 0
    said = capsys.readouterr().err
    assert "tridiagonal-system.npz and tridiagonal-system.npy" in said
    assert "examples tridiagonal-system -o DIR" in said
    assert main(["examples", "quartic-pair"]) == 0
    assert capsys.readouterr().err == ""


def test_a_written_example_replaces_nothing_that_differs(capsys: Capture, tmp_path: Path) -> None:
    command = ["examples", "tridiagonal-system", "-o", str(tmp_path / "d")]
    assert main(command) == 0
    assert main(command) == 0  # the same again
    (tmp_path / "d" / "tridiagonal-system.npy").write_bytes(b"precious")
    (tmp_path / "d" / "tridiagonal-system.npz").unlink()
    capsys.readouterr()
    assert main(command) == 2
    assert "replaces no file that differs" in capsys.readouterr().err
    assert (tmp_path / "d" / "tridiagonal-system.npy").read_bytes() == b"precious"
    assert not (tmp_path / "d" / "tridiagonal-system.npz").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["analyze", "quartic-pair"],
        ["derive", "quartic-pair"],
        ["derive", "quartic-pair", "--diagram"],
        ["compile", "quartic-pair"],
        ["estimate", "quartic-pair"],
        ["sweep", "quartic-pair", "--over", "training.steps=1,2"],
        ["train", "quartic-pair"],
        ["dissipation", "quartic-pair"],
        ["examples", "quartic-pair"],
        ["init"],
        ["schema"],
        ["report", "."],
    ],
    ids=" ".join,
)
def test_no_output_has_an_empty_name(
    command: list[str], fake: Any, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, *([] if command[-1] == "--diagram" else ["-o"]), ""]) == 2
    err = capsys.readouterr().err
    assert "found:   no name of a file" in err
    assert not fake.calls
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["new/", "new/.", "there/", "new//"])
@pytest.mark.parametrize(
    "command",
    [
        ["analyze", "quartic-pair"],
        ["schema"],
        ["init"],
        ["report", "."],
        ["derive", "quartic-pair", "--diagram"],
    ],
    ids=" ".join,
)
def test_a_slash_at_the_end_is_no_name_of_a_file(
    command: list[str], name: str, fake: Any, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").write_text("old")
    assert main([*command, *([] if command[-1] == "--diagram" else ["-o"]), name]) == 2
    assert f"-o {name}\n    found:   the name of a directory" in capsys.readouterr().err
    assert not fake.calls
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("there", "old")]
