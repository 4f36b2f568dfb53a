"""Ways to read all weights, or the largest: one a file, by name in `registry`.

In: the number of entries, a precision, a failure probability. Out: a plan of `Copies`.
"""
