"""Grids, rows on disk, resumption after a kill, tables with integers beyond 64 bits."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars
import pytest

import carlemanc
from carlemanc.core.engine import engine
from carlemanc.core.errors import CheckFailed, InputError
from carlemanc.spec.loading import load_spec
from carlemanc.sweeps import RowStore, grid_points, parse_axis, sweep
from carlemanc.sweeps.driver import _check_points
from carlemanc.sweeps.row import Job, compute_row
from carlemanc.sweeps.table import flatten, write_csv, write_parquet
from tests.fixed import fixed, fixed_words

OVER = ["training.steps=1..3", "solver.epsilon=0.1,0.01"]
BIG = 3**60


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("model.n=2^4..2^7", ["16", "32", "64", "128"]),
        ("training.steps=10,100,1000", ["10", "100", "1000"]),
        ("a=1..9:4", ["1", "5", "9"]),
        ("a=3,2^3..2^4,-2..-1", ["3", "8", "16", "-2", "-1"]),
        ("a=10^2", ["100"]),
        (
            "training.initial=[0.1, 0.2],{ normal = 0.1, seed = 7 }",
            ["[0.1, 0.2]", "{ normal = 0.1, seed = 7 }"],
        ),
        ("solver.epsilon=1e-3,1e-4", ["1e-3", "1e-4"]),
        ("model.n=2^27", [str(2**27)]),
        ("a=1,true,yes", ["1", "true", "yes"]),
        ('a=1,"1"', ["1", '"1"']),
        ("a=[1, 2],[2, 1],[1]", ["[1, 2]", "[2, 1]", "[1]"]),
        ("a=0.1,0.10000000000000001,0.2,0.1000000000000001", None),
    ],
)
def test_axes(text: str, values: list[str] | None) -> None:
    if values is None:  # the same double twice
        with pytest.raises(InputError, match=r"given twice: 0\.1 and 0\.10000000000000001"):
            parse_axis(text)
    else:
        assert list(parse_axis(text).values) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a=",
        "=1",
        "a=1,,2",
        "a=5..4",
        "a=1,1",
        "a=1..99999999999",
        "a=2^9999..2^1",
        "a=1..2,2",
        "a=2^4..",
        "a=1..x",
        "a=1e-2,0.01",
        "a=1e3,1000",
        "a=1..5,3.0",
        "a=16,0x10",
        "a=-0.0,0.0",
        "a=nan,nan",
        'a=qsvt,"qsvt"',
        """a='x',"x\"""",
        "a=[0.1, 0.2],[1e-1,2e-1]",
        "a={ x = 1, y = 2 },{ y = 2.0, x = 1 }",
        "a=true,true",
        "a=\udcff,1",
    ],
)
def test_axes_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="grid cannot be read"):
        parse_axis(text)


def test_points_are_the_product() -> None:
    points = list(grid_points([parse_axis("a=1..2"), parse_axis("b=x,y")]))
    assert points == [("a=1", "b=x"), ("a=1", "b=y"), ("a=2", "b=x"), ("a=2", "b=y")]
    for axes in (
        [],
        [parse_axis("a=1"), parse_axis("a=2")],
        [parse_axis("a.b=1"), parse_axis('a."b"=2')],
        [parse_axis("a.b=1"), parse_axis(" a . b =2")],
        [parse_axis("a={ b = 1 }"), parse_axis("a.b=2")],
        [parse_axis("a=1..2000"), parse_axis("b=1..2000")],
    ):
        with pytest.raises(InputError):
            grid_points(axes)


def test_rows_are_those_of_estimate_and_are_not_computed_twice(tmp_path: Path) -> None:
    found = carlemanc.sweep(fixed("quartic-pair"), over=OVER, output=tmp_path, processes=1)
    assert found.computed == len(found.rows) == 6
    assert found.failure is None
    for row in found.rows:
        alone = carlemanc.estimate(fixed("quartic-pair", row["overrides"])).to_json()
        assert row["estimate"]["t_count"] == alone["t_count"]
        assert row["estimate"]["logical_qubits"] == alone["logical_qubits"]
    again = sweep(fixed("quartic-pair"), over=OVER, output=tmp_path, processes=1)
    assert again.computed == 0
    assert again.rows == found.rows
    wider = sweep(fixed("quartic-pair"), over=["training.steps=1..4", OVER[1]], output=tmp_path, processes=1)
    assert wider.computed == 2
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 8
    with (tmp_path / "sweep.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [int(line["training.steps"]) for line in table] == [1, 1, 2, 2, 3, 3, 4, 4]
    frame = polars.read_parquet(tmp_path / "sweep.parquet")
    assert frame["toffoli_count"].to_list() == [int(line["toffoli_count"]) for line in table]


def test_points_without_an_estimate_say_why(tmp_path: Path) -> None:
    found = sweep(fixed("quartic-pair"), over=["training.steps=0,1"], output=tmp_path, processes=1)
    assert [row["status"] for row in found.rows] == [2, 0]
    assert "training.steps" in found.rows[0]["message"]
    assert found.failure is None
    assert "1 without an estimate (exit status 2)" in found.to_text()


def test_a_grid_without_a_possible_point_writes_nothing(tmp_path: Path) -> None:
    for over, overrides, said in (
        (["training.steps=0"], [], "training.steps"),
        (["model.m=16,32", "training.steps=1,2"], [], "model.m"),
        (["training.steps=1,2"], ["training.steps=3"], "the same key in --set"),
        (["training.steps=1,2"], [" training . 'steps' = 3"], "the same key in --set"),
    ):
        with pytest.raises(InputError) as caught:
            sweep("quartic-pair", over=over, overrides=overrides, output=tmp_path / "out", processes=1)
        assert said in str(caught.value)
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "wheres"),
    [
        ("solver.epsilon=1e-9999", ["--over solver.epsilon=1e-9999"]),
        ("solver . 'epsilon' = 2", ["--over solver . 'epsilon'=2"]),
        ('training.initial=[0.1, "x"]', ['--over training.initial=[0.1, "x"]']),
        ("training.sta=3", ["--over training.sta=3"]),
        ("training.step=3", ["--over training.step=3"]),
        (f"solver.method={'x' * 200}", [f"--over solver.method={'x' * 66} ..."]),
    ],
)
def test_a_value_of_an_axis_is_named_as_it_was_typed(text: str, wheres: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sweep("quartic-pair", over=[text], overrides=["model.n=0"], output=tmp_path / "out", processes=1)
    assert "--set model.n" in str(caught.value)
    with pytest.raises(InputError) as caught:
        sweep("quartic-pair", over=[text], output=tmp_path / "out", processes=1)
    assert [problem.where for problem in caught.value.problems] == wheres


def test_a_grid_whose_first_points_are_impossible_is_taken() -> None:
    axes = tuple(map(parse_axis, ["carleman.order=0..1", "training.steps=1..150"]))
    _check_points(load_spec("quartic-pair"), axes, list(grid_points(axes)), ())


def test_a_changed_file_is_a_new_row(tmp_path: Path) -> None:
    (tmp_path / "theta.npy").write_bytes(b"one")
    job = Job(
        tables={"training": {"initial": "theta.npy"}}, label="x", base=str(tmp_path), overrides=(), options={}
    )
    first = job.digest
    assert job.digest == first
    (tmp_path / "theta.npy").write_bytes(b"two")
    assert job.digest != first


DATA = """
[loss]
expression = "Sum((y[a] - theta[0]*x[a, 0])**2/(2*m), (a, 0, m-1))"
[model]
n = 1
[data]
source = "d.csv"
[training]
learning_rate = 0.1
steps = 2
initial = [0.1]
[solver]
epsilon = 0.1
[carleman]
order = 1
"""


def with_data(place: Path) -> Path:
    place.mkdir()
    (place / "spec.toml").write_text(DATA)
    (place / "d.csv").write_text("a,b\n1,2\n2,3\n")
    return place / "spec.toml"


def test_a_file_that_an_axis_names_is_an_input(tmp_path: Path) -> None:
    spec = with_data(tmp_path / "in")
    (tmp_path / "in" / "e.csv").write_text("a,b\n1,2\n2,4\n")
    over, output = ["data.source=d.csv,e.csv"], tmp_path / "in" / "out"
    assert sweep(fixed(spec), over=over, output=output, processes=1).computed == 2
    assert sweep(fixed(spec), over=over, output=output, processes=1).computed == 0
    (tmp_path / "in" / "e.csv").write_text("a,b\n1,2\n2,5\n")
    assert sweep(fixed(spec), over=over, output=output, processes=1).computed == 1


def test_data_that_changed_since_an_earlier_sweep_is_told_as_that(tmp_path: Path) -> None:
    spec, output = with_data(tmp_path / "in"), tmp_path / "out"
    sweep(fixed(spec), over=["training.steps=1,2"], output=output, processes=1)
    assert sweep(fixed(spec), over=["training.steps=1,2"], output=output, processes=1).computed == 0
    (tmp_path / "in" / "d.csv").write_text("a,b\n1,2\n2,4\n")
    before = {path: path.read_bytes() for path in output.iterdir()}

    def refused() -> str:
        with pytest.raises(InputError) as caught:
            sweep(fixed(spec), over=["training.steps=1,2"], output=output, processes=1)
        return str(caught.value)

    said = refused()
    assert "the d.csv that results here were made from: the one that the spec names has changed since" in said
    assert f"choose another directory, or remove {output}" in said
    assert "did not write" not in said
    assert {path: path.read_bytes() for path in output.iterdir()} == before
    (output / "d.csv").write_text("a,b\n1,2\n2,9\n")
    assert "the copy of d.csv that carlemanc wrote there, changed since" in refused()
    (output / "sweep.json").unlink()
    assert "no record that carlemanc wrote it" in refused()


def test_a_file_that_changes_during_a_row_gives_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import carlemanc

    spec, output, estimate = with_data(tmp_path / "in"), tmp_path / "out", carlemanc.estimate

    def meanwhile(*args: Any, **options: Any) -> Any:
        found = estimate(*args, **options)
        (tmp_path / "in" / "d.csv").write_text("a,b\n1,2\n2,4\n")
        return found

    monkeypatch.setattr("carlemanc.commands.estimate.estimate", meanwhile)
    with pytest.raises(CheckFailed, match=r"d\.csv has changed while the sweep ran"):
        sweep(fixed(spec), over=["training.steps=1,2"], output=output, processes=1)
    assert (output / "rows.jsonl").read_bytes() == b""


def test_damaged_rows_are_set_aside_and_computed_again(tmp_path: Path) -> None:
    over = ["training.steps=1..3"]
    whole = sweep(fixed("logistic-map-scalar"), over=over, output=tmp_path, processes=1)
    rows = tmp_path / "rows.jsonl"
    lines = rows.read_bytes().splitlines(keepends=True)
    place = lines[1].index(b'"t_count": ') + len(b'"t_count": ')
    flipped = lines[1][:place] + bytes([lines[1][place] ^ 1]) + lines[1][place + 1 :]
    rows.write_bytes(lines[0] + flipped + b"{nonsense\n" + lines[2])
    with pytest.warns(UserWarning, match=r"2 damaged lines are set aside in rows\.jsonl\.damaged"):
        again = sweep(fixed("logistic-map-scalar"), over=over, output=tmp_path, processes=1)
    assert (again.computed, again.rows) == (1, whole.rows)
    assert (tmp_path / "rows.jsonl.damaged").read_bytes() == flipped + b"{nonsense\n"
    assert sorted(rows.read_bytes().splitlines(keepends=True)) == sorted(lines)


def test_a_full_disk_is_one_sentence_and_leaves_whole_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RowStore(tmp_path) as store:
        store.append({"digest": "a"})
        kept = (tmp_path / "rows.jsonl").read_bytes()

        def full(store: RowStore, content: bytes) -> None:
            store._file.write(content[:9])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(RowStore, "_write", full)
        with pytest.raises(InputError, match="No space left on device; the rows so far are kept"):
            store.append({"digest": "b"})
        assert (tmp_path / "rows.jsonl").read_bytes() == kept
        monkeypatch.undo()
        store.append({"digest": "b"})
    with RowStore(tmp_path) as store:
        assert list(store.rows) == ["a", "b"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that does not answer is waited for a second."""
    monkeypatch.setattr("carlemanc.core.workers.PATIENCE", 1)


@pytest.mark.usefixtures("impatient")
def test_an_unreachable_scheduler_writes_nothing(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    for address in ("tcp://127.0.0.1:1", "nonsense", "tcp://", "tcp://127.0.0.1:99999", "ftp://127.0.0.1:1"):
        with pytest.raises(InputError, match="scheduler cannot be reached"):
            sweep("quartic-pair", over=OVER, output=tmp_path / "out", scheduler=address)
        assert list(tmp_path.iterdir()) == []


def test_texts_of_the_table_are_no_formulas(tmp_path: Path) -> None:
    texts = ["=cmd()", "+1+1", "-a", "@sum", "\ta", "\r=a", "\n=a", "\uff1d1", "plain", "'quoted", "a=b"]
    rows = [{"=column": text, "number": -1.5, "big": -BIG, "nothing": None, "flag": True} for text in texts]
    write_csv(rows, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    assert header == ["'=column", "number", "big", "nothing", "flag"]
    expected = [f"'{text}" for text in texts[:8]] + texts[8:]
    assert lines == [[text, "-1.5", str(-BIG), "", "True"] for text in expected]


def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    with RowStore(tmp_path) as store:
        store.append({"digest": "a", "value": BIG})
        store.append({"digest": "a", "value": 0})
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write('{"digest": "b", "val')
    with RowStore(tmp_path) as store:
        assert store.rows == {"a": {"digest": "a", "value": BIG}}
        store.append({"digest": "c", "value": 1})
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert [json.loads(line)["digest"] for line in lines] == ["a", "c"]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with RowStore(tmp_path), pytest.raises(InputError, match="another sweep"):
        RowStore(tmp_path)
    RowStore(tmp_path).close()
    (tmp_path / "rows.jsonl").write_text("[1]\n")


def test_tables_keep_large_integers(tmp_path: Path) -> None:
    rows = [
        flatten({"overrides": ["model.n=4"], "status": 0, "message": "", "estimate": estimate})
        for estimate in ({"t": BIG, "huge": 10**50, "x": None}, {"t": 1, "huge": 2, "x": 0.5, "list": [1]})
    ]
    write_csv(rows, tmp_path / "t.csv")
    write_parquet(rows, tmp_path / "t.parquet")
    with (tmp_path / "t.csv").open() as file:
        table = list(csv.DictReader(file))
    assert int(table[0]["t"]) == BIG
    frame = polars.read_parquet(tmp_path / "t.parquet")
    assert [int(value) for value in frame["t"]] == [BIG, 1]
    assert frame["huge"].to_list() == [str(10**50), "2"]
    assert frame["x"].to_list() == [None, 0.5]


@pytest.mark.usefixtures("impatient")
def test_an_unknown_scheduler_is_one_message() -> None:
    pytest.importorskip("distributed")
    found = engine(processes=1, scheduler="tcp://127.0.0.1:9", lost="")
    with pytest.raises(InputError, match="scheduler cannot be reached"), found:
        pass


def test_a_dask_cluster_computes_the_same_rows(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        dashboard_address=None,
        protocol="tcp",
        host="127.0.0.1",
    ) as cluster:
        there = sweep(
            fixed("quartic-pair"), over=OVER[:1], output=tmp_path / "a", scheduler=cluster.scheduler_address
        )
    here = sweep(fixed("quartic-pair"), over=OVER[:1], output=tmp_path / "b", processes=1)
    assert [row["estimate"] for row in there.rows] == [row["estimate"] for row in here.rows]


def test_compute_row_raises_bugs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(tables={"nonsense": 1}, label="x", base=".", overrides=(), options={})
    assert compute_row(job)["status"] == 2

    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("carlemanc.commands.estimate.estimate", broken)
    spec = carlemanc.load_spec("quartic-pair")
    with pytest.raises(RuntimeError):
        compute_row(Job(tables=spec.to_dict(), label="x", base=str(spec.base), overrides=(), options={}))


@pytest.mark.slow
def test_a_killed_sweep_goes_on_with_no_row_lost_or_doubled(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "carlemanc", "sweep", "quartic-pair", "-o", str(tmp_path)]
    command += fixed_words("quartic-pair")
    command += ["--over", "training.steps=1..12", "--over", "solver.epsilon=0.1,0.05,0.02,0.01"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows = tmp_path / "rows.jsonl"
    for _ in range(600):
        if rows.exists() and len(rows.read_bytes().splitlines()) >= 5:
            break
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = digests(rows)
    assert 5 <= len(kept) < 48
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    after = digests(rows)
    assert after[: len(kept)] == kept
    assert len(after) == len(set(after)) == 48


def digests(path: Path) -> list[Any]:
    def whole(lines: Iterable[bytes]) -> Iterable[bytes]:
        return (line for line in lines if line.endswith(b"\n"))

    return [json.loads(line)["digest"] for line in whole(path.read_bytes().splitlines(keepends=True))]
