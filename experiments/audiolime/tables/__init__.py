"""Every table of the paper and of our checks."""
