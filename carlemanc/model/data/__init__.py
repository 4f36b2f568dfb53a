"""Data sets x[a, k] and y[a]: sources and the numbers read from them."""
