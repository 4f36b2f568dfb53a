"""Hessians of a loss: products with vectors, Lanczos runs, spectral densities, exact spectra of small models."""
