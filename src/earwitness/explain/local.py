"""Coalitions for a fraction of the price: what few components decide is computed once.

The first layers of a network hear a short stretch of sound at a time. If components have a place
in time, the features that these layers make of a stretch depend on the components of one or two
segments, of which there are a few hundred coalitions, however many are drawn of all components.
They are computed once each; only the layers behind them run for every coalition.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from earwitness.explain.components import Components, Mixture
from earwitness.explain.model import AudioModel

KEPT = 10
"""Up to so many components, features of all their coalitions are kept: at most 1024 times."""
AT_ONCE = 2**21
"""Samples that are taken through the first layers together."""


@runtime_checkable
class Local(Protocol):
    """A network whose first layers hear a short stretch at a time.

    Attributes:
        stride: input frames from one step of features to the next.
        reach: input frames beyond the stride, before and after, that a step depends on.
    """

    stride: int
    reach: int

    def local(self, inputs: Tensor) -> Tensor:
        """The first layers: inputs `(batch, ..., frames)` -> features `(batch, ..., steps)`."""
        ...

    def rest(self, features: Tensor) -> Tensor:
        """The layers behind them: features -> outputs `(batch, classes)`."""
        ...


def shortened(model: AudioModel, components: Components) -> tuple[nn.Module, Components]:
    """A network and components that answer as those of `model` do, for less where they can.

    That is where the network is `Local`, the front end says how far its frames reach (`hop` and
    `reach`, in samples; without a front end a frame is a sample) and components are waves.
    """
    network, frontend = model.network, model.frontend
    mixture = components.mixture
    plain = isinstance(frontend, nn.Identity)
    if mixture is None or not isinstance(network, Local) or not (plain or _is_local(frontend)):
        return network, components
    hop, reach = (1, 0) if plain else _places(frontend)
    first = _First(model, mixture, network.stride * hop, network.reach * hop + reach)
    return _Rest(network), replace(components, render=first)


def _is_local(frontend: nn.Module) -> bool:
    return hasattr(frontend, "hop") and hasattr(frontend, "reach")


def _places(frontend: Any) -> tuple[int, int]:
    return frontend.hop, frontend.reach


class _Rest(nn.Module):
    """The layers behind the first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        outputs: Tensor = self.network.rest(features)  # type: ignore[operator]
        return outputs


@dataclass(frozen=True, eq=False)
class _Block:
    """Neighbouring steps of features that the same components decide.

    `begin` and `end` bound them; `decides` are the numbers of the components; `table` has the
    features of each of their coalitions, the number of a coalition being its row, and `known`
    says which rows are filled. Both are empty where there are too many components.
    """

    begin: int
    end: int
    decides: Tensor
    table: Tensor
    known: Tensor


class _First:
    """Masks `(n, components)` -> features `(n, ..., steps)` of the first layers.

    A step of features covers `stride` samples and depends on `reach` more before and after.
    """

    def __init__(self, model: AudioModel, mixture: Mixture, stride: int, reach: int) -> None:
        self._model = model
        self._mixture = mixture
        self._stride = stride
        self._halo = -(-reach // stride)
        with torch.no_grad():
            whole = self._features(mixture.rest[None])
        self._shape = whole.shape[1:]
        self._blocks = list(self._divided(_deciding(mixture, stride, reach, self._shape[-1])))

    def __call__(self, masks: Tensor) -> Tensor:
        """Features of a batch of coalitions."""
        features = self._mixture.rest.new_empty(len(masks), *self._shape)
        for block in self._blocks:
            features[..., block.begin : block.end] = self._of(block, masks[:, block.decides])
        return features

    def _features(self, waves: Tensor) -> Tensor:
        found: Tensor = self._model.network.local(self._model.frontend(waves))  # type: ignore[operator]
        return found

    def _divided(self, deciding: Tensor) -> Iterator[_Block]:
        """Steps in blocks: `deciding` `(steps, components)` changes from one to the next."""
        changes = (deciding[1:] != deciding[:-1]).any(1).nonzero()[:, 0] + 1
        for begin, end in pairwise([0, *changes.tolist(), len(deciding)]):
            decides = deciding[begin].nonzero()[:, 0]
            rows = 2 ** len(decides) if len(decides) <= KEPT else 0
            table = self._mixture.rest.new_empty(rows, *self._shape[:-1], end - begin)
            yield _Block(begin, end, decides, table, torch.zeros(rows, dtype=torch.bool))

    def _of(self, block: _Block, masks: Tensor) -> Tensor:
        """Features of a block for masks of the components that decide it."""
        if not len(block.known):
            distinct, rows = torch.unique(masks, dim=0, return_inverse=True)
            return self._computed(block, distinct)[rows]
        rows = masks.long() @ (2 ** torch.arange(len(block.decides)))
        fresh = rows[~block.known[rows]].unique()
        if len(fresh):
            wanted = (fresh[:, None] >> torch.arange(len(block.decides))) & 1
            block.table[fresh] = self._computed(block, wanted.bool())
            block.known[fresh] = True
        return block.table[rows]

    def _computed(self, block: _Block, masks: Tensor) -> Tensor:
        """The same through the layers, of a window around the block."""
        first = max(0, block.begin - self._halo)
        begin, samples = first * self._stride, self._mixture.rest.shape[-1]
        last = block.end + self._halo
        end = samples if last >= self._shape[-1] else last * self._stride
        parts, rest = self._mixture.parts, self._mixture.rest
        window = Mixture(parts[block.decides, begin:end], rest[begin:end])
        some = masks.split(max(1, AT_ONCE // (end - begin)))
        found = [self._features(window(each)) for each in some]
        return torch.cat(found)[..., block.begin - first : block.end - first]


def _deciding(mixture: Mixture, stride: int, reach: int, steps: int) -> Tensor:
    """Which components are heard where each step depends on, `(steps, components)`, bool."""
    sounding = mixture.parts != 0
    heard = nn.functional.pad(sounding.cumsum(1, dtype=torch.int32), (1, 0))
    samples = sounding.shape[1]
    begin = torch.arange(steps) * stride
    # The last step also hears what is left over by the strides.
    ends = (begin + stride + reach).clamp(max=samples)
    ends[-1] = samples
    within = heard[:, ends] - heard[:, (begin - reach).clamp(min=0)]
    return (within > 0).T
