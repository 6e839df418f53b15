"""Explanation: the result of every explainer, values on named axes with their metadata."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.files import atomic

PLAIN = (str, int, float, bool, type(None))
"""Types of plain settings, which files can store: these, in lists and dictionaries."""


@dataclass(frozen=True, eq=False)
class Axis:
    """The coordinates of one dimension of an explanation.

    `name` is the quantity ("time", "frequency", "source"), `unit` its unit ("s", "Hz", or "" for
    a plain number), `values` `(length,)` the coordinate of each entry in that unit; `labels` has
    the name of each entry that has one ("drums", "systole") instead of a coordinate.

    Raises:
        InputError: `values` is not one-dimensional, or `labels` differ from it in length.
    """

    name: str
    unit: str
    values: Tensor
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise InputError unless values are one-dimensional and labels as many."""
        if self.values.dim() != 1:
            raise InputError(f"axis {self.name}: values must be 1-d, not {self.values.dim()}-d")
        if self.labels and len(self.labels) != len(self.values):
            raise InputError(
                f"axis {self.name}: {len(self.labels)} labels, {len(self.values)} values"
            )

    @classmethod
    def of_names(cls, name: str, labels: Sequence[str]) -> "Axis":
        """An axis whose entries have names instead of coordinates."""
        return cls(name, "", torch.arange(len(labels)), tuple(labels))


@dataclass(frozen=True, eq=False)
class Explanation:
    """Contribution of each part of one input to the output of one class.

    `values` `(len(axis), ...)` has one dimension for each of `axes`; `target` is the class,
    `probability` the model's for it; `method` and its `settings` (plain data) describe how the
    values were computed. `gap` is the completeness gap: the explained output minus the sum of
    values, in the unit of the values; None for methods that do not distribute an output. `error`,
    shaped like `values`, is the standard error of each where the method draws at random, else
    None. `unit` is the unit of single values where they have one ("probability"), else "".

    Raises:
        InputError: shape, probability or settings do not fit.
    """

    values: Tensor
    axes: tuple[Axis, ...]
    target: str
    probability: float
    method: str
    settings: dict[str, Any]
    gap: float | None
    error: Tensor | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        """Raise InputError for values, probability or settings that do not fit."""
        expected = tuple(len(axis.values) for axis in self.axes)
        if tuple(self.values.shape) != expected:
            names = " x ".join(axis.name for axis in self.axes)
            raise InputError(f"values are {tuple(self.values.shape)}, axes {names} {expected}")
        if self.error is not None and self.error.shape != self.values.shape:
            raise InputError(f"error is {tuple(self.error.shape)}, values are {expected}")
        if not 0 <= self.probability <= 1:
            raise InputError(
                f"probability {self.probability} of {self.target} is not in [0, 1]: "
                "activation=identity is for networks that end in softmax or sigmoid"
            )
        if not _plain(self.settings):
            raise InputError(f"settings of {self.method} must be plain data: {self.settings}")

    def axis(self, name: str) -> Axis:
        """The axis called `name`; InputError if there is none."""
        return self.axes[self._dimension(name)]

    def over_time(self) -> "Explanation":
        """Contribution over time, summed over all other axes; InputError if there is no time."""
        return self.over("time")

    def over_frequency(self) -> "Explanation":
        """Contribution over frequency, summed over all others; InputError if there is none."""
        return self.over("frequency")

    def positive(self) -> "Explanation":
        """The evidence for the class alone: values below zero become zero."""
        return replace(self, values=self.values.clamp(min=0), gap=None, error=None)

    def over(self, name: str) -> "Explanation":
        """The same explanation on the one axis called `name`, summed over all others.

        Standard errors are dropped unless there is nothing to sum, because those of summands
        are not independent.

        Raises:
            InputError: there is no such axis.
        """
        kept = self._dimension(name)
        if len(self.axes) == 1:
            return self
        values = self.values.movedim(kept, 0).reshape(self.values.shape[kept], -1).sum(1)
        return replace(self, values=values, axes=(self.axes[kept],), error=None)

    def save(self, path: str | Path) -> None:
        """Write as plain data, which `torch.load(weights_only=True)` reads."""
        content = vars(self) | {
            # Cloned, because a slice of a batch would store the whole batch.
            "values": self.values.detach().clone(),
            "axes": [vars(axis) | {"values": axis.values.clone()} for axis in self.axes],
            "probability": float(self.probability),
            "gap": None if self.gap is None else float(self.gap),
            "error": None if self.error is None else self.error.detach().clone(),
        }
        with atomic(path) as temporary:
            torch.save(content, temporary)

    @classmethod
    def load(cls, path: str | Path) -> "Explanation":
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing or is not a saved explanation.
        """
        try:
            content = torch.load(path, weights_only=True)
            axes = tuple(Axis(**axis) for axis in content.pop("axes"))
            return cls(axes=axes, **content)
        except Exception as error:  # whatever torch raises for a damaged file
            raise InputError(f"{path}: not a saved explanation; make it again") from error

    def as_lists(self) -> dict[str, Any]:
        """The same as numbers, strings and lists, for JSON."""
        content = vars(self) | {"axes": [vars(axis) for axis in self.axes]}
        return _lists(content)

    def _dimension(self, name: str) -> int:
        """Index of the dimension of an axis; InputError if there is none of that name."""
        names = [axis.name for axis in self.axes]
        if name not in names:
            raise InputError(f"this explanation has no {name} axis, only {', '.join(names)}")
        return names.index(name)


def _plain(value: object) -> bool:
    """Whether a value consists of strings, numbers, lists and dictionaries only."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(entry) for key, entry in value.items())
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    return type(value) in PLAIN


def _lists(value: Any) -> Any:
    """The value with all tensors in it as lists."""
    if isinstance(value, Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _lists(entry) for key, entry in value.items()}
    return [_lists(entry) for entry in value] if isinstance(value, list) else value
