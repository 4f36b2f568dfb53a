"""Phase factors, carlemanc against nlft-qsp: python tests/benchmarks/phase_factors.py [--all]

Both solve for the same coefficients, the polynomials of QLSS 2.1 to 2.3. Ours is timed with its certificate.
The residual is measured alike: largest deviation from the polynomial of the 2x2 product that defines the
response, on 200 points. CPU seconds.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from nlft_qsp import ChebyshevQSPPhaseFactors, ChebyshevTExpansion

from carlemanc.methods.inversion_polynomial import absolute_error_polynomial, relative_error_polynomial
from carlemanc.methods.phase_factors import phase_factors
from tests.reference import response

ABSOLUTE, RELATIVE = absolute_error_polynomial, relative_error_polynomial
CASES = [
    *((ABSOLUTE, kappa, epsilon, 0.9) for kappa in (10, 50, 200, 1000) for epsilon in (1e-3, 1e-6)),
    *((ABSOLUTE, 50, 1e-6, sup) for sup in (0.99, 0.999, 0.9999)),
    (RELATIVE, 1e4, 1e-3, 0.9),
    (RELATIVE, 1e3, 1e-10, 0.9),
    (ABSOLUTE, 1e4, 1e-3, 0.9),
]
NLFT_DEGREE_LIMIT = 30_000
"""Above it nlft-qsp alone takes over ten seconds; pass --all to run it there too."""


def main() -> None:
    """Print one line per polynomial."""
    print("  kappa    eps     sup  degree |  ours s  residual | nlft-qsp s  residual")
    for make, kappa, epsilon, sup in CASES:
        polynomial = make(kappa, epsilon)
        coefficients = np.zeros(polynomial.degree + 1)
        coefficients[1::2] = polynomial.chebyshev_coefficients() * sup / polynomial.sup_norm
        x = np.concatenate([np.linspace(0, 1, 100), np.geomspace(0.3 / kappa, 1, 100)])
        exact = polynomial(x) * sup / polynomial.sup_norm

        start = time.process_time()
        ours = phase_factors(coefficients).phases
        line = f"{kappa:7.0f} {epsilon:6.0e} {sup:7.4f} {polynomial.degree:7d} | "
        line += f"{time.process_time() - start:7.3f} {residual(ours, x, exact):9.1e} | "
        if polynomial.degree <= NLFT_DEGREE_LIMIT or "--all" in sys.argv:
            start = time.process_time()
            theirs = ChebyshevQSPPhaseFactors.solve(ChebyshevTExpansion(coefficients)).phi
            line += f"{time.process_time() - start:10.3f} {residual(np.asarray(theirs), x, exact):9.1e}"
        print(line, flush=True)


def residual(phases: np.ndarray, x: np.ndarray, exact: np.ndarray) -> float:
    """Return max |response - polynomial| by the definition."""
    return float(np.abs(response(phases.astype(float), x, "W").real - exact).max())


if __name__ == "__main__":
    main()
