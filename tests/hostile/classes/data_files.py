"""Data of a loss from csv, npz, npy and parquet: texts that look like numbers, types that are none, damaged files."""

from __future__ import annotations

import datetime
import decimal
import io
import random
from typing import Any

import numpy as np
import polars as pl

from tests.fixed import fixed_words
from tests.hostile.harness import Case, Content
from tests.hostile.material import (
    DTYPES,
    LIES,
    NUMBERS,
    OTHER_FILES,
    archive,
    array_of,
    bomb,
    damaged,
    npy,
    npz,
)

WEIGHT = 6

_SPEC = """[loss]
expression = "Sum((Sum(x[a, k]*theta[k], (k, 0, n-1)) - y[a])**2, (a, 0, m-1))/(2*m)"
[model]
n = 1
[data]
source = "{source}"
{more}
[training]
learning_rate = 0.1
steps = 2
initial = [0.1]
[carleman]
order = 2
"""
_FIELDS = """\
1_000|\u0661\u0662|\uff11\uff12|0x10|nan|inf|-inf|+5|1,000|1e400|1e-400|1e308|-1e308|5e-324|NULL|NA| |\u00a01|1 2|1.2.3
٫5|½|1e|--1|+|.|1.|.5|1d5|1f|True|2024-01-01|12:00|$5|50%|1e+05|0001|-0|=1+1|"1"|'1'|1;2|\u22121|\x1b[31m1|\x00|1e1000000000"""
_VALUES = [field for line in _FIELDS.split("\n") for field in line.split("|")]


_NAMED = fixed_words("ridge-diabetes")
"""Nothing is left to a search."""


def draw(random: random.Random) -> Case:
    """Return a command on a spec whose data is odd."""
    kind = random.choice(("csv", "csv", "npz", "npy", "parquet", "parquet"))
    make = {"csv": _csv, "npz": _npz, "npy": _npy, "parquet": _parquet}[kind]
    content = random.choice(OTHER_FILES) if random.random() < 0.1 else make(random)
    more = random.choice(
        ("", "", "standardize = true", "samples = 1", "features = ['a']", "target = 'a'", "samples = 10000")
    )
    command = random.choice(
        (
            ("derive", "s.toml"),
            ("derive", "s.toml"),
            ("analyze", "s.toml", "--json"),
            ("estimate", "s.toml", *_NAMED),
        )
    )
    return Case(
        command=command, files={"s.toml": _SPEC.format(source=f"d.{kind}", more=more), f"d.{kind}": content}
    )


def _csv(draw: random.Random) -> Content:
    header = draw.choice(
        (
            "a,b",
            "a,b",
            "a,b",
            "a,a",
            "1,2",
            "a",
            "",
            "a,b,c",
            "\uff11,\u0662",
            '"a,b',
            "a\x1b[31m,b",
            "=cmd(),b",
        )
    )
    rows = [
        [draw.choice(("1", "2.5", "-3e2")), draw.choice(("0", "1"))]
        for _ in range(draw.choice((0, 1, 3, 3, 5)))
    ]
    for _ in range(draw.choice((0, 1, 2)) if rows else 0):
        draw.choice(rows)[draw.randrange(2)] = draw.choice(_VALUES)
    text = "\n".join([header, *(",".join(row) for row in rows)]) + draw.choice(("\n", ""))
    match draw.randrange(8):
        case 0:
            return text.encode(draw.choice(("utf-16", "utf-8-sig", "utf-7", "cp1252")), "replace")
        case 1:
            return damaged(draw, text.encode())
        case 2:
            return text + draw.choice(("x" * 200_000, "," * 5000, '"', "\r\r\r", "1,2,3\n", "\x00"))
    return text


def _npz(draw: random.Random) -> Content:
    arrays: dict[str, Any] = {"x": np.array([[1.0], [2.0], [4.0]]), "y": np.array([0.5, 1.0, 3.0])}
    name = draw.choice("xy")
    match draw.randrange(7):
        case 0:
            return damaged(draw, npz(arrays))
        case 1:
            return archive(
                {f"{key}.npy": npy(array) for key, array in arrays.items()}
                | {f"{name}.npy": draw.choice(LIES)}
            )
        case 2:
            arrays[name] = array_of(draw, arrays[name].shape, draw.choice(DTYPES))
        case 3:
            arrays[name] = array_of(draw, draw.choice(((0,), (3, 3, 3), (), (2,), (3, 0))), "f8")
        case 4:
            arrays[name].reshape(-1)[1] = draw.choice(NUMBERS)
        case 5:
            return bomb("x.npy") if draw.random() < 0.1 else archive({"x": b"1", "y.npy": npy(arrays["y"])})
        case _:
            arrays[name] = arrays[name].astype("g") * np.longdouble(draw.choice(("1e400", "1e-400", "1e300")))
    return npz(arrays)


def _npy(draw: random.Random) -> Content:
    table = np.array([[1.0, 0.5], [2.0, 1.0], [4.0, 3.0]])
    match draw.randrange(5):
        case 0:
            return damaged(draw, npy(table))
        case 1:
            return draw.choice(LIES)
        case 2:
            return npy(array_of(draw, draw.choice(((3, 2), (3,), (3, 2, 1), (0, 2))), draw.choice(DTYPES)))
        case 3:
            return npy(np.asfortranarray(table)[:: draw.choice((1, -1))])
    table[1, 1] = draw.choice(NUMBERS)
    return npy(table)


def _parquet(draw: random.Random) -> Content:
    days = [datetime.datetime(2024, 1, day) for day in (1, 2, 3)]
    odd = draw.choice(
        (
            pl.Series([1, 2, 3], dtype=draw.choice((pl.Int8, pl.UInt64, pl.Float32, pl.Float64))),
            pl.Series(days, dtype=pl.Datetime(draw.choice(("ns", "us", "ms")))),
            pl.Series(days, dtype=pl.Datetime("us", "UTC")),
            pl.Series([day.date() for day in days]),
            pl.Series([day.time() for day in days]),
            pl.Series([day - days[0] for day in days], dtype=pl.Duration(draw.choice(("ns", "us")))),
            pl.Series([b"1", b"2", b"3"]),
            pl.Series(["1", "2", "3"]),
            pl.Series(["1", "2", "1"], dtype=pl.Categorical),
            pl.Series([True, False, True]),
            pl.Series([decimal.Decimal("1.5"), decimal.Decimal(2), None]),
            pl.Series([{"p": 1}, {"p": 2}, {"p": 3}]),
            pl.Series([[1], [2], [3]]),
            pl.Series([None, None, None]),
            pl.Series([1.0, None, float("nan")]),
            pl.Series([1.0, draw.choice(NUMBERS), 2.0]),
            pl.Series([2**63, 2**64 - 1, 0], dtype=pl.UInt64),
        )
    )
    columns = (
        {"a": pl.Series([1.0, 2.0, 3.0]), "b": odd}
        if draw.random() < 0.7
        else {"a": odd, "b": pl.Series([1, 2, 3])}
    )
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    content = file.getvalue()
    return damaged(draw, content) if draw.random() < 0.3 else content
