"""Data sources: every format gives the same data, selections follow the contract, faults are named."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets

from carlemanc.core.errors import InputError, InternalError
from carlemanc.model.data.data_set import DataSet, _standardized, load_data

X = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5], [4.0, 2.0]])
Y = np.array([0.5, 1.5, -2.0, 3.0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "\n".join(f"{a}, {b},{y}" for (a, b), y in zip(X.tolist(), Y.tolist(), strict=True))
    (tmp_path / "d.csv").write_text("p, q,r\n" + rows + "\n")
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    np.save(tmp_path / "d.npy", np.column_stack((X, Y)))
    pl.DataFrame({"p": X[:, 0], "q": X[:, 1], "r": Y}).write_parquet(tmp_path / "d.parquet")
    return tmp_path


@pytest.mark.parametrize("name", ["d.csv", "d.npz", "d.npy", "d.parquet"])
def test_every_format_gives_the_same_data(folder: Path, name: str) -> None:
    data = load_data(name, base=folder)
    assert np.array_equal(data.x, X)
    assert np.array_equal(data.y, Y)
    assert data.samples == 4
    assert data.feature_names == (("p", "q") if name in {"d.csv", "d.parquet"} else ("x0", "x1"))


def test_features_samples_and_target_choose_columns_and_rows(folder: Path) -> None:
    data = load_data("d.csv", base=folder, features=1, samples=3)
    assert np.array_equal(data.x, X[:3, :1])
    swapped = load_data("d.csv", base=folder, features=["r", "q"], target="p")
    assert np.array_equal(swapped.x, np.column_stack((Y, X[:, 1])))
    assert np.array_equal(swapped.y, X[:, 0])
    assert load_data("d.csv", base=folder, target="q").feature_names == ("p", "r")


def test_standardization_is_over_what_is_kept(folder: Path) -> None:
    data = load_data("d.npz", base=folder, samples=3, standardize=True)
    np.testing.assert_allclose(data.x, (X[:3] - X[:3].mean(0)) / X[:3].std(0), atol=1e-15)
    np.testing.assert_allclose(data.y, (Y[:3] - Y[:3].mean()) / Y[:3].std(), atol=1e-15)


def test_a_constant_column_is_only_centered(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", x=np.full((7, 1), 0.1), y=np.arange(7))
    data = load_data("c.npz", base=tmp_path, standardize=True)
    assert np.array_equal(data.x, np.zeros((7, 1)))


def test_shuffling_permutes_the_kept_rows(folder: Path) -> None:
    data = load_data("d.npz", base=folder, samples=3, shuffle=True, seed=7)
    order = np.random.default_rng(7).permutation(3)
    assert np.array_equal(data.y, Y[:3][order])
    assert np.array_equal(data.x, X[:3][order])


def test_sklearn_data() -> None:
    bunch = datasets.load_diabetes()
    data = load_data("sklearn:diabetes", base=Path(), features=["bmi", "s5"], samples=64)
    assert np.array_equal(data.x, bunch.data[:64][:, [2, 8]])
    assert np.array_equal(data.y, bunch.target[:64])
    assert load_data("sklearn:digits", base=Path()).x.shape == (1797, 64)
    assert load_data("sklearn:linnerud", base=Path(), target="Waist").x.shape == (20, 3)


def test_one_dimensional_x_is_one_feature(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", x=np.arange(3), y=np.arange(3).reshape(3, 1))
    assert load_data("v.npz", base=tmp_path).x.shape == (3, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p,y\n1,2\nnan,3\n", "nan in column 'p', row 2"),
        ("p,y\n1,2\n,3\n", "a missing value in column 'p', row 2"),
        ("p,y\n1,inf\n", "inf in column 'y', row 1"),
        ("p,y\n1,red\n", "red in column 'y'"),
        ("p,y\n1\n", "row 1 of the data has 1 fields"),
        ("1,2\n3,4\n", "name the columns"),
        ("p,p\n3,4\n", "repeat"),
        ("y\n3\n", "one column"),
        ("", "empty"),
        ("p,y\n", "no rows"),
        ("p,y\n\xff\n", "fields"),
    ],
)
def test_faults_of_a_csv(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_data("d.csv", base=tmp_path)


@pytest.mark.parametrize("name", ["d.csv", "d.parquet", "d.npz", "d.npy"])
@pytest.mark.parametrize("samples", [None, 3])
def test_a_table_of_no_rows_is_a_fault_of_its_source(tmp_path: Path, name: str, samples: int | None) -> None:
    import polars

    (tmp_path / "d.csv").write_text("p,y\n")
    polars.DataFrame({"p": [], "y": []}, schema={"p": polars.Float64, "y": polars.Float64}).write_parquet(
        tmp_path / "d.parquet"
    )
    np.savez(tmp_path / "d.npz", x=np.empty((0, 2)), y=np.empty(0))
    np.save(tmp_path / "d.npy", np.empty((0, 2)))
    with pytest.raises(InputError) as caught:
        load_data(name, base=tmp_path, samples=samples)
    (problem,) = caught.value.problems
    assert (problem.where, problem.found, problem.allowed) == (
        "data.source",
        f"{name}: columns with no rows",
        "a file with at least one row of numbers",
    )


def test_text_in_columns_that_are_not_used_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("name,p,y\nann,1,2\nbob,3,4\n")
    assert load_data("d.csv", base=tmp_path, features=["p"]).x.tolist() == [[1.0], [3.0]]


@pytest.mark.parametrize(
    ("source", "rest", "message"),
    [
        ("absent.csv", {}, "no file"),
        ("d.txt", {}, "sklearn:NAME or a file"),
        ("sklearn:diabets", {}, 'did you mean "sklearn:diabetes"'),
        ("sklearn:linnerud", {}, "several target columns"),
        ("d.csv", {"features": 3}, "1 to 2"),
        ("d.csv", {"features": 0}, "1 to 2"),
        ("d.csv", {"features": ["p", "z"]}, "'z'"),
        ("d.csv", {"features": ["r"]}, "'r'"),
        ("d.csv", {"samples": 5}, "1 to 4 rows"),
        ("d.csv", {"target": "z"}, "one of p, q, r"),
        ("d.npz", {"target": "x0"}, "one of y"),
        ("bad.npz", {}, "bad.npz"),
        ("no-y.npz", {}, "no array y"),
        ("shapes.npz", {}, "are needed"),
        ("objects.npz", {}, "pickle"),
        ("bad.parquet", {}, "bad.parquet"),
        ("flat.npy", {}, "two dimensions"),
    ],
)
def test_faults_of_a_source(folder: Path, source: str, rest: dict[str, object], message: str) -> None:
    (folder / "bad.npz").write_bytes(b"not an archive")
    (folder / "bad.parquet").write_bytes(b"not a parquet file")
    (folder / "d.txt").write_text("x")
    np.savez(folder / "no-y.npz", x=X)
    np.savez(folder / "shapes.npz", x=X, y=Y[:2])
    np.savez(folder / "objects.npz", x=np.array([None]), y=Y)
    np.save(folder / "flat.npy", Y)
    with pytest.raises(InputError, match=message) as caught:
        load_data(source, base=folder, **rest)
    assert caught.value.problems


def test_several_faults_are_reported_together(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_data("d.csv", base=folder, features=9, samples=9, target="z")
    assert [problem.where for problem in caught.value.problems] == [
        "data.target",
        "data.features",
        "data.samples",
    ]


def test_a_data_set_holds_its_own_read_only_arrays() -> None:
    source = X.copy()
    data = DataSet(x=source, y=Y, feature_names=("p", "q"))
    source[0, 0] = 99
    assert data.x[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 2
    with pytest.raises(InternalError):
        DataSet(x=X, y=Y[:2], feature_names=("p", "q"))


@pytest.mark.parametrize("huge", ["1e308", "1.7e308", "1e100", "1e-100", "1e-307"])
def test_standardization_is_the_same_at_every_size(tmp_path: Path, huge: str) -> None:
    """Means and deviations of huge or tiny columns neither overflow nor vanish: y is 1, -1 and x is -1, 1."""
    (tmp_path / "d.csv").write_text(f"a,b\n1,{huge}\n2,0\n")
    data = load_data("d.csv", base=tmp_path, standardize=True)
    assert data.x.tolist() == [[-1.0], [1.0]]
    assert data.y.tolist() == [1.0, -1.0]


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6), st.integers(-900, 900))
def test_standardization_does_not_depend_on_the_unit(values: list[float], exponent: int) -> None:
    column = np.round(np.array(values)[:, None], 3)
    assert np.array_equal(_standardized(column), _standardized(np.ldexp(column, exponent)))


NO_NUMBERS = [
    "1_000",
    "\u0661\u0662",
    "\uff11\uff12",
    "0x10",
    "nan",
    "inf",
    "1,000",
    "1e400",
    "1e-400",
    "\u00a01",
    "1 2",
    "True",
]


@pytest.mark.parametrize("field", NO_NUMBERS)
def test_texts_that_only_look_like_numbers(tmp_path: Path, field: str) -> None:
    (tmp_path / "d.csv").write_text(f'p,y\n1,2\n"{field}",3\n', encoding="utf-8")
    with pytest.raises(InputError, match="in column 'p', row 2"):
        load_data("d.csv", base=tmp_path)


def test_numbers_in_every_usual_form(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text('p,y\n+5,.5\n"-0", 1. \n1e3,2.5E-2\n')
    data = load_data("d.csv", base=tmp_path)
    assert data.x[:, 0].tolist() == [5.0, 0.0, 1000.0]
    assert data.y.tolist() == [0.5, 1.0, 0.025]


DAYS = [dt.datetime(2024, 1, day) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pl.Series(DAYS, dtype=pl.Datetime("ns")), "Datetime"),
        (pl.Series([day.date() for day in DAYS]), "Date"),
        (pl.Series([day.time() for day in DAYS]), "Time"),
        (pl.Series([day - DAYS[0] for day in DAYS], dtype=pl.Duration("us")), "Duration"),
        (pl.Series([b"1", b"2", b"3"]), "Binary"),
        (pl.Series(["1", "2", "3"]), "String"),
        (pl.Series(["1", "2", "1"], dtype=pl.Categorical), "Categorical"),
        (pl.Series([{"p": 1}, {"p": 2}, {"p": 3}]), "Struct"),
        (pl.Series([[1], [2], [3]]), "List"),
        (pl.Series([1.0, None, 2.0]), "a missing value"),
        (pl.Series([1.0, float("nan"), 2.0]), "nan"),
    ],
)
def test_parquet_columns_that_are_no_numbers(tmp_path: Path, series: pl.Series, kind: str) -> None:
    pl.DataFrame({"p": series, "q": [1, 2, 3], "y": [1.0, 2.0, 3.0]}).write_parquet(tmp_path / "d.parquet")
    with pytest.raises(InputError, match=f"{kind}.* in column 'p'"):
        load_data("d.parquet", base=tmp_path)
    assert load_data("d.parquet", base=tmp_path, features=["q"]).x.tolist() == [[1.0], [2.0], [3.0]]


def test_parquet_columns_that_are_numbers(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "b": [True, False],
            "d": [decimal.Decimal("1.5"), decimal.Decimal(2)],
            "y": pl.Series([7, 9], dtype=pl.UInt8),
        }
    )
    frame.write_parquet(tmp_path / "d.parquet")
    data = load_data("d.parquet", base=tmp_path)
    assert data.x.tolist() == [[1.0, 1.5], [0.0, 2.0]]
    assert data.y.tolist() == [7.0, 9.0]


def test_a_huge_csv_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "d.csv").open("wb") as file:
        file.write(b"p,y\n1,2\n")
        file.truncate(20 * 10**9)
    with pytest.raises(InputError, match="at most 200,000,000 of a csv file"):
        load_data("d.csv", base=tmp_path)


def test_a_column_of_words_is_left_out_by_naming_the_others(tmp_path: Path) -> None:
    """The refusal shows the way on, which then works."""
    (tmp_path / "flats.csv").write_text(
        "area,district,rooms,price\n1,north,2,3\n2,south,1,4\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_data("flats.csv", base=tmp_path)
    (problem,) = caught.value.problems
    assert problem.help == 'leave it out: data.features = ["area", "rooms"]'
    found = load_data("flats.csv", base=tmp_path, features=["area", "rooms"])
    assert found.x.tolist() == [[1, 2], [2, 1]]
