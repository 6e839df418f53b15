"""Components: parts of a sound or of a network's input that can be switched off.

A `Divider` divides a sound into segments of time, sources and states (`waves`), bands of
frequency (`spectra`), or parts of the network's own input (`inputs`, `groups`). It returns the
`Components` of a sound, which render network inputs for any coalition.
"""

from earwitness.explain.components.base import Components, Divider, Mixture
from earwitness.explain.components.groups import Groups
from earwitness.explain.components.inputs import Patches, Windows
from earwitness.explain.components.spectra import BandsXSegments, FrequencyBands
from earwitness.explain.components.waves import Labelled, SourcesXSegments, TimeSegments

__all__ = [
    "BandsXSegments",
    "Components",
    "Divider",
    "FrequencyBands",
    "Groups",
    "Labelled",
    "Mixture",
    "Patches",
    "SourcesXSegments",
    "TimeSegments",
    "Windows",
]
