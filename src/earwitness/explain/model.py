"""What is explained: a network with its front end, its classes and its sampling rate."""

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
"""What makes probabilities `(batch, classes)` of outputs; `AudioModel` says which is for what."""


class AudioModel(nn.Module):
    """Any torch network that hears, ready to be explained.

    Shapes: waves `(batch, samples)` at `rate` Hz -> outputs `(batch, classes)`.
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
        """Join a network with what is needed to read its answers.

        Args:
            network: network inputs -> outputs, `(batch, classes)`; with one class, `(batch,)` too.
            classes: the name of each output.
            rate: sampling rate of the waves, in Hz.
            frontend: waves -> network inputs; left out if the network takes the waves.
            samples: length of the waves it takes; None if it takes any.
            activation: what makes probabilities of outputs: `softmax` for one answer, `sigmoid`
                for tags, `identity` if the network ends in either, `rating` for ratings in
                [0, 1], which a regression may leave.
            output: which of several outputs to explain: an index of a tuple, a key of a mapping.

        Raises:
            InputError: an unknown activation, a rate or a length that is not above zero, or no
                classes or two of one name.
        """
        super().__init__()
        names = tuple(map(str, classes))
        if not names or len(set(names)) < len(names):
            raise InputError(f"classes={list(names)}: give each output a name of its own")
        if rate <= 0 or (samples is not None and samples <= 0):
            raise InputError(f"rate={rate}, samples={samples}: choose them above zero")
        if activation not in ACTIVATIONS:
            raise InputError(f"activation={activation}: choose one of {', '.join(ACTIVATIONS)}")
        needs_choice = output is not None or len(classes) == 1
        self.network = _OneOutput(network, output) if needs_choice else network
        self.frontend = nn.Identity() if frontend is None else frontend
        self.classes = names
        self.rate = rate
        self.samples = samples
        self.activation = activation

    def forward(self, waves: Tensor) -> Tensor:
        """Outputs of a batch of waves.

        Raises:
            InputError: they are not as many as there are classes.
        """
        outputs = self.network(self.frontend(waves))
        self.require(outputs)
        return outputs

    def require(self, outputs: Tensor) -> None:
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
        """The number of the class with the largest output for `(samples,)`.

        Raises:
            InputError: outputs are not as many as there are classes.
        """
        with frozen(self), torch.inference_mode():
            return int(self(wave[None])[0].argmax())

    def probability(self, wave: Tensor, name: str | int) -> float:
        """Probability of the class `name` (or of this number) for `(samples,)`, in [0, 1].

        Raises:
            InputError: there is no such class, or outputs are not as many as there are classes.
        """
        with frozen(self), torch.inference_mode():
            return float(self.probabilities(self(wave[None]))[0, self.class_index(name)])

    def class_index(self, name: str | int) -> int:
        """The number of a class given by its name or its number; InputError if there is none."""
        asked = str(name)
        if asked in self.classes:
            return self.classes.index(asked)
        if asked.isdecimal() and int(asked) < len(self.classes):
            return int(asked)
        raise InputError(f"target {name}: not one of the classes {', '.join(self.classes)}")

    def axes(self, shape: Sequence[int], samples: int) -> tuple[Axis, ...]:
        """Axes of one network input `shape`, made of a wave of `samples`: channels, rows, time.

        A front end says where its rows and frames lie with `frequencies(rate)` in Hz and
        `times(frames, rate)` in s; without, rows are numbered and frames spread evenly. A single
        channel has no axis.
        """
        places = 2 if hasattr(self.frontend, "frequencies") or len(shape) > 2 else 1
        channels = [Axis("channel", "", torch.arange(count)) for count in shape[:-places]]
        rows = [self._rows(length) for length in shape[-places:-1]]
        time = Axis("time", "s", self._times(shape[-1], samples))
        return (*(axis for axis in channels if len(axis.values) > 1), *rows, time)

    def _times(self, frames: int, samples: int) -> Tensor:
        """Where each of `frames` lies, in s."""
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
    """`(any,)` as `(samples,)`, and the sample at which it starts there; None is any length.

    Zeros stand around a shorter wave; of a longer one the middle stretch is kept, and the start
    is negative.
    """
    length = len(wave) if samples is None else samples
    start = (length - len(wave)) // 2
    return nn.functional.pad(wave, (start, length - len(wave) - start)), start


class _OneOutput(nn.Module):
    """A network that answers with one of its outputs, `(batch, classes)`."""

    def __init__(self, network: nn.Module, output: str | int | None) -> None:
        super().__init__()
        self.network = network
        self.output = output

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = self.network(inputs)
        chosen = outputs if self.output is None else outputs[self.output]
        return chosen.reshape(len(chosen), -1)
