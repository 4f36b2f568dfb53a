"""One step of a lattice map on a slot: terms as shifts and checks, coefficients as flags or signs."""
