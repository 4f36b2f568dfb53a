"""An estimate of a loss of one inner product a sample names its leaves."""

from __future__ import annotations

import json

import numpy as np

from carlemanc.cli._app import main
from tests.fixed import fixed_words

SPEC = """
[loss]
expression = "Sum((y[a] - Sum(x[a,k]*theta[k], (k, 0, n-1)))**4, (a, 0, m-1))/(4*m)"
[model]
n = 16
[data]
source = "data.npz"
[training]
learning_rate = 0.1
steps = 1
initial = { sparse = { "0" = 0.1 } }
[carleman]
order = 3
"""


def test_estimate_shows_the_sample_leaf(tmp_path, capsys):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.normal(size=(4, 16)) / 4, y=rng.normal(size=4))
    spec = tmp_path / "few.toml"
    spec.write_text(SPEC)
    assert main(["estimate", str(spec), "--json", *fixed_words(spec)]) in (0, None)
    leaf = json.loads(capsys.readouterr().out)["leaf"]
    assert leaf["3"] == leaf["2"] == "sample"
