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

from earwitness.clips import generator
from earwitness.errors import InputError

ORIGINAL = "original"
Model = TypeVar("Model", bound=nn.Module)


def cascade(
    model: nn.Module, explain: Callable[[nn.Module], Tensor], seed: int = 0
) -> pd.DataFrame:
    """Randomise a model from its last layer to its first and explain it after each step.

    Args:
        model: any network whose parameters lie in layers that have `reset_parameters()`.
        explain: model -> explanations `(items, ...)` of the same items and classes every time.
        seed: of the initialisations.

    Returns:
        One row a step: `layer` ("original" before anything is randomised, then the layer that
        has just been randomised) and the mean over items of Spearman's rank correlation with the
        original explanation, of values with their sign (`signed`) and of magnitudes
        (`absolute`). NaN where an explanation is the same everywhere, which has no ranks.

    Raises:
        InputError: a layer has parameters but no `reset_parameters()`.
    """
    original = explain(model)
    steps = [(ORIGINAL, explain(model))]
    steps += [(name, explain(copy)) for name, copy in randomised(model, seed)]
    rows = ((name, *likeness(found, original)) for name, found in steps)
    return pd.DataFrame(rows, columns=["layer", "signed", "absolute"])


def randomised(model: Model, seed: int = 0) -> Iterator[tuple[str, Model]]:
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


def likeness(found: Tensor, original: Tensor) -> tuple[float, float]:
    """Mean rank correlation of explanations `(items, ...)`, of values and of magnitudes."""
    return rank_correlation(found, original), rank_correlation(found.abs(), original.abs())


def rank_correlation(first: Tensor, second: Tensor) -> float:
    """Spearman's rank correlation of each item `(items, ...)`, averaged."""
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
