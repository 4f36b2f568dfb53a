"""The digits of scikit-learn: 1,797 real 8 x 8 gray images of ten classes, part of that package."""

from __future__ import annotations

import numpy as np

from carlemanc.training.data.image_set import ImageSet

NAME = "sklearn digits"


def digits() -> ImageSet:
    """Return all 1,797 images in their order, gray levels 0..16 mapped to 0..1."""
    from sklearn.datasets import load_digits

    table = load_digits()
    x = (table.images[:, None] / 16.0).astype(np.float32)
    return ImageSet(x=x, y=table.target.astype(np.int64), classes=10, name=NAME)
