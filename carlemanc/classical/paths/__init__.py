"""The march in time repeated by walks: each step a sum of signed partial permutations, drawn one term at a time.

Comes in: a lifted training and the subnormalizations of its steps. Goes out: the success probability of the march and
observables of the truncated system, with error bars, at any n. Nothing of size n is formed.
"""
