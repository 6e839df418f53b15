"""The model to explain: a network with its front end, its classes and its sampling rate."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import frozen
from earwitness.explain.explanation import Axis

ACTIVATIONS = {
    "softmax": lambda outputs: outputs.softmax(dim=1),
    "sigmoid": torch.sigmoid,
    "identity": lambda outputs: outputs,
    "rating": lambda outputs: outputs.clamp(0, 1),
}
"""Outputs `(batch, classes)` -> probabilities `(batch, classes)`; see `AudioModel`."""


class AudioModel(nn.Module):
    """Any torch network on sounds, with what explainers need to know of it.

    Shapes: waves `(batch, samples)` at `rate` Hz -> outputs `(batch, classes)`.

    Attributes:
        network: network inputs -> outputs `(batch, classes)`; with one class, `(batch,)` too.
        classes: the name of each output.
        rate: sampling rate of the waves, in Hz.
        frontend: waves -> network inputs; the identity if the network takes waves.
        samples: length of the waves it takes, in samples; None for any length.
        activation: turns outputs into probabilities: `softmax` for exclusive classes, `sigmoid`
            for tags, `identity` if the network ends in either, `rating` for ratings in [0, 1],
            to which the outputs of a regression are clipped.
    """

    def __init__(
        self,
        network: nn.Module,
        classes: Sequence[str],
        rate: int,
        frontend: nn.Module | None = None,
        samples: int | None = None,
        activation: str = "softmax",
        output: str | int | None = None,
    ) -> None:
        """Wrap a network; of several outputs, `output` selects by tuple index or mapping key.

        Raises:
            InputError: an unknown activation, a rate or a length that is not positive, no
                classes, or two classes of the same name.
        """
        super().__init__()
        names = tuple(map(str, classes))
        _require_settings(names, rate, samples, activation)
        needs_choice = output is not None or len(classes) == 1
        self.network = _OneOutput(network, output) if needs_choice else network
        self.frontend = nn.Identity() if frontend is None else frontend
        self.classes = names
        self.rate = rate
        self.samples = samples
        self.activation = activation

    def forward(self, waves: Tensor) -> Tensor:
        """Outputs `(batch, classes)` of waves `(batch, samples)`.

        Raises:
            InputError: the number of outputs differs from the number of classes.
        """
        outputs = self.network(self.frontend(waves))
        self.require_outputs(outputs)
        return outputs

    def require_outputs(self, outputs: Tensor) -> None:
        """Raise InputError unless outputs are `(batch, classes)`."""
        if outputs.dim() != 2 or outputs.shape[1] != len(self.classes):
            raise InputError(
                f"the network returned {tuple(outputs.shape)}, {len(self.classes)} classes are "
                "named: name each of its outputs, or choose one of several by output"
            )

    def probabilities(self, outputs: Tensor) -> Tensor:
        """Outputs `(batch, classes)` -> probability of each class `(batch, classes)`, in [0, 1]."""
        return ACTIVATIONS[self.activation](outputs)

    def predicted_class(self, wave: Tensor) -> int:
        """Index of the class with the largest output for a wave `(samples,)`.

        Raises:
            InputError: the number of outputs differs from the number of classes.
        """
        with frozen(self), torch.inference_mode():
            return int(self(wave[None])[0].argmax())

    def probability(self, wave: Tensor, name: str | int) -> float:
        """Probability in [0, 1] of a class, by name or index, for a wave `(samples,)`.

        Raises:
            InputError: there is no such class, or the number of outputs differs from the number
                of classes.
        """
        with frozen(self), torch.inference_mode():
            return float(self.probabilities(self(wave[None]))[0, self.class_index(name)])

    def class_index(self, name: str | int) -> int:
        """Index of a class given by name or index; InputError if there is none."""
        key = str(name)
        if key in self.classes:
            return self.classes.index(key)
        if key.isdecimal() and int(key) < len(self.classes):
            return int(key)
        raise InputError(f"target {name}: not one of the classes {', '.join(self.classes)}")

    def axes(self, shape: Sequence[int], samples: int) -> tuple[Axis, ...]:
        """Axes (channels, rows, time) of a network input of `shape` from a wave of `samples`.

        A front end gives the positions of its rows with `frequencies(rate)` in Hz and of its
        frames with `times(frames, rate)` in s; without them, rows are numbered and frames spread
        evenly. A single channel has no axis.
        """
        dimensions = 2 if hasattr(self.frontend, "frequencies") or len(shape) > 2 else 1
        channels = [Axis("channel", "", torch.arange(count)) for count in shape[:-dimensions]]
        rows = [self._rows(length) for length in shape[-dimensions:-1]]
        time = Axis("time", "s", self._times(shape[-1], samples))
        return (*(axis for axis in channels if len(axis.values) > 1), *rows, time)

    def _times(self, frames: int, samples: int) -> Tensor:
        """Time of each of `frames` `(frames,)`, in s."""
        known = getattr(self.frontend, "times", None)
        if callable(known):
            return known(frames, self.rate)
        return torch.arange(frames) * samples / frames / self.rate

    def _rows(self, length: int) -> Axis:
        """The axis of a spectrogram's rows."""
        known = getattr(self.frontend, "frequencies", None)
        if callable(known):
            return Axis("frequency", "Hz", known(self.rate))
        return Axis("row", "", torch.arange(length))


def crop_or_pad(wave: Tensor, samples: int | None) -> tuple[Tensor, int]:
    """Crop or pad a wave `(any,)` to `(samples,)` around its centre; None leaves it as it is.

    Also returns the sample of the result at which the wave begins: positive where zeros precede
    a shorter wave, negative where the beginning of a longer one is cut off.
    """
    length = len(wave) if samples is None else samples
    start = (length - len(wave)) // 2
    return nn.functional.pad(wave, (start, length - len(wave) - start)), start


def _require_settings(
    classes: Sequence[str], rate: int, samples: int | None, activation: str
) -> None:
    """Raise InputError unless classes are unique, rate and length positive, activation known."""
    if not classes or len(set(classes)) < len(classes):
        raise InputError(f"classes={list(classes)}: give each output a name of its own")
    if rate <= 0 or (samples is not None and samples <= 0):
        raise InputError(f"rate={rate}, samples={samples}: choose them above zero")
    if activation not in ACTIVATIONS:
        raise InputError(f"activation={activation}: choose one of {', '.join(ACTIVATIONS)}")


class _OneOutput(nn.Module):
    """A network that returns one of its outputs as `(batch, classes)`."""

    def __init__(self, network: nn.Module, output: str | int | None) -> None:
        super().__init__()
        self.network = network
        self.output = output

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = self.network(inputs)
        selected = outputs if self.output is None else outputs[self.output]
        return selected.reshape(len(selected), -1)
