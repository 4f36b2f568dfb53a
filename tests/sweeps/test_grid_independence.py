"""A point of a grid has one estimate, whichever points were computed before it in the process."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings

import pytest

from carlemanc.commands.estimate import estimate
from carlemanc.core.json_text import json_text
from carlemanc.spec.loading import load_spec
from tests.fixed import named

SPECS = [
    ("quartic-pair",),
    ("ridge-diabetes",),
    ("quartic-ring", "model.n=16"),
    ("cubic-pair", 'solver.method="march"'),
]
ALONE = """
import sys, warnings
from carlemanc.core.json_text import json_text
from carlemanc.commands.estimate import estimate
warnings.simplefilter("ignore")
print(json_text(estimate(sys.argv[1], overrides=sys.argv[2:]).to_json()))
"""


@pytest.mark.parametrize("spec", SPECS, ids=" ".join)
def test_an_estimate_does_not_remember_the_ones_before(spec):
    name, *given = spec
    overrides = [*named(load_spec(name, given)), *given]
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for steps in (1, 2, 4, 3):
            document = estimate(name, overrides=[*overrides, f"training.steps={steps}"]).to_json()
            found[steps] = json.loads(json_text(document))
    command = [sys.executable, "-c", ALONE, name, *overrides, "training.steps=3"]
    alone = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    assert found[3] == json.loads(alone.stdout)
