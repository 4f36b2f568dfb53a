"""Images of a file in the layout of CIFAR: an .npz with x, uint8 (m, 32, 32, 3) or (m, 3, 32, 32), and y.

y holds m integers, the classes 0, 1, 2, ... No data set is part of this package; a user's copy of CIFAR-10 or
CIFAR-100 is brought into this layout with one call of numpy.savez(file, x=images, y=fine_labels).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.model.array_file import ArrayFileError, read_archive
from carlemanc.training.data.image_set import ImageSet, standardized

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
