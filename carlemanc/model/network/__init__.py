"""Dense networks: layout, approximated activations, the polynomial map of the surviving weights and its remainder."""
