"""Images: the real digits, files in the layout of CIFAR, the synthetic set."""

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError
from carlemanc.training.data.image_set import cifar_file, digits
from carlemanc.training.data.synthetic_images import synthetic_images


def test_digits_are_those_of_sklearn() -> None:
    from sklearn.datasets import load_digits

    data, table = digits(), load_digits()
    assert data.x.shape == (1797, 1, 8, 8)
    assert np.allclose(data.x.reshape(1797, 64) * 16, table.data)
    assert np.array_equal(data.y, table.target)


@pytest.mark.parametrize("shape", [(32, 32, 3), (3, 32, 32)])
def test_both_layouts_of_a_cifar_file(tmp_path: Path, shape: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (6, 3, 32, 32), dtype=np.uint8)
    stored = x.transpose(0, 2, 3, 1) if shape[-1] == 3 else x
    np.savez(tmp_path / "c.npz", x=stored, y=np.array([0, 1, 2, 3, 4, 9]))
    data = cifar_file(tmp_path / "c.npz")
    assert data.classes == 10
    assert data.x.dtype == np.float32
    channel = x[:, 1].astype(float)
    assert np.allclose(data.x[:, 1], (channel - channel.mean()) / channel.std(), atol=1e-5)


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"x": np.zeros((2, 32, 32, 3), np.uint8)}, "arrays x"),
        ({"x": np.zeros((2, 28, 28), np.uint8), "y": np.zeros(2, int)}, r"\(2, 28, 28\)"),
        ({"x": np.zeros((2, 32, 32, 3)), "y": np.zeros(2, int)}, "float64"),
        ({"x": np.zeros((2, 32, 32, 3), np.uint8), "y": np.zeros(3, int)}, r"\(3,\)"),
        ({"x": np.zeros((2, 32, 32, 3), np.uint8), "y": np.array([0, -1])}, "class -1"),
    ],
)
def test_other_layouts_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], found: str) -> None:
    np.savez(tmp_path / "c.npz", **arrays)
    with pytest.raises(InputError, match=found):
        cifar_file(tmp_path / "c.npz")


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        cifar_file(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match="cannot be read"):
        cifar_file(tmp_path / "text.npz")
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(InputError):
        cifar_file(tmp_path / "one.npy")


def test_the_synthetic_set_is_labeled_seeded_and_learnable() -> None:
    data = synthetic_images(300, seed=3)
    assert data.x.shape == (300, 3, 32, 32)
    assert data.classes == 100
    assert "synthetic" in data.name
    assert np.array_equal(data.x, synthetic_images(300, seed=3).x)
    assert not np.array_equal(data.x, synthetic_images(300, seed=4).x)
    few = synthetic_images(400, classes=4)
    train, test = few.split(0.25, seed=1)
    assert (train.samples, test.samples) == (300, 100)
    from sklearn.neighbors import KNeighborsClassifier

    guess = KNeighborsClassifier(5).fit(train.x.reshape(300, -1), train.y)
    assert guess.score(test.x.reshape(100, -1), test.y) > 0.6


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        synthetic_images(0)
    with pytest.raises(InputError, match="1 to 8"):
        synthetic_images(8).first(9)
