"""Tables whose columns never meet, numbers in one format, words that wrap: whatever is put in."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.present.text.amounts import EXACT_TO, amount, duration, size
from carlemanc.present.text.layout import facts, table, wrapped

integers = st.integers(-(10**40), 10**40)
numbers = st.one_of(
    integers,
    st.floats(allow_nan=False, allow_infinity=False),
    st.fractions(min_value=0).map(lambda value: value * 10**350),
)
word = st.text("abcdefgh_", min_size=1, max_size=70)
words = st.lists(word, min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(words, integers, numbers, words, integers), min_size=1, max_size=8),
    width=st.integers(20, 160),
    cut=st.booleans(),
    indent=st.sampled_from(["", "  "]),
)
def test_columns_never_meet_and_numbers_are_whole(
    rows: list[tuple[str, int, float, str, int]], width: int, cut: bool, indent: str
) -> None:
    heads = ("part", "T", "seconds", "how", "qubits")
    cells = [(name, str(t), amount(time), how, str(last)) for name, t, time, how, last in rows]
    lines = table(heads, cells, width, words=(0, 3), indent=indent, cut=cut)
    is_table = lines[0].split() == list(heads)
    found = [re.split(r" {2,}|: ", line.strip()) for line in lines]
    for row in cells:
        for place in (1, 2, 4):
            assert any(row[place] in parts for parts in found)
    if is_table:
        whole = [parts for parts in found[1:] if len(parts) == len(heads)]
        assert len(whole) == len(cells)
        assert [(parts[1], parts[2], parts[4]) for parts in whole] == [
            (row[1], row[2], row[4]) for row in cells
        ]
        assert max(map(len, lines)) <= width
        if cut:
            assert len(lines) == 1 + len(cells)
        else:
            put_in = "".join([*heads, *(cell for row in cells for cell in row)])
            assert sorted("".join("".join(lines).split())) == sorted("".join(put_in.split()))
    else:
        assert all(len(line) <= width or re.search(r"[-\d.e+]{8,}$", line) for line in lines)


@given(told=words, width=st.integers(20, 160), most=st.integers(1, 4))
def test_words_wrap_in_as_many_lines_as_they_may(told: str, width: int, most: int) -> None:
    lines = wrapped(told, width, first="label  ", after="       ")
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "label" + told.replace(" ", "")
    short = wrapped(told, width, first="label  ", after="       ", most=most)
    assert len(short) == min(most, len(lines))
    assert max(map(len, short)) <= width
    assert short[-1].endswith("...") == (len(lines) > most)
    assert max(map(len, facts([("label", told), ("a", told)], width, most=most))) <= width


@given(value=numbers)
def test_an_amount_is_the_number_to_three_digits(value: float | Fraction) -> None:
    told = amount(value)
    if isinstance(value, int) and abs(value) <= EXACT_TO:
        assert told == str(value)
    else:
        assert re.fullmatch(r"-?(0|\d\.?\d{0,2}(e[-+]\d{2,})?|\d{2,3}|\d{2}\.\d|0\.0{0,3}[1-9]\d{0,2})", told)
        exact, found = Fraction(value), Fraction(told)
        assert abs(found - exact) <= Fraction(51, 10_000) * abs(exact)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1000000, "1000000"),
        (1000001, "1e+06"),
        (2**60, "1.15e+18"),
        (999999999, "1e+09"),
        (None, "-"),
        (float("nan"), "not known"),
        (float("inf"), "inf"),
        (-0.00012345, "-0.000123"),
    ],
)
def test_amounts_at_the_edges(value: float | None, told: str) -> None:
    assert amount(value) == told


def test_times_have_a_unit_that_one_can_picture() -> None:
    assert duration(119.0) == "119 s"
    assert duration(120.0) == "120 s (2 min)"
    assert duration(Fraction(3600)) == "3.6e+03 s (1 h)"
    assert duration(Fraction(10) ** 400) == "1e+400 s (3.17e+392 years)"
    assert duration(float("inf")) == "inf s"
    assert duration(0) == "0 s"


def test_what_was_asked_for_is_not_rounded() -> None:
    assert [size(2**60), size(2**60 + 1), size(10**6), size(0)] == [
        "2^60",
        "1152921504606846977",
        "1000000",
        "0",
    ]
