"""Estimates of the probability of an event, each by one algorithm: what a value costs, and how outcomes become it.

In: event circuits (registers `system` and `ancilla`, started from |0...0>; the event is "all ancillas |0>", P its
probability) and an error delta of theta = asin(sqrt(P)). Out: uses of the circuit or its adjoint, the most of them in
one circuit, the failure probability that a use may have, and the classical half that makes an interval of outcomes.
"""
