"""Every figure of the paper and of our checks."""
