"""What the outputs of a network are compared with: y itself, or its classes."""

from __future__ import annotations

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.registry import loss_named


def targets(loss: str, y: FloatArray, units: int) -> FloatArray:
    """Return what each output is compared with, shape (units, m).

    One output: y itself, but for a loss of classes (logistic) y in {0, 1}, or the two values of a standardized y, the
    smaller as 0. Several outputs: one-hot labels; the class of a sample is y where all y are integers in
    0..units-1, else the rank of y among its distinct values, of which there must be `units`.

    Raises:
        InputError: y has the wrong number of classes.
    """
    if units == 1 and not loss_named(loss).is_of_classes:
        return y[None, :]
    classes = max(units, 2)
    known, rank = np.unique(y, return_inverse=True)
    if np.all(np.isin(known, np.arange(classes))):
        rank = y.astype(np.int64)
    elif len(known) != classes:
        found = f"{len(known)} distinct values of y"
        problem = Problem(where="data", found=found, allowed=f"{classes} classes for {units} output units")
        raise InputError("The data do not fit the network.", [problem])
    if units == 1:
        return rank[None, :].astype(np.float64)
    return np.asarray(rank[None, :] == np.arange(units)[:, None], dtype=np.float64)
