"""Coalitions for a fraction of the price: what few components decide is computed once.

The first layers of a network hear a short stretch of sound at a time. If components have a place
in time, the features that these layers make of a stretch depend on the components of one or two
segments, of which there are a few hundred coalitions, however many are drawn of all components.
They are computed once each, stage by stage, so that a stage takes what it needs of the one before
from what that one has kept; only the layers behind them run for every coalition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.explain.components import Components, Mixture
from earwitness.explain.model import AudioModel
from earwitness.models.stages import Stage

MAX_CACHED_COMPONENTS = 10
"""Up to so many components, features of all their coalitions are kept: at most 1024 times."""
MAX_BATCH_SAMPLES = 2**19
"""Samples that are taken through the first layers together."""


@runtime_checkable
class EarlyLayerNetwork(Protocol):
    """A network whose first layers hear a short stretch at a time.

    Attributes:
        stages: these layers, one after the other.
    """

    stages: Sequence[Stage]

    def rest(self, features: Tensor) -> Tensor:
        """The layers behind them: features -> outputs `(batch, classes)`."""
        ...


def with_cached_early_layers(
    model: AudioModel, components: Components
) -> tuple[nn.Module, Components]:
    """A network and components that answer as those of `model` do, for less where they can.

    That is where the network is `EarlyLayerNetwork`, the front end says how far its frames reach (`hop` and
    `reach`, in samples; without a front end a frame is a sample) and components are waves.
    """
    network, frontend = model.network, model.frontend
    mixture = components.mixture
    plain = isinstance(frontend, nn.Identity)
    known = plain or (hasattr(frontend, "hop") and hasattr(frontend, "reach"))
    if mixture is None or not known or not isinstance(network, EarlyLayerNetwork):
        return network, components
    level: _Level = _Heard(frontend, mixture)
    for stage in network.stages:
        level = _Found(stage, level)
        if stage.kept:
            level = _Kept(level, mixture)
    return _Rest(network), replace(components, render=_Features(level))


class _Rest(nn.Module):
    """The layers behind the first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        outputs: Tensor = self.network.rest(features)  # type: ignore[operator]
        return outputs


class _Level(Protocol):
    """Features that depend on a few components each.

    Attributes:
        steps: how many there are.
        stride: from one step to the next, in samples.
        reach: of a step beyond its stride, before and after, in samples.
    """

    steps: int
    stride: int
    reach: int

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Masks `(n, components)` -> features `(n, ..., end - begin)` of the steps from `begin`."""
        ...


@dataclass(frozen=True, eq=False)
class _Features:
    """Masks `(n, components)` -> all features of a level."""

    level: _Level

    def __call__(self, masks: Tensor) -> Tensor:
        return self.level(masks, 0, self.level.steps)


class _Heard:
    """What the front end makes of coalitions; without one, the samples."""

    def __init__(self, frontend: nn.Module, mixture: Mixture) -> None:
        self._frontend = frontend
        self._mixture = mixture
        self.stride = int(getattr(frontend, "hop", 1))
        self.reach = int(getattr(frontend, "reach", 0))
        self._halo = -(-self.reach // self.stride)
        with torch.no_grad():
            self.steps = frontend(mixture.rest[None]).shape[-1]

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Frames of a window that is somewhat longer, as its ends are not those of the sound."""
        parts, rest = self._mixture.parts, self._mixture.rest
        first, last = max(0, begin - self._halo), end + self._halo
        until = rest.shape[-1] if last >= self.steps else last * self.stride
        window = slice(first * self.stride, until)
        frames: Tensor = self._frontend(Mixture(parts[:, window], rest[window])(masks))
        return frames[..., begin - first : end - first]


class _Found:
    """What a stage makes of the features before it."""

    def __init__(self, stage: Stage, before: _Level) -> None:
        self._stage = stage
        self._before = before
        self.steps = before.steps // stage.stride
        self.stride = before.stride * stage.stride
        self.reach = before.reach + before.stride * stage.reach

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Features from those of the level before, and zeros beyond its ends."""
        stage, available = self._stage, self._before.steps
        first, last = begin * stage.stride - stage.reach, end * stage.stride + stage.reach
        inputs = self._before(masks, max(0, first), min(available, last))
        return stage.layers(F.pad(inputs, (max(0, -first), max(0, last - available))))


@dataclass(frozen=True, eq=False)
class _Block:
    """Neighbouring steps that the same components decide.

    `begin` and `end` bound them; `decides` are the numbers of the components; `table` has the
    features of each of their coalitions, the number of a coalition being its row, and `known`
    says which rows are filled. Both are empty where there are too many components.
    """

    begin: int
    end: int
    decides: Tensor
    table: Tensor
    known: Tensor


class _Kept:
    """Features of a level, computed once for each coalition of the components that decide them."""

    def __init__(self, level: _Level, mixture: Mixture) -> None:
        self._level = level
        self.steps, self.stride, self.reach = level.steps, level.stride, level.reach
        nothing = torch.zeros(1, len(mixture.parts), dtype=torch.bool)
        with torch.no_grad():
            self._like = level(nothing, 0, 1)[0, ..., 0]
        self.blocks = list(self._divided(_deciding(mixture, level)))

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Features, put together from those of blocks."""
        features = self._like.new_empty(len(masks), *self._like.shape, end - begin)
        for block in self.blocks:
            first, last = max(begin, block.begin), min(end, block.end)
            if first < last:
                found = self._of(block, masks)
                within = found[..., first - block.begin : last - block.begin]
                features[..., first - begin : last - begin] = within
        return features

    def _divided(self, deciding: Tensor) -> Iterator[_Block]:
        """Steps in blocks: `deciding` `(steps, components)` changes from one to the next."""
        changes = (deciding[1:] != deciding[:-1]).any(1).nonzero()[:, 0] + 1
        for begin, end in pairwise([0, *changes.tolist(), len(deciding)]):
            decides = deciding[begin].nonzero()[:, 0]
            rows = 2 ** len(decides) if len(decides) <= MAX_CACHED_COMPONENTS else 0
            table = self._like.new_empty(rows, *self._like.shape, end - begin)
            yield _Block(begin, end, decides, table, torch.zeros(rows, dtype=torch.bool))

    def _of(self, block: _Block, masks: Tensor) -> Tensor:
        """Features of a whole block."""
        own = masks[:, block.decides]
        if not len(block.known):
            distinct, rows = torch.unique(own, dim=0, return_inverse=True)
            return self._computed(block, distinct, masks.shape[1])[rows]
        rows = own.long() @ (2 ** torch.arange(len(block.decides)))
        fresh = rows[~block.known[rows]].unique()
        if len(fresh):
            wanted = (fresh[:, None] >> torch.arange(len(block.decides))) & 1
            block.table[fresh] = self._computed(block, wanted.bool(), masks.shape[1])
            block.known[fresh] = True
        return block.table[rows]

    def _computed(self, block: _Block, own: Tensor, components: int) -> Tensor:
        """The same by the level, for masks of the components that decide the block."""
        masks = torch.zeros(len(own), components, dtype=torch.bool)
        masks[:, block.decides] = own
        samples = (block.end - block.begin) * self.stride + 2 * self.reach
        some = masks.split(max(1, MAX_BATCH_SAMPLES // samples))
        return torch.cat([self._level(each, block.begin, block.end) for each in some])


def _deciding(mixture: Mixture, level: _Level) -> Tensor:
    """Which components are heard where each step depends on, `(steps, components)`, bool."""
    sounding = mixture.parts != 0
    heard = F.pad(sounding.cumsum(1, dtype=torch.int32), (1, 0))
    samples = sounding.shape[1]
    begin = torch.arange(level.steps) * level.stride
    # The last step also hears what is left over by the strides.
    ends = (begin + level.stride + level.reach).clamp(max=samples)
    ends[-1] = samples
    within = heard[:, ends] - heard[:, (begin - level.reach).clamp(min=0)]
    return (within > 0).T
