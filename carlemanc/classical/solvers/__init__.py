"""What solves a linear system as it is given on a classical computer, to the precision that the quantum runs have.

Comes in: a matrix, a right-hand side and epsilon, as a `SystemQuestion`. Goes out: one `ClassicalProgram` a solver,
each of which can be run. Elimination and conjugate gradients are those of Golub and Van Loan, Matrix Computations.
"""
