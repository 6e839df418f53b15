"""Layer-wise relevance propagation as an attribution method."""

from dataclasses import dataclass, field

from torch import Tensor, nn

from earwitness.explain.attribution import Attribution
from earwitness.explain.backward import completeness_gap, target_outputs
from earwitness.explain.lrp.composites import Composite, EpsilonPlus
from earwitness.explain.lrp.engine import relevance


@dataclass(frozen=True)
class LRP:
    """Relevance of each input value for one output (Bach et al. 2015).

    The gap is the explained output minus the sum of relevance: what is absorbed by biases, by
    epsilon, and by rules that do not conserve relevance.
    """

    composite: Composite = field(default_factory=EpsilonPlus)

    @property
    def name(self) -> str:
        """`LRP` and the composite, as in `LRP EpsilonPlus`."""
        return f"LRP {type(self.composite).__name__}"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Relevance in units of the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            UnsupportedLayerError: a layer has no rule.
            InputError: inputs or target have the wrong shape, type or range.
        """
        result = relevance(network, inputs, target, self.composite)
        gap = completeness_gap(target_outputs(result.logits, target), result.inputs)
        return Attribution(result.inputs, result.logits, gap)
