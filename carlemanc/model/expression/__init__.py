"""The whitelist grammar of losses: from text to a tree, from the tree to a polynomial in the weights."""
