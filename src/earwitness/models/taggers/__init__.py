"""Music taggers, layer for layer as Won et al. (2020) evaluate them.

Layers have the names that the published weights have, so that these load as they are. Each
network takes what `sound.frontends.tagging.MelDecibels` makes of a wave at 16 kHz (SampleCNN the
wave) and returns logits, one a tag; the published ones end in their sigmoid.
"""

from earwitness.models.taggers.crnn import CRNN
from earwitness.models.taggers.fcn import FCN
from earwitness.models.taggers.musicnn import MusiCNN
from earwitness.models.taggers.samplecnn import SampleCNN

__all__ = ["CRNN", "FCN", "MusiCNN", "SampleCNN"]
