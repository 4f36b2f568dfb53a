"""Random maps in which every row has s entries, every column of I + F_1 too, and every other column tuple one."""

from __future__ import annotations

import numpy as np

from carlemanc.model.sparse_tensor import SparseTensor


def regular_tensor(seed: int, n: int, degree: int, s: int) -> SparseTensor:
    """Return a tensor of s entries a row: s shifts of a shuffled ring for degree 1, else distinct column tuples."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(n), s)
    if degree == 1:
        names, shifts = rng.permutation(n), rng.permutation(np.arange(1, n))[: s - 1]
        offsets = np.concatenate([[0], shifts])
        columns = names[(np.argsort(names)[rows] + np.tile(offsets, n)) % n][:, None]
    else:
        places = rng.choice(n**degree, n * s, replace=False)
        columns = np.stack([places // n**k % n for k in range(degree)], axis=1)
    return SparseTensor(n=n, degree=degree, rows=rows, cols=columns, vals=rng.normal(size=n * s), exact=None)
