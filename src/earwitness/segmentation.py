"""The states of a heart's cycle: their names, and their most likely course."""

STATES = ("S1", "systole", "S2", "diastole")
"""In the order of the cycle. In a track of states, state k of this list is k + 1; 0 is unknown."""
