"""A segment of a schedule is what a spec of its own would be, whose weights and mask are files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carlemanc import estimate
from carlemanc.core.errors import CheckFailed
from carlemanc.model.upload import Upload
from carlemanc.sources.systems import lifted_of
from carlemanc.sources.training import build_training
from carlemanc.spec.loading import load_spec
from carlemanc.training.loop import train
from tests.fixed import fixed

LOSS = {
    "name": "loss",
    "loss": {
        "expression": "Sum(theta[i]**2/2 + theta[i]**3/10, (i, 0, n-1)) - theta[0]*theta[2]/5 + theta[3]/10"
    },
    "model": {"n": 4, "sparsity": 0.5},
    "training": {"learning_rate": 0.1, "steps": 9, "initial": {"sparse": {"0": 0.4}}, "center": "initial"},
    "carleman": {"order": 2},
}
NETWORK = {
    "name": "network",
    "network": {"layers": [{"kind": "dense", "units": 3, "activation": "square"}], "loss": "mse"},
    "data": {"source": "sklearn:iris", "standardize": True},
    "training": {"learning_rate": 0.05, "steps": 9, "initial": {"normal": 0.3, "seed": 3}, "batch_size": 60},
    "carleman": {"order": 2},
}
CENTERED = {**LOSS, "training": {**LOSS["training"], "center": [0.1, 0.05, 0.0]}}


@pytest.mark.parametrize(
    ("tables", "keep"),
    [(LOSS, "survivors"), (LOSS, "all"), (CENTERED, "survivors"), (NETWORK, "survivors"), (NETWORK, "all")],
    ids=["loss", "whole_loss", "center", "network", "whole_network"],
)
def test_an_upload_trains_what_a_spec_of_its_weights_mask_and_steps_trains(
    tmp_path: Path, tables: dict[str, Any], keep: str
) -> None:
    weights = 4 if "loss" in tables else 15
    mask = np.arange(weights) % 4 != 2 if keep == "survivors" else np.ones(weights, dtype=bool)
    start = np.where(mask, np.random.default_rng(2).normal(0, 0.2, weights), 0.0)
    upload = Upload(number=1, first=4, steps=5, start=start, mask=mask)
    np.save(tmp_path / "start.npy", start)
    np.save(tmp_path / "mask.npy", mask)
    alone = {
        **tables,
        "model": {**({"n": 4} if "loss" in tables else {}), "mask": str(tmp_path / "mask.npy")},
        "training": {**tables["training"], "initial": str(tmp_path / "start.npy"), "steps": 5},
    }
    found, wanted = build_training(load_spec(tables), upload), build_training(load_spec(alone))
    assert found.sequence.steps == wanted.sequence.steps == 5
    assert len(found.batches) == len(wanted.batches)
    np.testing.assert_array_equal(found.start, wanted.start)
    for one, other in zip(found.batches, wanted.batches, strict=True):
        np.testing.assert_array_equal(one.center, other.center)
        assert one.tensors.keys() == other.tensors.keys()
        for degree, tensor in one.tensors.items():
            np.testing.assert_array_equal(tensor.vals, other.tensors[degree].vals)
            np.testing.assert_array_equal(tensor.cols, other.tensors[degree].cols)
    np.testing.assert_array_equal(upload.spread(start[mask]), start)


def test_a_segment_of_a_lattice_has_its_own_weights_at_this_n_only() -> None:
    spec = load_spec("quartic-ring", ["model.n=8"])
    start = np.random.default_rng(0).normal(0, 0.1, 8)
    upload = Upload(number=0, first=0, steps=2, start=start, mask=np.ones(8, dtype=bool))
    np.testing.assert_array_equal(lifted_of(spec, upload).start, start)
    found = estimate(fixed(spec), upload=upload)
    assert found.steps == 2
    assert "no other sizes" in found.baseline.to_json()["crossover"]["n"]["reason"]


def test_classical_steps_that_overflow_are_said() -> None:
    tables = {
        "loss": {"expression": "theta[0]**4/4"},
        "model": {"n": 1},
        "training": {"learning_rate": 1, "steps": 2, "initial": [1.9]},
        "schedule": {"reupload_every": 1, "evolution": "emulated", "tomography": False, "classical_steps": 9},
    }
    with pytest.raises(CheckFailed, match="overflow in the classical steps after segment 1"):
        train(tables)
