"""Layer-wise relevance propagation (Bach et al. 2015): contributions of inputs to a logit.

`rules` define how one layer propagates relevance, `composites` which layer follows which rule,
and `engine` runs one forward and one backward pass through any module made of supported layers.
`LRP` is the method for explainers; `spectral` computes relevance over time and frequency.
"""

from earwitness.explain.lrp.attributor import LRP
from earwitness.explain.lrp.composites import Composite, EpsilonAlpha2Beta1, EpsilonPlus
from earwitness.explain.lrp.engine import Relevance, relevance
from earwitness.explain.lrp.layers import UnsupportedLayerError
from earwitness.explain.lrp.rules import (
    AlphaBeta,
    Epsilon,
    Flat,
    Gamma,
    Gradient,
    Pass,
    Rule,
    WSquare,
    ZBox,
    ZPlus,
)

__all__ = [
    "LRP",
    "AlphaBeta",
    "Composite",
    "Epsilon",
    "EpsilonAlpha2Beta1",
    "EpsilonPlus",
    "Flat",
    "Gamma",
    "Gradient",
    "Pass",
    "Relevance",
    "Rule",
    "UnsupportedLayerError",
    "WSquare",
    "ZBox",
    "ZPlus",
    "relevance",
]
