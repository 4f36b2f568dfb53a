"""Networks in-tree: sizes, shapes, and the point in weight space that a preset brings them to."""

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError
from carlemanc.model.pruning import largest_weights

torch = pytest.importorskip("torch")

from carlemanc.training.flat_weights import flat_weights, magnitude_mask, prune  # noqa: E402
from carlemanc.training.models.resnet import resnet  # noqa: E402
from carlemanc.training.presets import digits, images  # noqa: E402


@pytest.mark.parametrize(("width", "millions"), [(51, 7.1), (194, 102.7)])
def test_presets_have_the_stated_number_of_parameters(width: int, millions: float) -> None:
    with torch.device("meta"):
        model = resnet(depth=18, width=width)
    assert round(sum(item.numel() for item in model.parameters()) / 1e6, 1) == millions


@pytest.mark.parametrize("depth", [8, 18, 20])
@pytest.mark.parametrize("normalization", ["batch", "group"])
def test_residual_networks_map_images_to_classes(depth: int, normalization: str) -> None:
    model = resnet(depth=depth, width=6, classes=7, normalization=normalization)
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 7)


def test_depth_20_of_width_16_has_the_parameters_of_the_literature() -> None:
    """With padded shortcuts 269,722 (0.27 million in table 6 of He et al. 2016); ours are 1 x 1 convolutions."""
    model = resnet(depth=20, width=16, classes=10)
    shortcuts = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert sum(item.numel() for item in model.parameters()) == 269_722 + shortcuts


def test_a_depth_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match="6n \\+ 2"):
        resnet(depth=19)


def test_a_preset_trains_and_prunes() -> None:
    raw = digits(train_steps=0)
    dense = digits(train_steps=60)
    sparse = digits(train_steps=60, sparsity=0.3, sparse_steps=60)
    assert dense.weights == 1446
    assert dense.value() < 0.5 * raw.value()
    assert sparse.accuracy() > 0.6
    kept = np.count_nonzero(flat_weights(sparse.model).read())
    assert abs(kept - 0.3 * 1446) < 10
    assert "300" not in sparse.label
    assert "pruned to 30 %" in sparse.label


def test_the_same_seed_gives_the_same_weights() -> None:
    one, two = (flat_weights(digits(train_steps=5).model).read() for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, flat_weights(digits(train_steps=5, seed=1).model).read())


def test_trained_weights_are_kept_and_read_back(tmp_path: Path) -> None:
    options = {
        "depth": 8,
        "width": 2,
        "samples": 4,
        "train_samples": 8,
        "batch": 4,
        "train_steps": 2,
        "cache": str(tmp_path),
    }
    one = images(**options)
    assert len(list(tmp_path.glob("weights-*.pt"))) == 1
    two = images(**options)
    assert np.array_equal(flat_weights(one.model).read(), flat_weights(two.model).read())
    assert one.value() == two.value()
    assert "synthetic" in one.label


def test_flat_weights_are_written_and_read() -> None:
    problem = digits(network="dense", train_steps=0)
    weights = flat_weights(problem.model)
    values = np.random.default_rng(0).normal(size=weights.n).astype(np.float32)
    weights.write(values)
    assert np.array_equal(weights.read(), values)
    assert problem.weights == weights.n == 1360


def test_magnitude_masks() -> None:
    weights = flat_weights(resnet(depth=8, width=4, classes=10))
    values = weights.read()
    assert np.array_equal(magnitude_mask(weights, 0.1), largest_weights(values.astype(np.float64), 0.1))
    layers = magnitude_mask(weights, 0.3, "layer")
    assert abs(layers.mean() - 0.3) < 0.01
    parts = np.split(layers, np.cumsum(weights.sizes)[:-1])
    fractions = [part.mean() for part, item in zip(parts, weights.tensors, strict=True) if item.ndim > 1]
    assert max(fractions) - min(fractions) < 0.05
    assert all(part.all() for part, item in zip(parts, weights.tensors, strict=True) if item.ndim < 2)
    prune(weights, layers)
    assert np.array_equal(weights.read(), values * layers)
    with pytest.raises(InputError, match="above 0, at most 1"):
        magnitude_mask(weights, 0.0)
