"""From features of a trunk to ratings: at once, or through ratings that listeners agree on.

Chowdhury et al. (2019), figure 3. A trunk is any module with `features`, the length of what it
makes of each input.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from earwitness.models.initialisation import kaiming

Ratings = dict[str, Tensor]
"""What is rated ("midlevel", "emotions") -> ratings `(batch, ratings)`."""


class Trunk(Protocol):
    """Any module that makes `features` numbers of each input."""

    features: int

    def __call__(self, inputs: Tensor) -> Tensor:
        """Inputs `(batch, ...)` -> `(batch, features)`."""


class RatingNetwork(nn.Module):
    """What schemes train: standardised inputs, a trunk, and linear layers of ratings."""

    standardised: "Standardised"
    emotions: nn.Linear


class Standardised(nn.Module):
    """Subtract a mean and divide by a standard deviation that `learn` takes from training inputs.

    Shapes: `(batch, ..., rows, frames)` to the same.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, rows: int = 1) -> None:
        """`rows` are standardised each by itself; 1 stands for all of them together."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(rows, 1))
        self.register_buffer("deviation", torch.ones(rows, 1))

    def learn(self, inputs: Iterable[Tensor]) -> None:
        """Take both from inputs `(..., rows, frames)` of any number of frames."""
        rows = len(self.mean)
        parts = [item.flatten(0, -2) if rows > 1 else item.reshape(1, -1) for item in inputs]
        values = torch.cat(parts, dim=1).double()
        self.mean.copy_(values.mean(1, keepdim=True))
        self.deviation.copy_(values.std(1, keepdim=True, correction=0).clamp(min=1e-6))

    def forward(self, inputs: Tensor) -> Tensor:
        """Standardise a batch."""
        return (inputs - self.mean) / self.deviation


class FeatureTrunk(nn.Sequential):
    """One hidden layer over a few features: `(batch, inputs, 1)` -> `(batch, features)`."""

    def __init__(self, inputs: int, features: int = 16) -> None:
        """Draw the layer."""
        super().__init__(nn.Flatten(), nn.Linear(inputs, features), nn.ReLU())
        self.features = features
        kaiming(self)


class Direct(RatingNetwork):
    """A2E: emotions straight from the trunk, the black box.

    Shapes: inputs `(batch, ...)` -> `{"emotions": (batch, emotions)}`.
    """

    def __init__(
        self, trunk: Callable[[], Trunk], midlevel: int, emotions: int, rows: int = 1
    ) -> None:
        """Join a fresh `trunk` with one linear layer; `midlevel` is not used, `rows` as above."""
        super().__init__()
        self.standardised = Standardised(rows)
        self.trunk = trunk()
        self.emotions = _from_middle(nn.Linear(self.trunk.features, emotions))

    def forward(self, inputs: Tensor) -> Ratings:
        """Ratings `{"emotions": (batch, emotions)}` of inputs `(batch, ...)`."""
        return {"emotions": self.emotions(self.trunk(self.standardised(inputs)))}


class Bottleneck(RatingNetwork):
    """A2Mid2E: mid-level ratings from the trunk, emotions from these alone, by one linear layer.

    Shapes: inputs `(batch, ...)` -> `{"midlevel": (batch, midlevel), "emotions": (batch,
    emotions)}`.
    """

    def __init__(
        self, trunk: Callable[[], Trunk], midlevel: int, emotions: int, rows: int = 1
    ) -> None:
        """Join a fresh `trunk` with two linear layers; `rows` are standardised apart."""
        super().__init__()
        self.standardised = Standardised(rows)
        self.trunk = trunk()
        self.midlevel = _from_middle(nn.Linear(self.trunk.features, midlevel))
        self.emotions = _from_middle(nn.Linear(midlevel, emotions))

    def forward(self, inputs: Tensor) -> Ratings:
        """Ratings `(batch, midlevel)` and `(batch, emotions)` of inputs `(batch, ...)`."""
        midlevel = self.midlevel(self.trunk(self.standardised(inputs)))
        return {"midlevel": midlevel, "emotions": self.emotions(midlevel)}


class Columns(nn.Module):
    """The ratings of a network side by side, `(batch, all ratings)`, as explaining needs them."""

    def __init__(self, network: nn.Module) -> None:
        """Wrap a network that returns `Ratings`."""
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        """Ratings of a batch, in the network's order."""
        return torch.cat(list(self.network(inputs).values()), dim=1)


def _from_middle(layer: nn.Linear) -> nn.Linear:
    """The layer, its first answers near the middle of all ratings rather than far from it."""
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.constant_(layer.bias, 0.5)
    return layer
