"""Layer-wise relevance propagation as one of the methods that go back through a network."""

from dataclasses import dataclass, field

from torch import Tensor, nn

from earwitness.explain.attribution import Attribution
from earwitness.explain.backward import completeness_gap, target_outputs
from earwitness.explain.lrp.composites import Composite, EpsilonPlus
from earwitness.explain.lrp.engine import relevance


@dataclass(frozen=True)
class LRP:
    """Relevance of each input value for one output (Bach et al. 2015).

    The gap is the explained output minus the sum of relevance: what biases kept, and what
    epsilon and rules that do not conserve took.
    """

    composite: Composite = field(default_factory=EpsilonPlus)

    @property
    def name(self) -> str:
        """`LRP` and the composite, as in `LRP EpsilonPlus`."""
        return f"LRP {type(self.composite).__name__}"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            UnsupportedLayerError: a layer has no rule.
            InputError: inputs or target have the wrong shape, type or range.
        """
        found = relevance(network, inputs, target, self.composite)
        left = completeness_gap(target_outputs(found.logits, target), found.inputs)
        return Attribution(found.inputs, found.logits, left)
