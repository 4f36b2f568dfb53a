"""Networks in-tree: residual networks and two small ones for 8 x 8 digits; PyTorch is imported when one is built."""
