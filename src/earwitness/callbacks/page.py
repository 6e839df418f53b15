"""Entries of an explanation in TensorBoard."""

from dataclasses import dataclass

from matplotlib import style
from matplotlib.figure import Figure
from torch import Tensor
from torch.utils.tensorboard.writer import SummaryWriter

from earwitness.explain.explanation import Explanation
from earwitness.present import listen, plots

SIZE = (4.8, 3.0)
"""Width and height of a figure, in inches."""


@dataclass(frozen=True)
class Page:
    """The entries of one clip at one step, under `explanations/<name>/<clip>`.

    Attributes:
        writer: of the training's event file.
        clip: name of the clip.
        step: number of the training step.
        rate: of the clip, in Hz.
    """

    writer: SummaryWriter
    clip: str
    step: int
    rate: int

    def explanation(self, method: str, explanation: Explanation, wave: Tensor) -> None:
        """Add the figure, the gap and the sound of an explanation of `wave` `(samples,)`.

        Raises:
            InputError: the explanation has neither a time nor a frequency axis, so it has no sound.
        """
        self.writer.add_figure(self._tag(method), explanation_figure(explanation), self.step)
        if explanation.gap is not None:
            self.scalar(f"{method}_gap", explanation.gap)
        self.sound(method, listen.split_by_relevance(explanation, wave, self.rate).relevant)

    def sound(self, name: str, wave: Tensor) -> None:
        """Add a wave `(samples,)`, clipped to [-1, 1]."""
        self.writer.add_audio(self._tag(name), wave.clamp(-1, 1), self.step, self.rate)

    def scalar(self, name: str, value: float) -> None:
        """Add a point to a curve."""
        self.writer.add_scalar(self._tag(name), value, self.step)

    def _tag(self, name: str) -> str:
        """Name of an entry; TensorBoard groups entries by the part before the first slash."""
        return f"explanations/{name}/{self.clip}"


def explanation_figure(explanation: Explanation) -> Figure:
    """A figure of an explanation, with method, class and probability as its title."""
    with style.context(plots.STYLE):
        drawing = Figure(figsize=SIZE)
        panel = drawing.subplots()
        plots.draw_explanation(panel, explanation)
        panel.set_title(f"{explanation.method}: {plots.target_label(explanation)}")
    return drawing
