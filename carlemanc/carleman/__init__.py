"""Carleman: a polynomial map becomes a truncated linear step, with certificates.

Comes in: a `PolynomialMap` and an order N. Goes out: a `CarlemanSystem` (B and c in units of gamma, matrix-free
and sparse), the rigorous truncation error for finite T, the dissipation regime and the rescaling gamma. The
linearization of [liu2024], with the exact blocks of the discrete map in place of Euler steps; what is proved is
derived in the docstrings.
"""

from carlemanc.carleman.blocks import block_terms as block_terms
from carlemanc.carleman.blocks import describe_blocks as describe_blocks
from carlemanc.carleman.certificate import TruncationCertificate as TruncationCertificate
from carlemanc.carleman.certificate import certify_sequence as certify_sequence
from carlemanc.carleman.flattening import balance as balance
from carlemanc.carleman.regime import Regime as Regime
from carlemanc.carleman.regime import classify_sequence as classify_sequence
from carlemanc.carleman.rescaling import choose_sequence_gamma as choose_sequence_gamma
from carlemanc.carleman.system import CarlemanSystem as CarlemanSystem
from carlemanc.carleman.system import iterate_systems as iterate_systems
from carlemanc.carleman.system import linearize_sequence as linearize_sequence
from carlemanc.carleman.trajectory import measured_sequence_errors as measured_sequence_errors
from carlemanc.carleman.trajectory import sequence_sizes as sequence_sizes
