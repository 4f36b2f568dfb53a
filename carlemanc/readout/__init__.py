"""What is read of the state that a method leaves, and how many runs that takes.

In: how many entries can be nonzero, and the readout's share of epsilon. Out: a `ReadoutPlan`. A goal is one file with
one frozen dataclass and one line in `registry`. Bounds: [agrawal2020], [apeldoorn2022], [dalzell2023].
"""
