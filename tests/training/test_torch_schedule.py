"""Any PyTorch model is trained on its survivors, emulated; what cannot be certified is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError
from carlemanc.training.loop import train

MODEL = """
from torch import nn

def build():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.LayerNorm(6), nn.Linear(6, 3))

def broken():
    return nn.Sequential(nn.Linear(5, 3))
"""


def spec(tmp_path: Path, attribute: str = "build", **schedule) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    rows = "\n".join(f"{key} = {value}" for key, value in schedule.items())
    place = tmp_path / "spec.toml"
    place.write_text(
        f"""
[network]
module = "model:{attribute}"
[model]
sparsity = 0.5
[data]
source = "sklearn:iris"
standardize = true
[training]
learning_rate = 0.2
steps = 30
seed = 3
[schedule]
evolution = "emulated"
reupload_every = 10
pretraining_steps = 5
{rows}
"""
    )
    return place


def test_a_model_without_a_map_is_trained_and_its_missing_certificate_said(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    run = train(spec(tmp_path))
    truncation = run.record["segments"][0]["truncation"]
    assert truncation["bound"] is None
    assert truncation["added"] == 0
    assert "no certificate" in truncation["note"]
    assert truncation["note"] in run.to_text(width=10_000)
    assert run.record["segments"][0]["spectrum"]["source"] == "central differences of the gradient"
    assert run.record["final"]["accuracy"] > run.record["steps"][0]["accuracy"]
    assert abs(run.record["final"]["accuracy"] - run.record["final"]["reference_accuracy"]) <= 0.03


def test_the_differenced_hessian_is_that_of_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from carlemanc.model.upload import Upload
    from carlemanc.spec.loading import load_spec
    from carlemanc.training.snapshot import differenced_hessian
    from carlemanc.training.subject import NetworkSubject, build_subject

    subject, start = build_subject(load_spec(spec(tmp_path)))
    assert isinstance(subject, NetworkSubject)
    mask = np.arange(len(start)) % 3 == 0
    upload = Upload(number=0, first=0, steps=1, start=start, mask=mask)
    wanted = torch.autograd.functional.hessian(subject.whole.objective, torch.tensor(start)).numpy()
    np.testing.assert_allclose(differenced_hessian(upload, subject), wanted[np.ix_(mask, mask)], atol=1e-8)


def test_a_recursion_needs_a_map(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(InputError, match="taylor"):
        train(spec(tmp_path), overrides=['schedule.evolution="carleman"'])


def test_a_model_of_other_inputs_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(InputError, match=r"model:broken raises .* inputs of shape \(150, 4\)"):
        train(spec(tmp_path, "broken"))


def test_without_pytorch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r'pip install "carlemanc\[torch\]"'):
        train(spec(tmp_path))
