"""Starts that are a function of the site: their grammar, their values, and the tensor train that a circuit loads."""
