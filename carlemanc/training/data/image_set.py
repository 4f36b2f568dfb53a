"""Labeled images as arrays, in the order and shape that PyTorch's convolutions take: of a file, of scikit-learn.

No data set is part of this package. A file is an .npz in the layout of CIFAR, with x, uint8 (m, 32, 32, 3) or
(m, 3, 32, 32), and y, m integers, the classes 0, 1, 2, ...: a user's copy of CIFAR-10 or CIFAR-100 is brought into it
with one call of numpy.savez(file, x=images, y=fine_labels).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InputError, InternalError, Problem
from carlemanc.core.places import is_file
from carlemanc.model.array_file import ArrayFileError, read_archive
from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import Tensor

Images = npt.NDArray[np.float32]
Labels = IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageSet:
    """Images with their classes.

    Attributes:
        x: (m, channels, H, W), float32, standardized.
        y: (m,) classes 0..classes - 1.
        classes: how many there are.
        name: what to call the data wherever a result is shown; a synthetic set says "synthetic" in it.
    """

    x: Images
    y: Labels
    classes: int
    name: str

    def __post_init__(self) -> None:
        if self.x.ndim != 4 or self.y.shape != (len(self.x),):
            raise InternalError(f"images of mismatched shapes: x {self.x.shape}, y {self.y.shape}")
        for array in (self.x, self.y):
            array.flags.writeable = False

    @property
    def samples(self) -> int:
        """The number of images."""
        return len(self.y)

    def first(self, samples: int) -> ImageSet:
        """Return the first images. Raises InputError where there are not so many."""
        if not 1 <= samples <= self.samples:
            problem = Problem(where="samples", found=str(samples), allowed=f"1 to {self.samples}")
            raise InputError(f"{self.name} has no such number of images.", [problem])
        return replace(self, x=self.x[:samples], y=self.y[:samples])

    def split(self, fraction: float = 0.2, *, seed: int = 0) -> tuple[ImageSet, ImageSet]:
        """Return (train, test): `default_rng(seed).permutation`, the last `fraction` of it for the test."""
        order = np.random.default_rng(seed).permutation(self.samples)
        held = round(fraction * self.samples)
        parts = (order[: self.samples - held], order[self.samples - held :])
        train, test = (replace(self, x=self.x[part], y=self.y[part]) for part in parts)
        return train, test

    def batches(self, size: int) -> list[tuple[Tensor, Tensor]]:
        """Return (inputs, targets) tensors of `size` consecutive images each, the last one short."""
        torch = require_torch()
        x, y = torch.tensor(self.x), torch.tensor(self.y)
        return [(x[k : k + size], y[k : k + size]) for k in range(0, self.samples, size)]

    def random_batches(self, size: int, *, seed: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches for ever: each pass over the images in a new order, a short last batch left out."""
        torch = require_torch()
        size = min(size, self.samples)
        x, y = torch.tensor(self.x), torch.tensor(self.y)
        generator = np.random.default_rng(seed)
        while True:
            order = torch.tensor(generator.permutation(self.samples))
            for k in range(0, self.samples - size + 1, size):
                chosen = order[k : k + size]
                yield x[chosen], y[chosen]


def standardized(x: npt.NDArray[np.generic]) -> Images:
    """Return images (m, channels, H, W) with zero mean and unit deviation in each channel."""
    values = x.astype(np.float32)
    mean = values.mean(axis=(0, 2, 3), keepdims=True, dtype=np.float64)
    deviation = values.std(axis=(0, 2, 3), keepdims=True, dtype=np.float64)
    return np.asarray((values - mean) / np.where(deviation > 0, deviation, 1.0), dtype=np.float32)


LAYOUT = "arrays x, uint8 of shape [m, 32, 32, 3] or [m, 3, 32, 32], and y, m integers from 0"


def cifar_file(path: str | Path) -> ImageSet:
    """Return the images of a file, each channel standardized over all of them.

    Raises InputError for a file that is not there, cannot be read or has another layout.
    """
    place = Path(path)
    if not is_file(place):
        raise _refused(place, "no such file")
    try:
        found = read_archive(place, {"x", "y"})
    except ArrayFileError as error:
        raise _refused(place, f"a file that cannot be read ({error})") from None
    if len(found) < 2:
        raise _refused(place, f"arrays {', '.join(found) or 'of other names'}")
    x, y = found["x"], found["y"]
    pixels, labels = _pixels(place, x), _labels(place, y, len(x))
    name = f"{place.name} ({len(labels)} images)"
    return ImageSet(x=standardized(pixels), y=labels, classes=int(labels.max()) + 1, name=name)


def _pixels(place: Path, x: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if x.dtype != np.uint8 or not len(x) or x.shape[1:] not in {(32, 32, 3), (3, 32, 32)}:
        raise _refused(place, f"x of type {x.dtype} and shape {x.shape}")
    return x.transpose(0, 3, 1, 2) if x.shape[1:] == (32, 32, 3) else x


def _labels(place: Path, y: npt.NDArray[np.generic], samples: int) -> IntArray:
    if y.dtype.kind not in "iu" or y.shape != (samples,):
        raise _refused(place, f"y of type {y.dtype} and shape {y.shape}")
    labels = y.astype(np.int64)
    if labels.min() < 0:
        raise _refused(place, f"a class {labels.min()}")
    return labels


def _refused(place: Path, found: str) -> InputError:
    return InputError("The images cannot be used.", [Problem(where=str(place), found=found, allowed=LAYOUT)])


NAME = "sklearn digits"


def digits() -> ImageSet:
    """Return the 1,797 real 8 x 8 gray images of ten classes that are part of scikit-learn, levels 0..16 as 0..1."""
    from sklearn.datasets import load_digits

    table = load_digits()
    x = (table.images[:, None] / 16.0).astype(np.float32)
    return ImageSet(x=x, y=table.target.astype(np.int64), classes=10, name=NAME)
