"""What listeners rate in music: perceptual features that many agree on, and emotions."""

MIDLEVEL = (
    "minorness",
    "tonal_stability",
    "dissonance",
    "rhythm_stability",
    "rhythm_complexity",
    "articulation",
    "melodiousness",
)
"""The mid-level features of Aljanaki and Soleymani (2018), in the order of the published tables."""

EMOTIONS = ("valence", "energy", "tension", "anger", "fear", "happy", "sad", "tender")
"""The emotions of Eerola and Vuoskoski (2011), in the order of the published tables."""
