"""Every program that says it applies answers as gradient descent does, by nothing but the text of the loss."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.classical.registry import PROGRAMS, program_named
from tests.classical.asking import TextLoss, asked
from tests.classical.specs import SPECS

EXACT = [name for name in PROGRAMS if name in {"dense", "support", "cone", "symmetry"}]


@pytest.mark.parametrize("name", SPECS)
def test_exact_programs_agree_with_gradient_descent(name: str) -> None:
    spec = SPECS[name]
    site = "theta[{}]".format(",".join("2" for _ in spec["model"].get("dims", "i")))
    asks = (None, {"loss": "loss"}, {"slope": "gradient_norm"}, {"site": site, "square": f"{site}**2 + 1"})
    first = asked(spec)
    end = _descended(spec, first.lifted)
    text = _text(spec, first.lifted)
    applied = set()
    for values in asks:
        question = asked(spec, values=values)
        for program in map(program_named, EXACT):
            cost = program.cost(question)
            if cost.flops is None:
                assert cost.reason
                continue
            applied.add(program.name)
            answer = program.run(question)
            if values is None:
                told = np.array(question.lifted.center)
                assert answer.sites is not None
                told[answer.sites] = answer.theta
                assert told == pytest.approx(end, abs=1e-12), program.name
                continue
            wanted = {
                "loss": text(end).real,
                "slope": float(np.linalg.norm(text.gradient(end))),
                "site": end.reshape(spec["model"].get("dims", [-1]))[
                    (2,) * len(spec["model"].get("dims", "i"))
                ],
            }
            wanted["square"] = wanted["site"] ** 2 + 1
            for key, value in answer.values.items():
                assert value.value == pytest.approx(wanted[key], abs=1e-12), (program.name, key)
                assert value.error_bar == 0.0
    assert "dense" in applied


def _text(spec, lifted, rows=(0, None)) -> TextLoss:
    vocabulary = lifted.training.vocabulary
    names = {}
    if vocabulary.data is not None:
        x, y = vocabulary.data.x[slice(*rows)], vocabulary.data.y[slice(*rows)]
        names = {"x": x, "y": y, "m": len(y)}
    dims = spec["model"].get("dims", [lifted.n])
    return TextLoss(spec["loss"]["expression"], dims, spec["loss"].get("boundary", "periodic"), names)


def _descended(spec, lifted) -> np.ndarray:
    theta, rows = np.array(lifted.start), lifted.training.rows or ((0, None),)
    for step in range(lifted.steps):
        theta = _text(spec, lifted, rows[step % len(rows)]).descend(theta, 0.1, 1)
        noise = lifted.training.noise
        theta = theta if noise is None else theta + noise[step]
    return theta
