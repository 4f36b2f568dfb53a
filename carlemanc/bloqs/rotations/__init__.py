"""Y rotations whose angle depends on an address, and the trees of them that prepare real states."""
