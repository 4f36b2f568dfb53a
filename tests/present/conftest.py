"""Directories of results, made once by the commands that make them."""

import json
from pathlib import Path
from typing import Any

import pytest

from carlemanc.present.estimate_directory import estimate_into
from carlemanc.sweeps import sweep
from tests.fixed import fixed

OVER = ["training.steps=1,2,4", "solver.epsilon=1e-1,1e-2"]


@pytest.fixture(scope="session")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `estimate logistic-map-scalar -o` writes, without the slow comparison of solvers."""
    place = tmp_path_factory.mktemp("estimated") / "out"
    model = fixed("logistic-map-scalar")
    command = ["carlemanc", "estimate", "logistic-map-scalar"]
    estimate_into(model, place, command=command, compare=False)
    return place


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sweep logistic-map-scalar` writes."""
    place = tmp_path_factory.mktemp("swept") / "out"
    sweep(fixed("logistic-map-scalar"), over=OVER, output=place, processes=1)
    return place


@pytest.fixture
def document(estimated: Path) -> dict[str, Any]:
    """A real document of `estimate --json`, to be changed."""
    return dict(json.loads((estimated / "estimate.json").read_text(encoding="utf-8")))
