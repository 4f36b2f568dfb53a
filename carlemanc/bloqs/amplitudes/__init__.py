"""Loaders of real states: sparse, uniform, merged, alias sampling, trees; and the choice among them."""
