"""What the rows of a sweep say: times against n with the crossover or none, fits where they fit, titles by keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carlemanc.present.page.exponents import FARTHEST
from tests.present.directories import put, row
from tests.present.pages import Page
from tests.present.test_page import check_shape, page_of


def swept_n(
    place: Path, document: dict[str, Any], quantum: Sequence[float], classical: Sequence[float], *more: str
) -> Page:
    """The page of a sweep over n with these seconds."""
    rows = []
    for number, (q, c) in enumerate(zip(quantum, classical, strict=True)):
        estimate = document | {"n": 2 ** (number + 3)}
        estimate["physical"] = document["physical"] | {"seconds_of_all_runs": q}
        estimate["classical_baseline"] = document["classical_baseline"] | {"seconds": c, "crossover": None}
        rows.append(row(number, estimate, f"model.n={2 ** (number + 3)}", *more))
    page = page_of(put(place, rows=rows))
    check_shape(page)
    return page


@pytest.mark.parametrize(
    ("quantum", "classical", "words"),
    [
        ((8.0, 9.0, 10.0), (1.0, 2.0, 4.0), "no crossover from n = 8 to 32; nearest at n = 32, where the quantum runs"),
        ((8.0, 9.0, 10.0), (1.0, 10.0, 40.0), "the quantum time is the shorter one from n = 16 on; at n = 8 it is not"),
        ((8.0, 9.0, 10.0), (9.0, 10.0, 40.0), "the quantum time is the shorter one at every point, n = 8 to 32"),
        ((8.0, 9.0, 10.0), (9.0, 10.0, 4.0), "the quantum time is the shorter one at n = 8, 16 alone"),
    ],
)  # fmt: skip
def test_a_sweep_over_n_draws_both_times_and_says_where_they_cross(
    quantum: Sequence[float], classical: Sequence[float], words: str, document: dict[str, Any], tmp_path: Path
) -> None:
    page = swept_n(tmp_path / "a", document, quantum, classical)
    assert words in page.text
    assert "times-title" in page.ids
    assert "Quantum and classical time against n" in page.text
    assert "Growth with n" in page.text


def test_where_n_is_not_swept_no_times_are_drawn(document: dict[str, Any], tmp_path: Path) -> None:
    rows = [row(t, document | {"T": t}, f"training.steps={t}") for t in (1, 2, 4)]
    page = page_of(put(tmp_path / "a", rows=rows))
    assert "times-title" not in page.ids
    assert "Growth with T" in page.text
    assert "Growth with n" not in page.text


def test_a_power_is_drawn_only_where_the_points_follow_it(document: dict[str, Any], tmp_path: Path) -> None:
    sizes = [8, 16, 32, 64]
    for name, last in (("follows", 1.0), ("leaves", 2.0)):
        counts = [1000 * n for n in sizes]
        counts[-1] = round(counts[-1] * last)
        slope, start = np.polyfit(np.log(sizes), np.log(counts), 1)
        off = np.max(np.abs(np.log(counts) - start - slope * np.log(sizes)))
        rows = [
            row(n, document | {"n": n, "t_of_a_run": count, "logical_qubits": 7}, f"model.n={n}")
            for n, count in zip(sizes, counts, strict=True)
        ]
        page = page_of(put(tmp_path / name, rows=rows))
        (cells,) = [cells for cells in page.rows if cells[:2] == ["n", "–"]]
        assert (off <= np.log(1 + FARTHEST)) == (name == "follows")
        assert cells[2] == (f"{slope:.3g} ± 0" if name == "follows" else "no power")
        described = page.html[page.html.index("axis0-t-gates-desc") :].partition("</desc>")[0]
        assert ("exponent" in described) == (name == "follows")
