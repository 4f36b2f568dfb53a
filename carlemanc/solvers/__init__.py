"""Linear-system solvers: inversion polynomials, phase factors, the QSVT bloqs and the plan that joins them.

Comes in: a block encoding of L with alpha, a bound on ||L^-1||, a precision. Goes out: a `SolverPlan`
(degree, phases, queries, success probability, certificate) and the bloqs that carry it out. Names load on
first use, so planning does not import Qualtran.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "AdiabaticWalk": "adiabatic",
    "Amplified": "amplified",
    "AmplitudeAmplification": "amplification_circuit",
    "March": "march",
    "MarchCircuit": "march_circuit",
    "estimate_probability": "amplitude_estimation",
    "InversionPolynomial": "inversion_polynomial",
    "absolute_error_polynomial": "inversion_polynomial",
    "relative_error_polynomial": "inversion_polynomial",
    "PhaseFactors": "phase_factors",
    "AbstractLinearSolver": "plan",
    "SolverPlan": "plan",
    "QSVTInversion": "qsvt_inversion",
    "QSVTPlan": "qsvt_inversion",
    "METHODS": "registry",
    "solver": "registry",
    "odd_singular_value_transform": "matrix_backend",
    "ProjectorPhase": "projector_phase",
    "ZeroTest": "projector_phase",
    "QSVT": "qsvt",
    "InversionCircuit": "inversion_circuit",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
