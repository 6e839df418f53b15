"""One file a network, layer for layer as its paper has it, and the simple peers beside them."""
