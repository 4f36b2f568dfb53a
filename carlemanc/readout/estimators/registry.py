"""The estimators of one event, by the names of `readout.method`."""

from __future__ import annotations

from carlemanc.readout.estimators.estimator import Estimator
from carlemanc.readout.estimators.maximum_likelihood import MaximumLikelihood
from carlemanc.readout.estimators.phase_estimation import PhaseEstimation
from carlemanc.readout.estimators.sampling import Sampling

ESTIMATORS: dict[str, Estimator] = {
    estimator.name: estimator for estimator in (Sampling(), MaximumLikelihood(), PhaseEstimation())
}
