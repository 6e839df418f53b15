"""Does an explanation depend on what the network learned (Adebayo et al. 2018).

The model parameter randomisation test: layer after layer, from the output down, the weights are
drawn anew, and the explanation must become less and less like that of the trained network (see
`judge.agreement.rank_correlation`).
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TypeVar

import torch
from torch import nn

from earwitness.errors import InputError
from earwitness.randomness import generator

ORIGINAL = "original"
"""Stands in place of a layer's name for the trained model, before any layer is randomised."""

Model = TypeVar("Model", bound=nn.Module)


def cascading_randomisation(model: Model, seed: int = 0) -> Iterator[tuple[str, Model]]:
    """Randomise one more layer of a model at each step, from the output down (section 3.1).

    Layers are taken in the reverse order of `model.named_modules()`, each as its own
    `reset_parameters()` initialises it. Every step changes one and the same copy of the model,
    so explain it before asking for the next. PyTorch's global random state stays as it is.

    Args:
        model: trained; it is not changed.
        seed: of the new weights.

    Yields:
        The name of the layer that was randomised last, and the model.

    Raises:
        InputError: a layer has parameters but no `reset_parameters()`.
    """
    copy = deepcopy(model)
    for number, (name, reset) in enumerate(reversed(_layers(copy))):
        with torch.random.fork_rng():
            torch.manual_seed(generator(seed, number).initial_seed())
            reset()
        yield name, copy


def _layers(model: nn.Module) -> list[tuple[str, Callable[[], None]]]:
    """The name of each layer with parameters of its own, and what initialises it."""
    layers = []
    for name, module in model.named_modules():
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            layers.append((name, reset))
        elif next(module.parameters(recurse=False), None) is not None:
            raise InputError(
                f"layer {name or '(the model)'} ({type(module).__name__}) cannot be randomised: "
                "give it a method reset_parameters()"
            )
    return layers
