"""Tables read by address: unary iteration, SelectSwap, bucket brigade, and permutations in place."""
