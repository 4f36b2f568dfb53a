"""Axes: order and places of numbers of any size, ticks inside the axis."""

from fractions import Fraction
from math import isfinite, log10

from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.present.figures.axis import Axis, has_place
from carlemanc.present.figures.charts import Series, line_chart

NUMBERS = st.integers(-5, 10**400) | st.floats(-1e6, 1e300) | st.sampled_from([2**k for k in range(40)])


@given(st.lists(NUMBERS, min_size=1, max_size=9))
@settings(derandomize=True)
def test_places_and_ticks(values: list[int | float]) -> None:
    values = [value for value in values if has_place(value, max(values))]
    axis = Axis(values)
    low, high = axis.limits()
    assert isfinite(low)
    assert low < high
    places = [axis.place(value) for value in sorted(values, key=Fraction)]
    assert places == sorted(places)
    assert all(low <= place <= high for place in places)
    ticks, labels = axis.ticks()
    assert len(ticks) == len(labels) <= 14
    assert ticks == sorted(ticks)
    assert all(isfinite(tick) for tick in ticks)


def test_logarithms_are_those_of_the_numbers() -> None:
    axis = Axis([16, 2**27])
    assert axis.is_log
    assert axis.place(10**3) == log10(10**3)
    assert axis.ticks()[1] == ["2⁴", "2⁸", "2¹²", "2¹⁶", "2²⁰", "2²⁴"]
    assert Axis([10**350, 3 * 10**350]).place(10**350) == 350


def test_a_chart_of_numbers_beyond_floats() -> None:
    points = tuple((2**k, 10 ** (300 + 40 * k)) for k in range(4, 9))
    words = {"title": "a", "description": "b", "x_label": "n", "y_label": "T"}
    lines = [Series(label="x", points=points), Series(label="zero", points=((16, 0),))]
    svg = line_chart("a", series=lines, **words)
    assert "not drawn, having no logarithm: 1" in svg
    assert "10⁴" in svg or "10⁵" in svg
    assert "nan" not in svg
    assert "inf" not in svg
