"""Numbers in words against exact decimal arithmetic, over many orders of magnitude."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.present.number_words import (
    BEYOND,
    UNKNOWN,
    chosen,
    count,
    duration,
    percent,
    power_of_ten,
    real,
)

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
SECONDS = {
    "ns": Decimal("1e-9"),
    "μs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "minute": Decimal(60),
    "hour": Decimal(3600),
    "day": Decimal(86400),
    "year": Decimal(31557600),
}
BIG = st.integers(min_value=1, max_value=10**60) | st.integers(1, 10**400)


def read(text: str) -> Decimal:
    """The number that a text shows."""
    found = re.fullmatch(r"(−?)([0-9.,]+)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", text)
    assert found, text
    exponent = int((found[3] or "0").translate(RAISED))
    return Decimal(found[2].replace(",", "")).scaleb(exponent) * (-1 if found[1] else 1)


@given(BIG)
@settings(derandomize=True)
def test_powers_of_ten_of_integers(value: int) -> None:
    for shown in (power_of_ten(value), power_of_ten(-value)):
        assert abs(abs(read(shown)) / value - 1) <= Decimal("0.0051")
        assert re.match(r"−?[1-9]\.\d\d × 10", shown)


@given(BIG)
@settings(derandomize=True)
def test_what_is_counted_has_three_digits_and_what_is_chosen_is_exact(value: int) -> None:
    shown = read(count(value))
    assert abs(shown / value - 1) <= Decimal("0.0051")
    assert len(str(int(shown)).rstrip("0")) <= 3
    assert count(-value) in (f"-{count(value)}", f"−{count(value)}")
    if value < 1000:
        assert count(value) == str(value)
    if value < 10**6:
        assert chosen(value) == f"{value:,}"
    else:
        assert "10" in chosen(value) or value & (value - 1) == 0


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(derandomize=True)
def test_reals_to_some_digits(value: float) -> None:
    for digits, error in ((3, "0.0051"), (6, "1e-5")):
        shown = read(real(value, digits))
        assert shown == 0 if value == 0 else abs(shown / Decimal(value) - 1) <= Decimal(error)


@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**40) | st.integers(1, 10**400))
@settings(derandomize=True)
def test_durations(seconds: Fraction | int) -> None:
    number, _, unit = duration(Fraction(seconds)).rpartition(" ")
    exact = Decimal(Fraction(seconds).numerator) / Decimal(Fraction(seconds).denominator)
    size = SECONDS[unit if unit in SECONDS else unit.removesuffix("s")]
    assert abs(read(number) * size / exact - 1) <= Decimal("0.0051")
    assert (number == "1" and len(unit) > 2) <= (not unit.endswith("s"))


@pytest.mark.parametrize("value", [None, float("nan"), "x", True, {}])
def test_what_is_no_number_is_not_known(value: Any) -> None:
    assert {real(value), duration(value), percent(value), count(value), chosen(value)} == {UNKNOWN}


def test_limits() -> None:
    assert (real(float("inf")), duration(float("inf"))) == (BEYOND, BEYOND)
    assert (duration(0), duration(31557600), duration(60.0)) == ("0 s", "1 year", "1 minute")
    assert (duration(1e-6), duration(0.9999e-6), duration(59.9)) == ("1 μs", "1 μs", "59.9 s")
    assert (percent(0.5), percent(0), percent(1e-9), percent(1)) == ("50 %", "0 %", "below 0.01 %", "100 %")
    assert power_of_ten(9_999_999) == "1.00 × 10⁷"
    assert [count(n) for n in (0, 999, 1004, 1005, 126_344, 999_499, 999_500)] == [
        *("0", "999", "1,000", "1,010", "126,000", "999,000", "1.00 × 10⁶")
    ]
    assert [chosen(n) for n in (0, 2**20, 2**20 + 1, 1_024, 0.015625)] == [
        *("0", "2²⁰", "1.05 × 10⁶", "1,024", "0.015625")
    ]
    assert [real(x) for x in (999.6, 1234.0, 123456.0, 999_999.0)] == [
        "1,000",
        "1,230",
        "123,000",
        "1,000,000",
    ]
