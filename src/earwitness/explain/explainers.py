"""Explainers: both families of methods behind one call, from a model and a wave."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution, Attributor, frozen, require_outputs
from earwitness.explain.coalitions import CoalitionEvaluator, Estimator, Game
from earwitness.explain.components import Components, Divider
from earwitness.explain.early_layers import with_cached_early_layers
from earwitness.explain.explanation import PLAIN, Axis, Explanation
from earwitness.explain.model import AudioModel


class Explainer(Protocol):
    """Any explanation method, for any model and wave: what `conf/explainer/` configures."""

    @property
    def name(self) -> str:
        """The name of the method in the literature, as figures have it."""
        ...

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Explain the output `target` of `model` for `(samples,)`."""
        ...


@dataclass(frozen=True)
class InputExplainer:
    """Values of the network's inputs, by a backward pass."""

    method: Attributor

    @property
    def name(self) -> str:
        """The name of the method."""
        return self.method.name

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Explain the output `target` of `model` for `(samples,)`.

        Raises:
            InputError: the method does not fit the network, or the number of outputs differs from
                the number of classes.
        """
        with frozen(model):
            inputs = model.frontend(wave[None])
        attribution = self.method(
            model.network, inputs, torch.tensor([target], device=inputs.device)
        )
        model.require_outputs(attribution.outputs)
        axes = _axes_of(attribution, model.axes(inputs.shape[1:], len(wave)))
        return Explanation(
            values=attribution.values[0].cpu().reshape([len(axis.values) for axis in axes]),
            axes=axes,
            target=model.classes[target],
            probability=float(model.probabilities(attribution.outputs)[0, target]),
            method=self.method.name,
            settings=plain_settings(self.method),
            gap=None if attribution.gap is None else float(attribution.gap[0]),
        )


@dataclass(frozen=True)
class ComponentExplainer:
    """Values of components, by switching them off and evaluating the network.

    Attributes:
        components: divides a sound into components.
        estimator: turns outputs into values.
        batch_size: coalitions per forward pass; None measures the fastest.
        of: the explained quantity, the `probability` of the target or its `output`.

    Raises:
        InputError: `of` is neither.
    """

    components: Divider
    estimator: Estimator
    batch_size: int | None = None
    of: str = "probability"

    def __post_init__(self) -> None:
        """Raise InputError for an unknown quantity."""
        if self.of not in ("probability", "output"):
            raise InputError(f"of={self.of}: choose probability or output")

    @property
    def name(self) -> str:
        """The name of the estimator."""
        return self.estimator.name

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Explain the output `target` of `model` for `(samples,)`; raises as `explain_each`."""
        return self.explain_each(model, wave, [target])[0]

    def explain_each(
        self, model: AudioModel, wave: Tensor, targets: Sequence[int]
    ) -> list[Explanation]:
        """Explain several outputs at once, evaluating each coalition a single time.

        Args:
            model: to be explained.
            wave: `(samples,)`, at the model's rate.
            targets: indices of the classes.

        Returns:
            An explanation for each of `targets`.

        Raises:
            InputError: the wave cannot be divided as configured, the estimator cannot value so
                many components, or the number of outputs differs from the number of classes.
        """
        with frozen(model):
            query = ComponentQuery.of(model, wave, self.components, self.batch_size)
            return [
                query.explain(self.estimator, target, self.of, plain_settings(self))
                for target in targets
            ]


@dataclass(frozen=True, eq=False)
class ComponentQuery:
    """The components of one sound, with the network that evaluates their coalitions.

    Attributes:
        model: to be explained.
        components: of the sound.
        evaluate: masks `(n, components)` -> outputs `(n, classes)`.
    """

    model: AudioModel
    components: Components
    evaluate: CoalitionEvaluator

    @classmethod
    def of(
        cls, model: AudioModel, wave: Tensor, divider: Divider, batch_size: int | None = None
    ) -> "ComponentQuery":
        """Divide a wave `(samples,)`; the model must be in evaluation mode.

        Raises:
            InputError: the wave cannot be divided as configured, or a batch size below one.
        """
        components = divider(model, wave)
        return cls(
            model,
            components,
            CoalitionEvaluator(*with_cached_early_layers(model, components), batch_size),
        )

    def game(self, target: int, of: str = "probability") -> Game:
        """The `probability` or the `output` of the class `target` as a game of the components."""
        return class_game(self.model, self.evaluate, target, of)

    def explain(
        self, estimator: Estimator, target: int, of: str, settings: dict[str, Any]
    ) -> Explanation:
        """The explanation by an estimator; `settings` are recorded in it with its notes."""
        estimate = estimator(self.game(target, of), self.components.count)
        all_on = torch.ones(1, self.components.count, dtype=torch.bool)
        return Explanation(
            values=self.components.on_axes(estimate.values),
            axes=self.components.axes,
            target=self.model.classes[target],
            probability=float(self.model.probabilities(self.evaluate(all_on))[0, target]),
            method=estimator.name,
            settings=settings | {"coalitions": self.evaluate.evaluated} | dict(estimate.notes),
            gap=estimate.gap,
            error=None if estimate.error is None else self.components.on_axes(estimate.error),
            unit=estimate.unit or of,
        )


def class_game(model: AudioModel, evaluate: CoalitionEvaluator, target: int, of: str) -> Game:
    """The `probability` or the `output` of one class, as a game of the components that are on.

    The game raises InputError if the number of outputs differs from the number of classes.
    """

    def game(masks: Tensor) -> Tensor:
        outputs = evaluate(masks)
        model.require_outputs(outputs)
        require_outputs(outputs, torch.full((len(outputs),), target))
        explained = model.probabilities(outputs) if of == "probability" else outputs
        return explained[:, target]

    return game


def plain_settings(settings: Any) -> Any:
    """Settings as plain data: dataclasses become dictionaries, other objects their class name."""
    if is_dataclass(settings) and not isinstance(settings, type):
        entries = {
            field.name: plain_settings(getattr(settings, field.name)) for field in fields(settings)
        }
        return {"kind": type(settings).__name__} | entries
    if isinstance(settings, dict):
        return {str(key): plain_settings(value) for key, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [plain_settings(value) for value in settings]
    if isinstance(settings, Tensor):
        return f"tensor {tuple(settings.shape)}"
    return settings if type(settings) in PLAIN else f"{type(settings).__name__}"


def _axes_of(attribution: Attribution, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of an attribution: the input's, or those of a coarser grid on the input."""
    if attribution.positions is None:
        return axes
    fine = axes[-len(attribution.positions) :]
    coarse = (
        Axis(axis.name, axis.unit, torch.from_numpy(_interpolated(axis, positions)))
        for axis, positions in zip(fine, attribution.positions, strict=True)
    )
    channels = attribution.values.shape[1]
    channel_axis = (Axis("channel", "", torch.arange(channels)),) if channels > 1 else ()
    return (*channel_axis, *coarse)


def _interpolated(axis: Axis, positions: Tensor) -> np.ndarray:
    """Values of an axis at fractional steps `(positions,)`, in its unit."""
    steps = np.arange(len(axis.values))
    return np.interp(positions.numpy(), steps, axis.values.numpy())
