"""Specs as text: TOML that is none or is too much of it, nesting, huge numbers, odd keys, and expressions likewise."""

from __future__ import annotations

import random
from pathlib import Path

from tests.hostile.harness import ROOT, Case, Content
from tests.hostile.material import damaged

WEIGHT = 8

_EXAMPLES = sorted((ROOT / "carlemanc" / "examples").glob("*.toml"))
_KEYS = (
    "model.n",
    "training.steps",
    "training.learning_rate",
    "carleman.order",
    "solver.epsilon",
    "loss.expression",
    "name",
    "training.initial",
    "data.source",
    "network.layers",
    "lost",
    "loss",
    "",
)
_WRONG_TOML = (
    "a = 1\na = 2\n",
    "[a]\n[a]\n",
    "= 1\n",
    "[",
    "[[a]]\n[a]\n",
    "a = 2020-13-45\n",
    "a = 1979-05-27\n",
    "a = 1__0\n",
    "a = 0x_\n",
    "a = +nan\n",
    "a = inf\n",
    'a = "\n',
    "a = '''",
    "\x00",
    "a = \x07\n",
    "\ufeffa = 1\n",
    "a.b = 1\na = 2\n",
    "# only a comment\n",
    "\r",
    "a = {b = 1,}\n",
    "[model]\nn = 2\n[model.n]\nx = 1\n",
    "\u202ename = 'x'\n",
    "name = '\x1b[2J'\n",
)
_ODD_EXPRESSIONS = """\
theta[0]**99999999999
2**99999*theta[0]
9**9**9*theta[0]
theta[0]**33
theta[10**30]
theta[-1]
theta[0]/0
theta[0]/theta[1]
1e999*theta[0]
1e200*theta[0]**4
1e-320*theta[0]**2
0*theta[0]
(1e-200*theta[0])**2
theta[0]*1e308*1e308
Sum(theta[i], (i, 0, 10**12))
Sum(Sum(Sum(theta[i]*theta[j]*theta[k], (i, 0, n-1)), (j, 0, n-1)), (k, 0, n-1))
Sum(theta[i]**2, (i, 5, 1))
Sum(theta[i]**32, (i, 0, n-1))
theta[theta[0]]
theta[0.5]
__import__('os')
theta.__class__
lambda: 1
theta[0] if 1 else 2
theta[0]**-1
theta[0]**0.5
1j*theta[0]
0x10*theta[0]
1_000*theta[0]
x[0,0]*theta[0]
y[0]
\u0661*theta[0]
th\u0435ta[0]""".splitlines()
_EXPRESSION = "theta[]()+-*/,. 0123Sumijn_'\"\\xy^=\u0661\uff11é\n"


def draw(random: random.Random) -> Case:
    """Return a command on a spec whose text is odd."""
    text: Content
    match random.randrange(8):
        case 0:
            text = random.choice(_WRONG_TOML) * random.choice((1, 1, 3))
        case 1:
            text = damaged(random, random.choice(_EXAMPLES).read_bytes())
        case 2:
            text = _deep(random)
        case 3:
            text = _with_line(random, f"{random.choice(_KEYS) or 'k'} = {_huge(random)}\n")
        case 4:
            text = _loss(_wild_expression(random))
        case 5:
            return _override(random)
        case 6:
            text = "".join(random.choice("[]{}=\"\n.#ab1 \\'") for _ in range(random.randrange(60)))
        case _:
            text = _with_line(random, _random_line(random))
    command = random.choice((("derive", "s.toml"), ("analyze", "s.toml"), ("estimate", "s.toml", "--json")))
    return Case(command=command, files={"s.toml": text}, seconds=20)


def _override(draw: random.Random) -> Case:
    """Return `--set` or `--over` with a key or a value that is too much."""
    key = draw.choice((*_KEYS, ".".join("a" * draw.choice((40, 4000))), "a b", "model.n.n", "\x1b[1m"))
    value = draw.choice(
        (_huge(draw), _nested(draw, draw.choice((5, 3000))), "", "2^3", "99^9999", "0x" + "f" * 9000)
    )
    if draw.random() < 0.4:
        over = draw.choice(
            (
                value,
                f"{value},1",
                f"1..{value}",
                f"99^{draw.choice((9999, 10**9))}",
                "9999999^9999..9999999^9999",
            )
        )
        return Case(
            command=(
                "sweep",
                "quartic-pair",
                "--over",
                f"{draw.choice(('model.n', 'lost', 'loss'))}={over}",
                "-o",
                "grid",
            ),
            statuses=frozenset({2, 3}),
        )
    return Case(command=("derive", "quartic-pair", "--set", f"{key}={value}"), seconds=20)


def _huge(draw: random.Random) -> str:
    """Return the text of a number that is long, large, small or of another kind."""
    return draw.choice(
        (
            "9" * draw.choice((5000, 100_000)),
            "0x" + "f" * 8000,
            "0b" + "1" * 20_000,
            "-" + "7" * 4400,
            "1e999",
            "-1e999",
            "1e-999",
            "1" * 400 + ".0",
            "0." + "0" * 5000 + "1",
            "1e200",
            "1e-310",
            "9223372036854775808",
            str(2**200),
            "true",
            "nan",
            "00:00:00",
            "'" + "x" * 200_000 + "'",
        )
    )


def _nested(draw: random.Random, depth: int) -> str:
    opened, closed = draw.choice((("[", "]"), ("{a = ", "}"), ("[{a = ", "}]"), ("(", ")")))
    return opened * depth + draw.choice(("1", "")) + closed * draw.choice((depth, 0))


def _deep(draw: random.Random) -> str:
    """Return a text that is deep or wide: keys, tables, arrays, and expressions of thousands of brackets."""
    depth = draw.choice((50, 1000, 50_000))
    match draw.randrange(7):
        case 0:
            return ".".join("a" * depth) + " = 1\n"
        case 1:
            return f"[{'.'.join('a' * depth)}]\nb = 1\n"
        case 2:
            return f"[[{'.'.join('a' * depth)}]]\n"
        case 3:
            return f"a = {_nested(draw, depth)}\n"
        case 4:
            return "".join(f"k{number} = 1\n" for number in range(min(depth, 20_000)))
        case 5:
            return ".".join('"a"' for _ in range(depth)) + "= 1\n"
    inner = draw.choice(("theta[0]", "-", "theta[0]**2"))
    wraps = draw.choice(
        ("({})", "-{}", "theta[{}]", "({})**2", "Sum({}, (i, 0, n-1))", "1+{}", "{}*theta[0]")
    )
    before, after = wraps.split("{}")
    return _loss(before * depth + inner + after * depth)


def _loss(expression: str) -> str:
    quoted = expression.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return (
        f'[loss]\nexpression = "{quoted}"\n[model]\nn = 2\n'
        "[training]\nlearning_rate = 0.1\nsteps = 2\ninitial = [0.1, 0.2]\n[carleman]\norder = 2\n"
    )


def _wild_expression(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return "".join(draw.choice(_EXPRESSION) for _ in range(draw.randrange(1, 50)))
    if draw.random() < 0.2:
        return draw.choice(
            (f"{'9' * 6000}*theta[0]**2", f"theta[0]**{'9' * 6000}", "+".join(["theta[0]"] * 3000))
        )
    return draw.choice(_ODD_EXPRESSIONS)


def _random_line(draw: random.Random) -> str:
    key = draw.choice(_KEYS) or "k"
    value = draw.choice(
        ("[]", "{}", "''", "0", "-1", "[[[]]]", "[1, 'a']", "{a.b = 1}", "2.5", "[1e400]", "1e-400", "-0.0")
    )
    return f"{key} = {value}\n"


def _with_line(draw: random.Random, line: str) -> str:
    """Return an example with a line before its tables, where a dotted key may be given again."""
    example: Path = draw.choice(_EXAMPLES)
    return line + example.read_text(encoding="utf-8")
