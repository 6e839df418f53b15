"""What can be switched off in a sound, and what the network then hears.

A `Divider` says into what a sound is divided: stretches of time, sources and states (`waves`),
bands of frequency (`spectra`), or parts of the network's own input (`inputs`, `groups`). It makes
the `Components` of a sound, which render any choice of those that stay on.
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
