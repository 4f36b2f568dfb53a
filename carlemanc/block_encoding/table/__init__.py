"""One step of a data-loaded map on a slot: colors of a sparse tensor, or amplitudes on its entries."""
