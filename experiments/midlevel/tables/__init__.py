"""Tables of the paper, one module a subject."""
