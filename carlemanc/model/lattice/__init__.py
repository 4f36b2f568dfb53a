"""Losses that sum over lattice sites: F_l as stencils, at any number of sites."""
