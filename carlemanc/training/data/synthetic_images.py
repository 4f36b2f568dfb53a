"""A procedural set of color images, 32 x 32, one hundred classes: synthetic, ours, the same for the same seed.

Each class has two gratings (wave vector, color) and a Gaussian spot (place, width, color), drawn once; an
image of it has random phases, a shifted spot, another contrast and pixel noise. It stands in for photographs
where none are at hand: results on it say nothing about photographs, and every label says "synthetic".
"""

from __future__ import annotations

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.training.data.image_set import ImageSet, standardized

SIDE = 32
CLASSES = 100
_NOISE = 0.35
_CHUNK = 256
"""Images drawn together, so that memory stays small."""


def synthetic_images(samples: int = 5000, *, classes: int = CLASSES, seed: int = 0) -> ImageSet:
    """Return `samples` images (m, 3, 32, 32), classes in turn 0, 1, ..., classes - 1, 0, ...

    Args:
        samples: how many; a longer set begins with the shorter one's classes, not with its pixels.
        classes: 2 or more; the appearance of a class depends on the seed alone.
        seed: of the classes and of the images.

    Raises InputError for numbers out of range.
    """
    if samples < 1 or classes < 2:
        problem = Problem(
            where="samples, classes", found=f"{samples}, {classes}", allowed="at least 1, at least 2"
        )
        raise InputError("The synthetic images cannot be drawn.", [problem])
    looks = _looks(classes, np.random.default_rng([seed, 0]))
    generator = np.random.default_rng([seed, 1])
    labels = np.arange(samples, dtype=np.int64) % classes
    parts = [
        _drawn(looks, labels[start : start + _CHUNK], generator).astype(np.float32)
        for start in range(0, samples, _CHUNK)
    ]
    name = f"synthetic {classes}-class images (seed {seed})"
    return ImageSet(x=standardized(np.concatenate(parts)), y=labels, classes=classes, name=name)


def _looks(classes: int, generator: np.random.Generator) -> dict[str, FloatArray]:
    """Return what each class looks like, a row a class."""
    angle = generator.uniform(0, np.pi, (classes, 2))
    cycles = generator.uniform(1.0, 5.0, (classes, 2))
    waves = 2 * np.pi * cycles / SIDE
    return {
        "waves": np.stack([waves * np.cos(angle), waves * np.sin(angle)], axis=-1),
        "colors": generator.normal(0, 1, (classes, 3, 3)),
        "place": generator.uniform(0.25, 0.75, (classes, 2)) * SIDE,
        "width": generator.uniform(2.0, 6.0, classes),
    }


def _drawn(looks: dict[str, FloatArray], labels: IntArray, generator: np.random.Generator) -> FloatArray:
    """Return images (m, 3, SIDE, SIDE) of the given classes."""
    m = len(labels)
    row, column = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    grid = np.stack([row, column], axis=-1).astype(np.float64)
    phase = generator.uniform(0, 2 * np.pi, (m, 2))
    turns = np.einsum("mkd,ijd->mkij", looks["waves"][labels], grid) + phase[:, :, None, None]
    center = looks["place"][labels] + generator.normal(0, 2.0, (m, 2))
    distance = ((grid - center[:, None, None, :]) ** 2).sum(axis=-1)
    spot = 2 * np.exp(-distance / (2 * looks["width"][labels][:, None, None] ** 2))
    patterns = np.concatenate([np.sin(turns), spot[:, None]], axis=1)
    contrast = generator.uniform(0.6, 1.4, (m, 1, 1, 1))
    images = contrast * np.einsum("mkij,mkc->mcij", patterns, looks["colors"][labels])
    noisy: FloatArray = images + generator.normal(0, _NOISE, images.shape)
    return noisy
