"""One file per network, layer for layer as its paper has it, and simpler models beside them."""
