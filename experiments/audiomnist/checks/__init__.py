"""Checks of explanations and networks: each module writes `<name>.csv`."""
