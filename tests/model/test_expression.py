"""The whitelist parser: what it accepts, and that everything else is refused quickly and completely."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError
from carlemanc.model.expression.parser import ExpressionError, parse_expression
from carlemanc.model.expression.tree import (
    Add,
    Index,
    Mul,
    Name,
    Neg,
    Number,
    Pow,
    Sum,
    array_names,
    degree_bound,
    free_names,
    sum_indices,
    uses_data,
    uses_weight,
)
from tests.reference import RING

RIDGE = (
    "Sum((y[a] - Sum(x[a, k]*theta[k], (k, 0, n-1)))**2, (a, 0, m-1))/(2*m)"
    " + mu*Sum(theta[k]**2, (k, 0, n-1))"
)

HOSTILE = [
    "",
    "   ",
    "__import__('os').system('true')",
    "__import__(os)",
    "().__class__",
    "theta.__class__",
    "theta[0].real",
    "lambda: 1",
    "lambda z: z",
    "9**9**9",
    "theta[0]**99999999999999",
    "(theta[0]**60)**60",
    "((((9**64)**64)**64)**64)**64",
    "1e99999999999",
    "1e-99999999999",
    "9" * 5000,
    "0x" + "f" * 5000,
    "(" * 400 + "1" + ")" * 400,
    "-" * 10_000 + "1",
    "**".join(["2"] * 4000),
    "+".join(["1"] * 9000),
    "*".join(["1"] * 9000),
    "/".join(["1"] * 9000),
    "1+" * 300_000 + "1",
    "theta[" * 40 + "0" + "]" * 40,
    "théta[0]",
    "theta[0] + 𝟙",
    "theta[0]²",
    "'abc'",
    '"abc"',
    "b'1'",
    "f'{1}'",
    "True",
    "None",
    "1j",
    "...",
    "theta[0] if 1 else 2",
    "[z for z in theta]",
    "(theta[0], 1)",
    "[1, 2]",
    "theta[0:1]",
    "theta[...]",
    "theta[0.5]",
    "theta[theta[0]]",
    "theta[y[0]]",
    "theta[Sum(1, (i, 0, 1))]",
    "theta[0, 1, 2, 3]",
    "x[0]",
    "y[0, 1]",
    "theta",
    "x + theta[0]",
    "Sum",
    "Sum(theta[0])",
    "Sum(theta[i], i, 0, 3)",
    "Sum(theta[i], (i, 0))",
    "Sum(theta[i], (theta, 0, 3))",
    "Sum(theta[n], (n, 0, 3))",
    "Sum(Sum(theta[i], (i, 0, 1)), (i, 0, 1))",
    "Sum(theta[i], (i, 0, 1), (i, 0, 1))",
    "Sum(theta[i], (i, 0, j), (j, 0, i))",
    "Sum(theta[i], (i, 0, i))",
    "Sum(theta[i], (i, 0, theta[0]))",
    "Sum(theta[i], *z)",
    "Sum(theta[i], (i, 0, 1), k=1)",
    "exp(theta[0])",
    "eval(1)",
    "theta[0](1)",
    "theta[0]**-1",
    "theta[0]**0.5",
    "theta[0]**n",
    "1/theta[0]",
    "1/(lam + theta[0])",
    "1/0",
    "theta[0] // 2",
    "theta[0] % 2",
    "theta[0] @ 2",
    "theta[0] ^ 2",
    "theta[0] < 2",
    "theta[0] and 2",
    "~theta[0]",
    "not theta[0]",
    "theta[0] = 1",
    "(z := 1)",
    "theta[0]; 1",
    "theta[0] # comment",
    "theta[0] \\\n + 1",
    "theta[0]\x00",
    "J[0] + J",
    "_z",
    "_z[0]",
    "n[0]",
    "theta[0] theta[1]",
    "1if 2else 3",
    "yield",
    "import os",
    "theta[0",
    "x.y[a]",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[f"{i}-{t[:20]!a}" for i, t in enumerate(HOSTILE)])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert isinstance(caught.value, InputError)
    assert caught.value.exit_status == 2
    assert caught.value.problems
    assert len(str(caught.value)) < 4000


@given(st.text(alphabet="theaxyn0123456789+-*/()[],._ SumJ:'\n", max_size=60))
@settings(deadline=None, max_examples=400)
def test_any_text_gives_a_tree_or_an_expression_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        parse_expression(text)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression("sin(theta[0]) + theta.T + theta[0]**0.5 + 1/theta[1] + Sum(2, (n, 0, 1))")
    assert [problem.where for problem in caught.value.problems] == [
        "expression, column 1",
        "expression, column 17",
        "expression, column 37",
        "expression, column 45",
        "expression, column 63",
    ]


def test_columns_count_from_the_users_text() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression("  theta[0]\n + foo(1)")
    assert caught.value.problems[0].where == "expression, column 15"


def test_the_tree_of_the_ring() -> None:
    tree = parse_expression(RING)
    assert isinstance(tree, Sum)
    assert (tree.var, tree.low) == ("i", Number(Fraction(0)))
    assert tree.high == Add((Name("n"), Neg(Number(Fraction(1)))))
    assert isinstance(tree.body, Add)
    assert Pow(Index("theta", (Name("i"),)), 4) in tree.body.terms[1].factors
    assert free_names(tree) == {"lam", "J"}
    assert uses_weight(tree)
    assert not uses_data(tree)
    assert degree_bound(tree) == 4
    assert sum_indices(tree) == {"i"}


def test_the_names_of_a_data_loss() -> None:
    tree = parse_expression(RIDGE)
    assert free_names(tree) == {"mu"}
    assert array_names(tree) == {"x", "y", "theta"}
    assert uses_data(tree)
    assert not uses_data(parse_expression("Sum(J[a]*theta[a], (a, 0, n - 1))"))
    assert uses_data(parse_expression("theta[0]**2/m"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", "1/10"),
        (".5", "1/2"),
        ("1.", "1"),
        ("1_000", "1000"),
        ("2.5e-3", "1/400"),
        ("1E2", "100"),
        ("0x10", "16"),
    ],
)
def test_numbers_are_exact(text: str, value: str) -> None:
    assert parse_expression(text) == Number(Fraction(value))


def test_ranges_nest_whatever_their_order() -> None:
    inner_first = parse_expression("Sum(theta[i]*theta[j], (i, 0, j), (j, 0, n-1))")
    outer_first = parse_expression("Sum(theta[i]*theta[j], (j, 0, n-1), (i, 0, j))")
    assert inner_first == outer_first
    assert isinstance(inner_first, Sum)
    assert inner_first.var == "j"
    assert isinstance(inner_first.body, Sum)
    assert inner_first.body.var == "i"


def test_left_to_right_division_and_subtraction() -> None:
    tree = parse_expression("1 - 2 - 3")
    assert tree == Add((Number(Fraction(1)), Neg(Number(Fraction(2))), Neg(Number(Fraction(3)))))
    assert isinstance(parse_expression("theta[0]/2/3"), Mul)


def test_long_flat_sums_are_accepted() -> None:
    text = " + ".join(f"{k}*theta[{k}]**2" for k in range(400))
    assert degree_bound(parse_expression(text)) == 2


def test_an_expression_may_span_lines() -> None:
    assert parse_expression("\n theta[0]\n  + 1\n") == parse_expression("theta[0] + 1")


def test_parsing_imports_nothing_heavy() -> None:
    code = (
        "import sys; from carlemanc.model.expression.parser import parse_expression; parse_expression('y[0]');"
        "heavy = {'numpy', 'scipy', 'sympy', 'qualtran', 'cirq', 'qiskit', 'torch'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
