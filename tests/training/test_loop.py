"""The schedule end to end: the three evolutions against each other, pruning, downloads, determinism, resuming."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import CheckFailed, InputError
from carlemanc.core.json_text import json_text
from carlemanc.core.sealed import sealed
from carlemanc.training.loop import train
from tests.fixed import fixed

SCALAR = {
    "name": "logistic-map-scalar",
    "loss": {"expression": "0.1*theta[0]**2 + (0.8/3)*theta[0]**3"},
    "model": {"n": 1},
    "training": {"learning_rate": 1, "steps": 3, "initial": [0.2]},
    "carleman": {"order": 2},
    "schedule": {"reupload_every": 1, "evolution": "carleman", "tomography": False},
}
NETWORK = {
    "name": "iris-net",
    "network": {
        "layers": [
            {"kind": "dense", "units": 4, "activation": "square"},
            {"kind": "dense", "units": 3, "activation": "identity"},
        ],
        "loss": "mse",
        "degree": 3,
    },
    "model": {"sparsity": 0.85},
    "data": {"source": "sklearn:iris", "standardize": True},
    "training": {"learning_rate": 0.05, "steps": 6, "initial": {"normal": 0.3, "seed": 3}},
    "carleman": {"order": 3},
    "schedule": {"reupload_every": 3, "pretraining_steps": 20, "tomography": False},
}


def changed(tables: dict, **schedule) -> dict:
    return {**tables, "schedule": {**tables["schedule"], **schedule}}


def test_the_circuit_and_the_recursion_agree_within_epsilon_on_the_scalar_map() -> None:
    epsilon = 1e-3
    runs = {name: train(fixed(changed(SCALAR, evolution=name))) for name in ("carleman", "circuit")}
    recursion, circuit = runs["carleman"], runs["circuit"]
    assert circuit.record["segments"][0]["solver"]["qubits"] > 5
    allowed = 0.0
    for row, a, b in zip(
        circuit.record["segments"], recursion.uploads, circuit.uploads, strict=True
    ):  # the map contracts: what one segment is off stays below its sum
        assert abs(a[0] - b[0]) <= allowed
        assert row["solver"]["error"] <= epsilon
        allowed += epsilon * row["update"]
    assert 0 < abs(recursion.theta[0] - circuit.theta[0]) <= allowed


def test_recursion_and_emulation_agree_within_the_certificate_on_a_network_of_30_survivors() -> None:
    once = {**NETWORK, "training": {**NETWORK["training"], "steps": 3}}
    runs = {name: train(changed(once, evolution=name)) for name in ("carleman", "emulated")}
    record = {name: run.record["segments"][0]["truncation"] for name, run in runs.items()}
    assert runs["carleman"].record["survivors"] == 30
    bound = record["carleman"]["bound"]
    assert bound == pytest.approx(record["emulated"]["bound"], rel=1e-12)
    assert 0 < record["carleman"]["measured"] <= bound < runs["carleman"].record["segments"][0]["update"]
    assert 0 < record["emulated"]["added"] <= bound
    assert np.linalg.norm(runs["carleman"].theta - runs["emulated"].theta) <= bound
    np.testing.assert_array_equal(runs["carleman"].uploads, runs["emulated"].uploads)


def test_an_emulation_is_called_one_wherever_its_result_is_read(tmp_path: Path) -> None:
    run = train(changed(SCALAR, evolution="emulated"), output=tmp_path)
    assert run.record["label"].startswith("emulation")
    assert "emulation" in run.to_text()
    assert json.loads((tmp_path / "record.json").read_text())["label"].startswith("emulation")


def test_frozen_weights_stay_zero_and_survivors_are_the_largest_of_the_pretrained() -> None:
    run = train(changed(NETWORK, evolution="emulated", tomography=True))
    assert run.masks.sum(axis=1).tolist() == [30, 30]
    assert not run.theta[~run.masks[-1]].any()
    assert run.record["pretraining"][-1]["loss"] < run.record["pretraining"][0]["loss"]
    assert run.record["final"]["loss"] < run.record["steps"][0]["loss"]
    download = run.record["segments"][0]["download"]
    assert 0 < download["error"] <= download["bound"]
    assert download["bound"] == pytest.approx(1e-3 * run.record["segments"][0]["update"])


def test_only_the_largest_updates_are_read() -> None:
    tables = {**changed(NETWORK, evolution="emulated", tomography=True), "readout": {"largest": 5}}
    run = train({**tables, "training": {**NETWORK["training"], "steps": 3}})
    moved = run.theta - run.uploads[0]
    assert np.count_nonzero(moved) == 5
    assert run.record["segments"][0]["download"]["error"] <= run.record["segments"][0]["download"]["bound"]


def test_a_method_left_to_be_chosen_is_the_one_that_a_schedule_draws() -> None:
    tables = changed(SCALAR, evolution="emulated", tomography=True)
    named, chosen = ({**tables, "readout": {"method": method}} for method in ("sampling", "auto"))
    assert train(named, seed=4).record == train(chosen, seed=4).record


def test_the_goal_of_the_largest_reads_what_their_number_says() -> None:
    tables = {**changed(NETWORK, evolution="emulated", tomography=True), "readout": {"largest": 5}}
    named = {**tables, "readout": {"target": "largest", "largest": 5}}
    assert train(tables, seed=4).record == train(named, seed=4).record
    with pytest.raises(InputError, match=r"readout\.target"):
        train({**tables, "readout": {"target": "largest", "largest": 5, "method": "interior-point"}})


@pytest.mark.parametrize("evolution", ["carleman", "emulated"])
def test_only_weights_that_can_have_moved_are_read(evolution: str) -> None:
    """A ring that starts at one site: 2 T + 1 of 16 weights are read in a segment of T steps, and priced so."""
    ring = {
        "loss": {
            "expression": "Sum(theta[i]**2/2 + theta[i]**4/8 - J*theta[i]*theta[i+1], (i, 0, n-1))",
            "boundary": "periodic",
            "parameters": {"J": 0.2},
        },
        "model": {"n": 16},
        "training": {"learning_rate": 0.1, "steps": 4, "initial": {"sparse": {"3": 0.4}}},
        "carleman": {"order": 3},
        "solver": {"epsilon": 0.05},
        "schedule": {"reupload_every": 2, "evolution": evolution, "tomography": True},
    }
    run = train(fixed(ring), cost=True)
    read = [row["download"] for row in run.record["segments"]]
    sites = np.flatnonzero(run.uploads[1])  # what is too small to be seen is read as 0
    assert set(sites) <= {1, 2, 3, 4, 5}
    assert [row["support"] for row in read] == [5, np.ptp(sites) + 5]
    priced = run.to_json()["cost"]["lookup"]["tomography"]
    assert priced["support"] == 5
    assert all(row["error"] <= row["bound"] for row in read)
    assert read[0]["copies"] == pytest.approx(priced["copies"] * (priced["epsilon"] / 0.05) ** 2, rel=1e-3)


def test_dense_classical_steps_move_frozen_weights_and_prune_to_as_many() -> None:
    run = train(changed(NETWORK, evolution="emulated", classical_steps=10))
    phases = [row["phase"] for row in run.record["steps"]]
    assert phases.count("classical") == 20
    assert np.count_nonzero(run.theta) == 30
    assert run.record["steps"][-1]["step"] == run.record["reference"]["steps"][-1]["step"] == 26
    assert any(row["replaced_survivors"] for row in run.record["segments"])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    tables = changed(NETWORK, evolution="emulated", tomography=True)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(tables, output=tmp_path / name, seed=seed)
    for file in ("record.json", "weights.npz", "training.svg"):
        same = (tmp_path / "a" / file).read_bytes()
        assert same == (tmp_path / "b" / file).read_bytes()
        assert same != (tmp_path / "c" / file).read_bytes()


def die_in_the_second(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Interrupt the second segment that is evolved from now on; return where the numbers of all of them are noted."""
    from carlemanc.training import loop

    evolved, calls = loop.emulated, []

    def emulated(upload, *rest):
        calls.append(upload.number)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return evolved(upload, *rest)

    monkeypatch.setattr(loop, "emulated", emulated)
    return calls


def test_a_killed_run_goes_on_from_its_last_upload_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = changed(NETWORK, evolution="emulated", tomography=True)
    whole = train(tables, output=tmp_path / "whole")
    calls = die_in_the_second(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train(tables, output=tmp_path / "killed")
    assert sorted(path.name for path in (tmp_path / "killed").iterdir()) == ["checkpoint.npz"]
    resumed = train(tables, output=tmp_path / "killed")
    assert calls == [0, 1, 1]
    assert json_text(resumed.to_json()) == json_text(whole.to_json())
    for file in ("record.json", "weights.npz", "training.svg"):
        assert (tmp_path / "killed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
    assert not (tmp_path / "killed" / "checkpoint.npz").exists()


def test_a_checkpoint_of_other_inputs_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = changed(SCALAR, evolution="emulated")
    from carlemanc.training import checkpoint

    monkeypatch.setattr(checkpoint.State, "save", lambda *rest: None)
    first = train(tables)
    monkeypatch.undo()
    train(changed(SCALAR, evolution="emulated", reupload_every=2), output=tmp_path)
    assert json_text(train(tables, output=tmp_path).to_json()) == json_text(first.to_json())


DATA = """
[network]
layers = [ { kind = "dense", units = 1, activation = "square" } ]
[model]
sparsity = 1.0
[data]
source = "d.csv"
[training]
learning_rate = 0.05
steps = 6
initial = { normal = 0.1, seed = 1 }
[carleman]
order = 2
[schedule]
evolution = "emulated"
reupload_every = 2
"""


def killed_after_a_checkpoint(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Train beside `place`/spec.toml until the second segment, as a kill would leave it."""
    place.mkdir(exist_ok=True)
    (place / "spec.toml").write_text(DATA)
    (place / "d.csv").write_text("a,b\n0.1,0.2\n0.3,0.1\n0.2,0.4\n")
    die_in_the_second(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train(place / "spec.toml", output=place / "out")
    return place / "out"


def test_data_replaced_after_a_checkpoint_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = killed_after_a_checkpoint(tmp_path / "in", monkeypatch)
    (tmp_path / "in" / "d.csv").write_text("a,b\n0.1,0.2\n0.3,0.1\n0.2,0.5\n")
    whole = train(tmp_path / "in" / "spec.toml")
    with pytest.warns(UserWarning, match=r"of other inputs \(d\.csv has changed\): the training starts anew"):
        again = train(tmp_path / "in" / "spec.toml", output=output)
    assert json_text(again.to_json()) == json_text(whole.to_json())


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"PK" + content,
        lambda content: content[:-1],
        lambda content: pickle.dumps({"theta": [1.0]}),
        lambda content: sealed(content[:100]),
    ],
    ids=["flipped", "cut", "empty", "shifted", "unsealed", "pickle", "sealed"],
)
def test_a_damaged_checkpoint_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    output = killed_after_a_checkpoint(tmp_path / "in", monkeypatch)
    damaged = damage((output / "checkpoint.npz").read_bytes())
    (output / "checkpoint.npz").write_bytes(damaged)
    whole = train(tmp_path / "in" / "spec.toml")
    with pytest.warns(UserWarning, match=r"checkpoint\.npz is damaged and is set aside"):
        again = train(tmp_path / "in" / "spec.toml", output=output)
    assert json_text(again.to_json()) == json_text(whole.to_json())
    assert (output / "checkpoint.npz.damaged").read_bytes() == damaged


def test_the_proxy_starts_at_one_at_every_upload() -> None:
    run = train(changed(NETWORK, evolution="emulated"))
    uploads = [row for row in run.record["steps"] if row["phase"] == "upload"]
    assert len(uploads) == 2
    assert all(row["proxy"] == row["proxy_literal"] == 1.0 for row in uploads)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({**SCALAR, "training": {**SCALAR["training"], "noise": 0.1}}, "training.noise"),
        ({**changed(SCALAR, tomography=True), "readout": {"norm": "linf"}}, "readout.norm"),
        (
            {**NETWORK, "training": {**NETWORK["training"], "initial": [float(0)] * 3}},
            "training.initial",
        ),
        (
            {**NETWORK, "training": {**NETWORK["training"], "initial": [1e150] * 35}},
            r"(?s)training.initial.*a loss of (inf|nan) at the first weights",
        ),
    ],
)
def test_what_a_schedule_cannot_run_is_refused_in_one_sentence(tables: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(tables)


def test_weights_that_overflow_are_said_with_the_segment() -> None:
    with pytest.raises(CheckFailed, match="overflow in segment 1"):
        train(
            {
                **SCALAR,
                "training": {"learning_rate": 1, "steps": 40, "initial": [-9.0]},
                "schedule": {"evolution": "emulated"},
            }
        )


def test_a_mask_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "mask.npy", np.ones(4))
    tables = {**NETWORK, "model": {"mask": str(tmp_path / "mask.npy")}}
    with pytest.raises(InputError, match=r"(?s)model.mask.*shape \(4,\).*35 values"):
        train(tables)


def test_other_commands_leave_a_schedule_to_train() -> None:
    from carlemanc import estimate

    with pytest.raises(InputError, match="carlemanc train"):
        estimate(fixed(SCALAR))
