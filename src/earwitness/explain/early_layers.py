"""Cached early layers: features that depend on few components are computed once.

The receptive field of a network's first layers is short. If components are localised in time,
the features of a segment depend on the components of one or two segments, which have a few
hundred coalitions, however many are drawn of all components. These are computed once each, stage
by stage, each from the cache of the stage before; only the later layers run for every coalition.
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
"""Up to so many components, features of all their (at most 1024) coalitions are cached."""
MAX_BATCH_SAMPLES = 2**19
"""Samples per forward pass of the early layers."""


@runtime_checkable
class EarlyLayerNetwork(Protocol):
    """A network whose first layers have a short receptive field.

    Attributes:
        stages: these layers, in order.
    """

    stages: Sequence[Stage]

    def rest(self, features: Tensor) -> Tensor:
        """The later layers: features `(batch, ..., steps)` -> outputs `(batch, classes)`."""
        ...


def with_cached_early_layers(
    model: AudioModel, components: Components
) -> tuple[nn.Module, Components]:
    """A network and components with the outputs of those of `model`, with cached early layers.

    Caching needs an `EarlyLayerNetwork`, a front end with `hop` and `reach` in samples (without a
    front end a frame is a sample), and components that are waves. Otherwise both stay unchanged.
    """
    network, frontend = model.network, model.frontend
    mixture = components.mixture
    no_frontend = isinstance(frontend, nn.Identity)
    known_reach = no_frontend or (hasattr(frontend, "hop") and hasattr(frontend, "reach"))
    if mixture is None or not known_reach or not isinstance(network, EarlyLayerNetwork):
        return network, components
    level: _Level = _FrontendLevel(frontend, mixture)
    for stage in network.stages:
        level = _StageLevel(stage, level)
        if stage.kept:
            level = _CachedLevel(level, mixture)
    return _LaterLayers(network), replace(components, render=_AllSteps(level))


class _LaterLayers(nn.Module):
    """The layers after the early ones: features -> outputs `(batch, classes)`."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        outputs: Tensor = self.network.rest(features)  # type: ignore[operator]
        return outputs


class _Level(Protocol):
    """Features of which each step depends on a few components.

    Attributes:
        steps: number of steps.
        stride: from one step to the next, in samples.
        reach: of a step beyond its stride, before and after, in samples.
    """

    steps: int
    stride: int
    reach: int

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Masks `(n, components)` -> features `(n, ..., end - begin)` of steps `begin` to `end`."""
        ...


@dataclass(frozen=True, eq=False)
class _AllSteps:
    """Masks `(n, components)` -> features `(n, ..., steps)` of a level."""

    level: _Level

    def __call__(self, masks: Tensor) -> Tensor:
        return self.level(masks, 0, self.level.steps)


class _FrontendLevel:
    """Frames of the front end for coalitions; without a front end, samples."""

    def __init__(self, frontend: nn.Module, mixture: Mixture) -> None:
        self._frontend = frontend
        self._mixture = mixture
        self.stride = int(getattr(frontend, "hop", 1))
        self.reach = int(getattr(frontend, "reach", 0))
        self._halo = -(-self.reach // self.stride)
        with torch.no_grad():
            self.steps = frontend(mixture.background[None]).shape[-1]

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Frames `(n, ..., end - begin)`, of a longer window, as its ends distort frames."""
        parts, background = self._mixture.parts, self._mixture.background
        first, last = max(0, begin - self._halo), end + self._halo
        until = background.shape[-1] if last >= self.steps else last * self.stride
        window = slice(first * self.stride, until)
        frames: Tensor = self._frontend(Mixture(parts[:, window], background[window])(masks))
        return frames[..., begin - first : end - first]


class _StageLevel:
    """Outputs of a stage for the features of the level before it."""

    def __init__(self, stage: Stage, before: _Level) -> None:
        self._stage = stage
        self._before = before
        self.steps = before.steps // stage.stride
        self.stride = before.stride * stage.stride
        self.reach = before.reach + before.stride * stage.reach

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Features `(n, ..., end - begin)` for masks `(n, components)`, zero-padded at the ends."""
        stage, available = self._stage, self._before.steps
        first, last = begin * stage.stride - stage.reach, end * stage.stride + stage.reach
        inputs = self._before(masks, max(0, first), min(available, last))
        return stage.layers(F.pad(inputs, (max(0, -first), max(0, last - available))))


@dataclass(frozen=True, eq=False)
class _Block:
    """Neighbouring steps whose features depend on the same components.

    `begin` and `end` bound them; `components` `(k,)` are the indices of the components; `table`
    `(2 ** k, ..., end - begin)` has the features of each of their coalitions, in the row whose
    number in binary is the mask; `known` `(2 ** k,)` is True for the rows computed. Both are
    empty where there are too many components.
    """

    begin: int
    end: int
    components: Tensor
    table: Tensor
    known: Tensor


class _CachedLevel:
    """Features of a level, computed once for each coalition of the components they depend on."""

    def __init__(self, level: _Level, mixture: Mixture) -> None:
        self._level = level
        self.steps, self.stride, self.reach = level.steps, level.stride, level.reach
        all_off = torch.zeros(1, len(mixture.parts), dtype=torch.bool)
        with torch.no_grad():
            self._like = level(all_off, 0, 1)[0, ..., 0]
        self.blocks = list(self._divided(_dependencies(mixture, level)))

    def __call__(self, masks: Tensor, begin: int, end: int) -> Tensor:
        """Features `(n, ..., end - begin)` for masks `(n, components)`, assembled from blocks."""
        features = self._like.new_empty(len(masks), *self._like.shape, end - begin)
        for block in self.blocks:
            first, last = max(begin, block.begin), min(end, block.end)
            if first < last:
                whole = self._features_of(block, masks)
                within = whole[..., first - block.begin : last - block.begin]
                features[..., first - begin : last - begin] = within
        return features

    def _divided(self, dependencies: Tensor) -> Iterator[_Block]:
        """Blocks of steps with equal rows of `dependencies` `(steps, components)`."""
        changes = (dependencies[1:] != dependencies[:-1]).any(1).nonzero()[:, 0] + 1
        for begin, end in pairwise([0, *changes.tolist(), len(dependencies)]):
            components = dependencies[begin].nonzero()[:, 0]
            rows = 2 ** len(components) if len(components) <= MAX_CACHED_COMPONENTS else 0
            table = self._like.new_empty(rows, *self._like.shape, end - begin)
            yield _Block(begin, end, components, table, torch.zeros(rows, dtype=torch.bool))

    def _features_of(self, block: _Block, masks: Tensor) -> Tensor:
        """Features `(n, ..., steps)` of a whole block for masks `(n, components)`."""
        own = masks[:, block.components]
        if not len(block.known):
            distinct, rows = torch.unique(own, dim=0, return_inverse=True)
            return self._computed(block, distinct, masks.shape[1])[rows]
        rows = own.long() @ (2 ** torch.arange(len(block.components)))
        missing = rows[~block.known[rows]].unique()
        if len(missing):
            needed = (missing[:, None] >> torch.arange(len(block.components))) & 1
            block.table[missing] = self._computed(block, needed.bool(), masks.shape[1])
            block.known[missing] = True
        return block.table[rows]

    def _computed(self, block: _Block, own: Tensor, components: int) -> Tensor:
        """The same computed by the level, for masks `(n, k)` of the block's own components."""
        masks = torch.zeros(len(own), components, dtype=torch.bool)
        masks[:, block.components] = own
        samples = (block.end - block.begin) * self.stride + 2 * self.reach
        batches = masks.split(max(1, MAX_BATCH_SAMPLES // samples))
        return torch.cat([self._level(batch, block.begin, block.end) for batch in batches])


def _dependencies(mixture: Mixture, level: _Level) -> Tensor:
    """Whether a component is not silent in the receptive field of a step `(steps, components)`."""
    sounding = mixture.parts != 0
    counts = F.pad(sounding.cumsum(1, dtype=torch.int32), (1, 0))
    samples = sounding.shape[1]
    begin = torch.arange(level.steps) * level.stride
    # The receptive field of the last step includes the samples left over by the strides.
    ends = (begin + level.stride + level.reach).clamp(max=samples)
    ends[-1] = samples
    within = counts[:, ends] - counts[:, (begin - level.reach).clamp(min=0)]
    return (within > 0).T
