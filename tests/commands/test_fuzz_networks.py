"""Random networks and pruned models, valid, invalid and hostile, under the watch of test_fuzz.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.test_fuzz import COMMON, PATIENCE, PAYLOADS, SOUND, VALUES, place, try_spec

__all__ = ["place"]

POLYNOMIALS = ["identity", "square", "cubic"]
ACTIVATIONS = [*POLYNOMIALS, "tanh", "sigmoid", "softplus", "relu", "gelu"]
FITS = st.one_of(
    st.fixed_dictionaries(
        {
            "degree": st.integers(1, 4),
            "interval": st.sampled_from([[-2, 2], [0, 1], [-6, 3]]),
            "kind": st.sampled_from(["chebyshev", "minimax"]),
        }
    ),
    st.fixed_dictionaries({"degree": st.integers(1, 4), "kind": st.just("taylor")}),
)
ODD_FITS = st.one_of(
    FITS,
    st.fixed_dictionaries(
        {"degree": st.sampled_from([-1, 0, 1, 40, 41, 10**9, 2.5])},
        optional={
            "interval": st.sampled_from([[2, -2], [0, 0], [1], [1, 2, 3], [-1e300, 1e300], "wide"]),
            "kind": st.sampled_from(["chebyshev", "minimax", "taylor", "pade"]),
        },
    ),
    VALUES,
)


@st.composite
def layers(draw: st.DrawFn, units: int) -> dict[str, Any]:
    name = draw(st.sampled_from(ACTIVATIONS))
    layer = {"kind": "dense", "units": units, "activation": name, "bias": draw(st.booleans())}
    if name not in POLYNOMIALS:
        layer["approximation"] = draw(FITS)
    return layer


@st.composite
def sound_networks(draw: st.DrawFn) -> dict[str, Any]:
    """Most of these are derived and analyzed to the end."""
    network: dict[str, Any] = {
        "layers": [draw(layers(2)), draw(layers(1))] if draw(st.booleans()) else [draw(layers(1))],
        "degree": draw(st.integers(1, 4)),
    }
    if draw(st.booleans()):
        network |= {"loss": "logistic", "loss_approximation": draw(FITS)}
    training = {
        "learning_rate": draw(st.floats(1e-3, 0.5)),
        "steps": draw(st.integers(1, 5)),
        "initial": {"normal": draw(st.floats(0.01, 1)), "seed": draw(st.integers(0, 3))},
    }
    training |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "batch_size": st.integers(5, 30),
                "noise": st.floats(0, 0.5),
                "shuffle": st.booleans(),
                "center": st.sampled_from(["zero", "initial"]),
            },
        )
    )
    model = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "sparsity": st.floats(0.01, 1),
                "address": st.sampled_from(["survivors", "original"]),
            },
        )
    )
    data = {
        "source": "sklearn:breast_cancer",
        "features": draw(st.integers(1, 2)),
        "samples": draw(st.integers(25, 40)),
        "standardize": draw(st.booleans()),
    }
    order = draw(st.integers(1, 2))
    return {
        "network": network,
        "training": training,
        "model": model,
        "data": data,
        "carleman": {"order": order},
    }


NETWORK_KEYS = ["layers", "module", "loss", "loss_approximation", "approximation", "degree", "lost"]
LAYER_KEYS = ["kind", "units", "activation", "bias", "approximation", "lost"]
ODD_LAYERS = st.dictionaries(st.sampled_from(LAYER_KEYS), st.one_of(ODD_FITS, st.sampled_from(ACTIVATIONS)))
HUGE = st.sampled_from([10**4, 10**6, 10**9, 10**18, 10**30])


@st.composite
def odd_networks(draw: st.DrawFn) -> dict[str, Any]:
    """A sound spec with a few values written over, or its source mixed with another one."""
    tables = draw(sound_networks())
    network = tables["network"]
    for _ in range(draw(st.integers(1, 3))):
        match draw(st.integers(0, 6)):
            case 0:
                network[draw(st.sampled_from(NETWORK_KEYS))] = draw(st.one_of(ODD_FITS, VALUES))
            case 1 if isinstance(network.get("layers"), list) and network["layers"]:
                network["layers"][0] = draw(ODD_LAYERS)
            case 2 if isinstance(network.get("layers"), list) and network["layers"]:
                network["layers"][0] = {"kind": "dense", "units": draw(HUGE)}
            case 3:
                tables["model"][draw(st.sampled_from(["sparsity", "mask", "n", "dims", "address"]))] = draw(
                    st.one_of(VALUES, st.sampled_from(["mask.npy", "wrong.npy", "J.npy"]))
                )
            case 4:
                tables["training"][draw(st.sampled_from(["initial", "center"]))] = draw(VALUES)
            case 5:
                tables["loss"] = {"expression": "theta[0]**2"}
            case _:
                tables["data"] = {"source": "sklearn:diabetes", "samples": draw(st.integers(0, 3))}
    return tables


PRUNED = st.tuples(
    SOUND,
    st.fixed_dictionaries(
        {},
        optional={
            "sparsity": st.sampled_from([0.01, 0.5, 0.9, 1]),
            "mask": st.sampled_from(["mask.npy", "wrong.npy", "J.npy", "missing.npy"]),
            "address": st.sampled_from(["survivors", "original"]),
        },
    ),
).map(lambda pair: {**pair[0], "model": {**pair[0]["model"], **pair[1]}})


@pytest.fixture
def masks(place: Path) -> Path:
    np.save(place.parent / "mask.npy", np.array([1, 0]))
    np.save(place.parent / "wrong.npy", np.array([0, 0]))
    return place


@settings(max_examples=25, **COMMON)
@given(tables=sound_networks())
def test_sound_networks(tables: dict[str, Any], masks: Path) -> None:
    try_spec(tables, masks)


@settings(max_examples=60, **COMMON)
@given(tables=odd_networks())
def test_odd_networks(tables: dict[str, Any], masks: Path) -> None:
    try_spec(tables, masks)


@settings(max_examples=25, **COMMON)
@given(tables=PRUNED)
def test_pruned_models(tables: dict[str, Any], masks: Path) -> None:
    try_spec(tables, masks)


@pytest.mark.slow
@settings(max_examples=1000, **COMMON)
@given(tables=st.one_of(sound_networks(), odd_networks(), PRUNED))
def test_many_networks(tables: dict[str, Any], masks: Path) -> None:
    try_spec(tables, masks, patience=5 * PATIENCE)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: text[:24])
def test_payloads(payload: str, place: Path) -> None:
    """Each hostile text in every key of [network] and [model] that takes text, module apart: it runs code."""
    training = {"learning_rate": 0.1, "steps": 2, "initial": [0.3, 0.1]}
    data = {"source": "sklearn:diabetes", "features": 1, "samples": 9}
    layer = {"kind": "dense", "units": 1}
    sound = {"network": {"layers": [layer]}, "training": training, "data": data}
    try_spec({**sound, "network": {"layers": [{**layer, "activation": payload}]}}, place)
    try_spec({**sound, "network": {"layers": [{**layer, "kind": payload}], "loss": payload}}, place)
    try_spec({**sound, "model": {"mask": payload, "address": payload}}, place)
    fit = {"degree": 2, "interval": [-1, 1], "kind": payload}
    try_spec({**sound, "network": {"layers": [{**layer, "activation": "tanh", "approximation": fit}]}}, place)
