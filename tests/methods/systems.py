"""Small sparse systems that are not normal, with the exact facts a plan takes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from carlemanc.access.facts import InversionFacts


def random_system(size, seed, density=0.3):
    """Return sparse L = I - (strictly lower part), b, x and the facts: alpha, ||L^-1||, ||b||, ||x||."""
    rng = np.random.default_rng(seed)
    lower = sparse.tril(sparse.random_array((size, size), density=density, rng=rng), k=-1)
    matrix = sparse.csr_array(sparse.eye_array(size) - lower)
    rhs = rng.normal(size=size)
    dense = matrix.toarray()
    sigma = np.linalg.svd(dense, compute_uv=False)
    solution = np.linalg.solve(dense, rhs)
    facts = InversionFacts(
        alpha=1.3 * sigma[0],
        inverse_norm=1 / sigma[-1],
        rhs_norm=float(np.linalg.norm(rhs)),
        solution_norm=float(np.linalg.norm(solution)),
    )
    return matrix, rhs, solution, facts


QUERY_COLUMNS = [(kappa, epsilon) for kappa in (10, 100, 1e4, 1e6) for epsilon in (1e-3, 1e-10)]
"""(kappa, epsilon) of the columns of the query table, QLSS 1.8."""
