"""What a user wants to know of theta(T) beside theta itself: polynomials and the gradient's norm, made events of a run.

In: a `Lifted` training and an expression. Out: an `Observable`: a sum of weighted events, each an event circuit (a run
followed by a few gates, successful where all ancillas are |0>), its planned magnitude, its certificate, the order it
takes. The room knows runs as bloqs and where they leave levels, and neither goals, estimators nor specs.
"""
