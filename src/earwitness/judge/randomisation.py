"""Does an explanation depend on what the network learned (Adebayo et al. 2018).

Layer after layer, from the output down, the network forgets; an explanation of what it had
learned must lose its likeness to the original.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TypeVar

import pandas as pd
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.randomness import generator

ORIGINAL = "original"
"""What stands for the name of the layer in rows about the model before anything is randomised."""

Model = TypeVar("Model", bound=nn.Module)


def cascading_randomisation(model: Model, seed: int = 0) -> Iterator[tuple[str, Model]]:
    """The model with one layer more randomised at each step, and the name of that layer.

    Layers are taken in the reverse order of `model.named_modules()`, each as its own
    `reset_parameters()` initialises it. Every step changes one and the same copy of the model,
    so it has to be explained before the next.

    Raises:
        InputError: a layer has parameters but no `reset_parameters()`.
    """
    copy = deepcopy(model)
    for number, (name, reset) in enumerate(reversed(_layers(copy))):
        with torch.random.fork_rng():
            torch.manual_seed(generator(seed, number).initial_seed())
            reset()
        yield name, copy


def mean_rank_correlation(first: Tensor, second: Tensor) -> float:
    """Spearman's rank correlation of each item `(items, ...)`, averaged.

    NaN where an explanation is the same everywhere, which has no ranks.
    """
    left, right = (pd.DataFrame(part.detach().flatten(1).T.numpy()) for part in (first, second))
    return float(left.corrwith(right, method="spearman").mean(skipna=False))


def _layers(model: nn.Module) -> list[tuple[str, Callable[[], None]]]:
    """The name of each layer that has learned something, and what initialises it."""
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
