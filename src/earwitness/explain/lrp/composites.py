"""Composites: which layer follows which rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from torch import nn

from earwitness.errors import InputError
from earwitness.explain.lrp.layers import (
    CONVOLUTION,
    NORMALISATION,
    WEIGHTED,
    Normalisation,
    UnsupportedLayerError,
)
from earwitness.explain.lrp.rules import AlphaBeta, Epsilon, Gradient, Pass, Rule, ZPlus

# Kinds of layers; `Composite.kinds` says which rule each follows.
AVERAGE = (nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
MAXIMUM = (nn.MaxPool1d, nn.MaxPool2d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d)
SHAPE = (nn.Flatten, nn.Unflatten, nn.ZeroPad1d, nn.ZeroPad2d)
ACTIVATION = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh)
IDENTITY = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d)


class Step(NamedTuple):
    """A layer, its rule, and the batch normalisation folded into it.

    A rule of None marks a batch normalisation that has been folded into the layer before it.
    """

    layer: nn.Module
    rule: Rule | None
    norm: Normalisation | None


@dataclass(frozen=True)
class Composite:
    """A rule for each kind of layer; rules for single layers by dotted name take precedence.

    The default is the epsilon rule for all. Sums that a `forward` computes between its layers
    always follow it, with the epsilon of `sums`. Batch normalisation that directly follows a
    dense or convolutional layer in an `nn.Sequential` is folded into that layer; elsewhere it is
    a linear layer of its own.
    """

    dense: Rule = field(default_factory=Epsilon)
    convolution: Rule = field(default_factory=Epsilon)
    average: Rule = field(default_factory=Epsilon)
    normalisation: Rule = field(default_factory=Epsilon)
    sums: Epsilon = field(default_factory=Epsilon)
    names: Mapping[str, Rule] = field(default_factory=dict)

    def kinds(self) -> dict[tuple[type[nn.Module], ...], Rule]:
        """Layer classes -> the rule they follow."""
        return {
            (nn.Linear,): self.dense,
            CONVOLUTION: self.convolution,
            AVERAGE: self.average,
            NORMALISATION: self.normalisation,
            MAXIMUM + SHAPE: Gradient(),
            ACTIVATION + IDENTITY: Pass(),
        }

    def plan(self, model: nn.Module) -> list[Step]:
        """The rule of each layer of `model`, each layer once.

        Raises:
            UnsupportedLayerError: a layer has no rule, or one that it does not support.
            InputError: `names` holds a name that is not in the model.
        """
        self._require_names(model)
        rules = dict(self._rules(model, ""))
        folded = self._folded(model)
        absorbed = set(folded.values())
        return [
            Step(layer, None if layer in absorbed else rule, folded.get(layer))
            for layer, rule in rules.items()
        ]

    def _rules(self, module: nn.Module, name: str) -> Iterator[tuple[nn.Module, Rule]]:
        """The layers that rules cover, with their rules, by descending from `module`."""
        rule = self._rule(module, name)
        if rule is not None:
            _require_fit(module, name, rule)
            yield module, rule
        elif _computes_by_itself(module):
            raise UnsupportedLayerError(
                f"{_named(module, name)} has no rule: give it one with names={{{name!r}: ...}}, "
                "or build it from supported layers"
            )
        else:
            for child_name, child in module.named_children():
                yield from self._rules(child, f"{name}.{child_name}".lstrip("."))

    def _rule(self, module: nn.Module, name: str) -> Rule | None:
        """The rule of a layer by its name or else by its kind; None if there is none."""
        by_kind = (rule for kinds, rule in self.kinds().items() if isinstance(module, kinds))
        return self.names.get(name) or next(by_kind, None)

    def _folded(self, model: nn.Module) -> dict[nn.Module, Normalisation]:
        """Layers -> the batch normalisation folded into each, unless it has a rule by name."""
        named = {model.get_submodule(name) for name in self.names}
        return {
            layer: norm
            for chain in model.modules()
            if isinstance(chain, nn.Sequential) and type(chain).forward is nn.Sequential.forward
            for layer, norm in pairwise(chain)
            if isinstance(layer, WEIGHTED) and isinstance(norm, NORMALISATION)
            if norm not in named
        }

    def _require_names(self, model: nn.Module) -> None:
        """Raise InputError unless every one of `names` is a layer of the model."""
        known = {name for name, _ in model.named_modules(remove_duplicate=False)}
        unknown = sorted(self.names.keys() - known)
        if unknown:
            raise InputError(f"no layer is called {', '.join(unknown)}: see model.named_modules()")


@dataclass(frozen=True)
class EpsilonPlus(Composite):
    """Epsilon on dense layers, z+ on convolutions (as in DFT-LRP, arXiv:2303.06365)."""

    convolution: Rule = field(default_factory=ZPlus)


@dataclass(frozen=True)
class EpsilonAlpha2Beta1(Composite):
    """Epsilon on dense layers, alpha 2 and beta 1 on convolutions (as in arXiv:2303.06365)."""

    convolution: Rule = field(default_factory=AlphaBeta)


def _computes_by_itself(module: nn.Module) -> bool:
    """Whether a module has parameters of its own or is a childless module of `torch.nn`.

    Other modules are checked operation by operation on the autograd graph.
    """
    own = next(module.parameters(recurse=False), None)
    childless = next(module.children(), None) is None
    return own is not None or (childless and type(module).__module__.startswith("torch.nn."))


def _require_fit(layer: nn.Module, name: str, rule: Rule) -> None:
    """Raise UnsupportedLayerError unless `layer` has what `rule` needs."""
    if rule.weighted and not isinstance(layer, WEIGHTED):
        raise UnsupportedLayerError(
            f"{_named(layer, name)} has no weight for {rule}: choose Epsilon, Pass or Gradient"
        )
    if isinstance(layer, NORMALISATION) and layer.running_var is None:
        raise UnsupportedLayerError(
            f"{_named(layer, name)} keeps no running statistics, so one item's relevance would "
            "depend on its batch: train it with track_running_stats=True"
        )


def _named(layer: nn.Module, name: str) -> str:
    """Name and class of a layer, for messages."""
    return f"layer {name or '(the model)'} ({type(layer).__name__})"
