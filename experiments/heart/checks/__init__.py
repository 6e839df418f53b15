"""Checks of explanations: each module writes `<name>.csv`."""
