"""Maps as text and as LaTeX."""

from __future__ import annotations

import numpy as np

from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.map_text import describe, latex

CHAIN = "Sum(theta[i]**2/2 + lam*theta[i]**4/4, (i, 0, n-1)) - Sum(J*theta[i]*theta[i+1], (i, 0, n-2))"


def chain(n: int, center: float = 0.0) -> object:
    return derive_map(
        parse_expression(CHAIN),
        n=n,
        learning_rate=0.1,
        center=np.full(n, center),
        parameters={"lam": 1.0, "J": 0.3},
        source="two coupled wells",
    )


def test_the_description_of_a_pair() -> None:
    assert describe(chain(2)).splitlines() == [
        "map        two coupled wells",
        "weights    n = 2, degree q = 3",
        "center     zero",
        "step       u <- u + sum_l F_l u^(x)l, u = theta - center, eta = 0.1",
        "F_1        4 entries, ||I + F_1|| = 0.93",
        "F_3        2 entries, ||F_3|| = 0.1",
        "",
        "u_0 <- u_0 - 1/10 u_0 + 3/100 u_1 - 1/10 u_0^3",
        "u_1 <- u_1 + 3/100 u_0 - 1/10 u_1 - 1/10 u_1^3",
    ]


def test_latex_of_a_pair() -> None:
    assert latex(chain(2)) == (
        "\\begin{align*}\n"
        r"  u_{0}(t+1) &= u_{0} - \tfrac{1}{10}\,u_{0} + \tfrac{3}{100}\,u_{1} - \tfrac{1}{10}\,u_{0}^{3} \\"
        "\n"
        r"  u_{1}(t+1) &= u_{1} + \tfrac{3}{100}\,u_{0} - \tfrac{1}{10}\,u_{1} - \tfrac{1}{10}\,u_{1}^{3}"
        "\n\\end{align*}"
    )


def test_long_maps_are_cut() -> None:
    text = describe(chain(40, center=0.25))
    assert "(24 more weights)" in text
    assert len(text.splitlines()) < 32
    assert "center     (0.25" in text
    assert r"\vdots" in latex(chain(40))
    everything = derive_map(
        parse_expression("Sum(theta[i], (i, 0, n-1))**2/1e-7"), n=40, learning_rate=1.0, center=np.zeros(40)
    )
    assert "(16 more terms)" in describe(everything)
    assert r"\dots" in latex(everything)
