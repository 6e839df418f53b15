"""Checks of what the explanations say; each leaves a table of its own."""
