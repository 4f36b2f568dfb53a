"""Sparse polynomials in arrays, many at a time, and their exact coefficients."""
